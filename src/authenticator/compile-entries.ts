import type { Program } from '../cel/compile.ts';
import type { ValidationRule, X509Entry } from '../config/types.ts';
import type { Certificate } from '../x509/certificate.ts';
import { createRevocations } from '../x509/revocation.ts';
import {
  type AbsentFiles,
  type Anchors,
  findSharedIssuers,
  type ReadFile,
  readAnchors,
  readServerAnchors,
} from './anchors.ts';
import type { Entry, Revocation, Rule } from './authenticator.ts';
import { compileMapping, toMapping } from './compile-mapping.ts';
import { compileRule } from './compile-rule.ts';
import { hashEntry } from './entry-hash.ts';
import { type FieldError, forbidden } from './field-error.ts';
import {
  NO_REVOCATION_SOURCES,
  type ReadRevocations,
  type RevocationSources,
  readRevocationFiles,
} from './read-revocation-files.ts';
import { findTrustDomainConflicts, trustDomainsOf } from './trust-domain-anchors.ts';
import { validateX509 } from './validate-x509.ts';
import type { X509Checks } from './x509-checks.ts';

/** The files that entries are compiled with. */
export interface EntryInputs {
  readonly readFile: ReadFile;
  readonly certificateAuthorityFile?: string;
  readonly revocationFiles?: readonly string[];
  /** Absent: `refused`. */
  readonly absentFiles?: AbsentFiles;
}

export type CompiledEntries =
  | {
      readonly ok: true;
      readonly entries: readonly Entry[];
      /** The paths of issuers that are named for RevocationLists. */
      readonly idleIssuers: readonly string[];
    }
  | { readonly ok: false; readonly errors: readonly FieldError[] };

/** Compiles `x509` entries, or gives every error of theirs. */
export function compileEntries(entries: readonly X509Entry[], inputs: EntryInputs): CompiledEntries {
  const { errors, parts } = compileParts(entries, inputs);
  if (errors.length > 0) return { ok: false, errors };
  return {
    ok: true,
    entries: entries.map((entry, index) => toEntry(index, entry, parts)),
    idleIssuers: [...parts.revocations.values()].flatMap(({ idleIssuers }) => idleIssuers),
  };
}

/** What entries are made of: programs and anchors by the path of their rule or field, revocation sources by entry. */
interface Parts {
  readonly programs: Map<string, Program>;
  readonly anchors: Map<string, Anchors>;
  readonly revocations: Map<number, ReadRevocations>;
  readonly serverRevocations: RevocationSources;
}

function compileParts(
  entries: readonly X509Entry[],
  inputs: EntryInputs,
): { readonly errors: readonly FieldError[]; readonly parts: Parts } {
  const parts = { programs: new Map(), anchors: new Map(), revocations: new Map() };
  const errors = [
    ...validateX509(entries, checksThatKeep(parts, inputs)),
    ...findSharedIssuers(entries, parts.anchors),
    ...findTrustDomainConflicts(trustDomainsOf(entries, parts.anchors)),
  ];
  const { readFile, revocationFiles = [], absentFiles = 'refused' } = inputs;
  const files = revocationFiles.map((file) => ({ file, issuerFile: '' }));
  const reading = { readFile, absentFiles, issuers: authoritiesOf('x509[', parts.anchors) };
  const server = readRevocationFiles('--revocation-file', files, reading);
  return {
    // The server's anchors are as bad for one entry as for another.
    errors: [...new Set(errors), ...server.errors, ...findUncheckedSessions(entries, server.sources)],
    parts: { ...parts, serverRevocations: server.sources },
  };
}

/** What the server's lists revoke, nothing would check in a session that kube-apiserver verifies itself. */
function findUncheckedSessions(
  entries: readonly X509Entry[],
  { lists, crls }: RevocationSources,
): readonly FieldError[] {
  if (lists.length === 0 && crls.length === 0) return [];
  const detail = 'may not be true together with --revocation-file: nothing would check it';
  return entries.flatMap(({ session }, index) =>
    session.native ? [forbidden(`x509[${index}].session.native`, detail)] : [],
  );
}

