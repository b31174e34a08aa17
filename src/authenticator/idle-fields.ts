import type { Issue } from '../config/issue.ts';
import type { Config, ConfigSource, X509Entry } from '../config/types.ts';

/** Fields that are set and have no effect: a reader of the file would think that they had. */
export function findIdleFields({ x509, source }: Config): readonly Issue[] {
  return x509.flatMap((entry, index) =>
    idleFieldsOf(entry).map(([field, why]) => toIdleField(`x509[${index}].${field}`, why, source)),
  );
}

/** The issuers that are named for RevocationLists, at these paths. */
export function toIdleIssuers(paths: readonly string[], source: ConfigSource): readonly Issue[] {
  const why = 'the file is a RevocationList, whose items name their issuers themselves; it is for a CRL';
  return paths.map((path) => toIdleField(path, why, source));
}

function toIdleField(path: string, why: string, source: ConfigSource): Issue {
  const message = `${path}: has no effect: ${why}`;
  return { id: 'entry/idle-field', path, severity: 'warning', message, ...source.locate(path) };
}

function idleFieldsOf({
  claimMappings,
  workload,
  allowSystemIdentities,
}: X509Entry): readonly (readonly [string, string])[] {
  const idle: [string, string][] = [];
  if (allowSystemIdentities && claimMappings === undefined) {
    idle.push(['allowSystemIdentities', 'it limits claimMappings, and the entry has none']);
  }
  if (workload?.profile === 'PodIdentity' && workload.trustDomain !== '') {
    idle.push(['workload.trustDomain', 'a certificate with a PodIdentity extension has no SPIFFE ID']);
  }
  return idle;
}
