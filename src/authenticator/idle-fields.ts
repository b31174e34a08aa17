import type { Issue } from '../config/issue.ts';
import type { Config, X509Entry } from '../config/types.ts';

/** Fields that are set and have no effect: a reader of the file would think that they had. */
export function findIdleFields({ x509, source }: Config): readonly Issue[] {
  return x509.flatMap((entry, index) =>
    idleFieldsOf(entry).map(([field, why]) => {
      const path = `x509[${index}].${field}`;
      const message = `${path}: has no effect: ${why}`;
      return { id: 'entry/idle-field', path, severity: 'warning' as const, message, ...source.locate(path) };
    }),
  );
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