/** Validates by compiling and reading, and keeps what comes of it. */
function checksThatKeep(
  { programs, anchors, revocations }: Omit<Parts, 'serverRevocations'>,
  { readFile, certificateAuthorityFile, absentFiles = 'refused' }: EntryInputs,
): X509Checks {
  const reading = { readFile, absentFiles };
  const sources = { ...reading, server: readServerAnchors(certificateAuthorityFile, reading) };
  // Entries often have rules in common, and a program has no state: each expression is compiled once a kind.
  const known = new Map<string, Program>();
  return {
    compileRule(rule) {
      const key = `${rule.kind} ${rule.rule.expression}`;
      const program = known.get(key);
      const result = program === undefined ? compileRule(rule) : { ok: true as const, program };
      if (!result.ok) return result.error;
      known.set(key, result.program);
      programs.set(rule.path, result.program);
      return undefined;
    },
    compileMapping(mapping) {
      const result = compileMapping(mapping);
      if (!result.ok) return result.error;
      programs.set(mapping.path, result.program);
      return undefined;
    },
    readAnchors(path, source) {
      const result = readAnchors(path, source, sources);
      if (!result.ok) return result.error;
      anchors.set(path, result.anchors);
      return undefined;
    },
    readRevocation(index, { revocation }) {
      const issuers = authoritiesOf(`x509[${index}].`, anchors);
      if (issuers.length === 0) return [];
      const path = `x509[${index}].revocation.files`;
      const result = readRevocationFiles(path, revocation.files, { ...reading, issuers });
      revocations.set(index, result);
      return result.errors;
    },
  };
}

/** The anchors of everything whose path begins so: of an entry, its own and those of its federated trust domains. */
function authoritiesOf(pathPrefix: string, anchors: ReadonlyMap<string, Anchors>): readonly Certificate[] {
  const ofPrefix = [...anchors].filter(([path]) => path.startsWith(pathPrefix));
  return ofPrefix.flatMap(([, { bundle }]) => bundle.anchors);
}

/** What the anchors of an entry are now, its own and those of its federated trust domains. */
function generationsOf(pathPrefix: string, anchors: ReadonlyMap<string, Anchors>): readonly string[] {
  const ofPrefix = [...anchors].filter(([path]) => path.startsWith(pathPrefix));
  return ofPrefix.map(([path, { bundle }]) => `${path} ${bundle.generation}`);
}

function toEntry(index: number, entry: X509Entry, parts: Parts): Entry {
  const path = `x509[${index}]`;
  const programAt = (path: string): Program => partAt(path, parts.programs);
  const anchorsAt = (path: string): Anchors => partAt(path, parts.anchors);
  const own = anchorsAt(`${path}.issuer`);
  const toRules = (list: string, rules: readonly ValidationRule[]): readonly Rule[] =>
    rules.map(({ expression, message }, index) =>
      Object.freeze({ expression, message, program: programAt(`${path}.${list}[${index}]`) }),
    );
  const revocation = toRevocation(index, entry, parts);
  return Object.freeze({
    index,
    id: `${path}/${entry.issuer.name}`,
    issuerName: entry.issuer.name,
    anchors: own.bundle,
    anchorsOf: own.anchorsOf,
    ...(revocation !== undefined && { revocation }),
    requestRules: toRules('requestValidationRules', entry.requestValidationRules),
    mapping: toMapping(path, entry, { programAt, anchorsAt: (path) => anchorsAt(path).bundle }),
    certificateRules: toRules('certificateValidationRules', entry.certificateValidationRules),
    userRules: toRules('userValidationRules', entry.userValidationRules),
    evaluationFailurePolicy: entry.evaluationFailurePolicy === 'Closed' ? 'Closed' : 'Open',
    hash: hashEntry(entry, generationsOf(`${path}.`, parts.anchors)),
    sessions: entry.session.native ? 'native' : 'opaque',
  });
}

function partAt<T>(path: string, parts: ReadonlyMap<string, T>): T {
  const part = parts.get(path);
  if (part === undefined) throw new Error(`${path} was not compiled`);
  return part;
}

/** What revokes an entry's certificates: its own files and the server's. */
function toRevocation(index: number, { revocation }: X509Entry, parts: Parts): Revocation | undefined {
  const own = parts.revocations.get(index)?.sources ?? NO_REVOCATION_SOURCES;
  const lists = [...own.lists, ...parts.serverRevocations.lists];
  const crls = [...own.crls, ...parts.serverRevocations.crls];
  if (lists.length === 0 && crls.length === 0) return undefined;
  const onStale = revocation.onStale === 'Allow' ? 'Allow' : 'Deny';
  return Object.freeze({ revocations: createRevocations({ lists, crls }), onStale });
}
