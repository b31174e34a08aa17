import { createHash } from 'node:crypto';
import type { Config, RevocationFile } from '../config/types.ts';
import type { Certificate } from '../x509/certificate.ts';
import { entryTexts } from './advise/entry-texts.ts';
import { worstCaseOf } from './advise/worst-case.ts';
import type { Authenticator, Entry, Mapping, Rule } from './authenticator.ts';
import type { RuleKind } from './reason.ts';

/** What a configuration means, for review: `schemas/compiled.schema.json` is its contract. It depends on nothing but its inputs. */
export interface CompiledPolicy {
  /** `sha256:` and the lower-case hex of the file's bytes, as kube-apiserver's metrics have it. */
  readonly configHash: string;
  readonly entries: readonly CompiledEntry[];
}

export interface CompiledEntry {
  readonly id: string;
  readonly issuerName: string;
  /** Sorted by key. */
  readonly anchors: readonly CompiledAnchor[];
  /** Whose the anchors are: with the server's, the issuing certificate must be one of them itself. */
  readonly anchorsOf: 'entry' | 'server';
  readonly rules: readonly CompiledRule[];
  readonly mapping: CompiledMapping;
  readonly workload?: CompiledWorkload;
  readonly evaluationFailurePolicy: 'Open' | 'Closed';
  /** By what certificates of the entry are revoked, and what follows where its CRLs are out of date. */
  readonly revocation?: { readonly files: readonly CompiledFile[]; readonly onStale: 'Deny' | 'Allow' };
  /** Present where kube-apiserver verifies the entry's session tokens itself. */
  readonly sessions?: 'native';
}

/** A revocation list or CRL, by the names in the configuration; what is in it changes without this. */
export interface CompiledFile {
  readonly file: string;
  readonly issuerFile?: string;
}

export interface CompiledAnchor {
  readonly subject: readonly { readonly type: string; readonly value: string }[];
  readonly spkiSHA256: string;
  /** RFC 3339. */
  readonly notAfter: string;
}

export interface CompiledRule {
  readonly kind: RuleKind;
  readonly index: number;
  readonly expression: string;
  readonly message: string;
  readonly type: string;
  readonly variables: readonly string[];
  /** The most that it was seen to cost on the largest inputs that a certificate can bring. */
  readonly estimatedCost: number;
}

/** Kubernetes' own mapping, or expressions by field, or a workload profile. */
export type CompiledMapping =
  | { readonly kind: 'kubernetes' | 'workload' }
  | {
      readonly kind: 'claims';
      readonly expressions: Readonly<Record<string, string>>;
      readonly systemIdentities: 'allowed' | 'refused';
    };

export interface CompiledWorkload {
  readonly profile: string;
  readonly trustDomain: string;
  readonly federatedTrustDomains: readonly {
    readonly name: string;
    readonly anchors: readonly CompiledAnchor[];
  }[];
}

/** What the configuration in these bytes means, as it was compiled. */
export function toCompiledPolicy(
  { entries }: Authenticator,
  { x509 }: Config,
  bytes: Uint8Array,
): CompiledPolicy {
  const configHash = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  const filesOf = ({ index }: Entry): readonly RevocationFile[] => x509[index]?.revocation.files ?? [];
  return { configHash, entries: entries.map((entry) => toCompiledEntry(entry, filesOf(entry))) };
}

/** A policy as JSON with its keys sorted, so that the same policy is the same text. */
export function formatCompiledPolicy(policy: CompiledPolicy): string {
  return `${JSON.stringify(sortKeys(policy), null, 2)}\n`;
}

/** The value with the keys of its objects in order. */
export function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sortKeys(item)]));
}

function toCompiledEntry(entry: Entry, files: readonly RevocationFile[]): CompiledEntry {
  const { id, issuerName, anchors, anchorsOf, mapping, evaluationFailurePolicy, revocation, sessions } =
    entry;
  const rulesOf = (kind: RuleKind, rules: readonly Rule[]): readonly CompiledRule[] =>
    rules.map((rule, index) => toCompiledRule(entry, rule, { kind, index }));
  return {
    id,
    issuerName,
    anchors: toAnchors(anchors.anchors),
    anchorsOf,
    rules: [
      ...rulesOf('request', entry.requestRules),
      ...rulesOf('certificate', entry.certificateRules),
      ...rulesOf('user', entry.userRules),
    ],
    mapping: toCompiledMapping(mapping),
    ...(mapping.kind === 'workload' && {
      workload: {
        profile: mapping.profile,
        trustDomain: mapping.trustDomain,
        federatedTrustDomains: mapping.federated.map((domain) => {
          return { name: domain.trustDomain, anchors: toAnchors(domain.anchors.anchors) };
        }),
      },
    }),
    evaluationFailurePolicy,
    ...(revocation !== undefined && {
      revocation: { files: files.map(toCompiledFile), onStale: revocation.onStale },
    }),
    ...(sessions === 'native' && { sessions }),
  };
}

function toCompiledFile({ file, issuerFile }: RevocationFile): CompiledFile {
  return { file, ...(issuerFile !== '' && { issuerFile }) };
}

function toAnchors(anchors: readonly Certificate[]): readonly CompiledAnchor[] {
  const compiled = anchors.map(({ subject, publicKey, notAfter }) => ({
    subject: subject.attributes.map(({ type, value }) => ({ type, value })),
    spkiSHA256: createHash('sha256').update(publicKey.spki).digest('hex'),
    notAfter: new Date(notAfter).toISOString(),
  }));
  return compiled.sort((a, b) => (a.spkiSHA256 + a.notAfter < b.spkiSHA256 + b.notAfter ? -1 : 1));
}

function toCompiledRule(
  entry: Entry,
  { expression, message, program }: Rule,
  place: { readonly kind: RuleKind; readonly index: number },
): CompiledRule {
  // The instant only says when the made-up certificates are valid.
  const { cost } = worstCaseOf(program, place.kind, { entry, texts: entryTexts(entry), at: 0 });
  const { resultType: type, reads: variables } = program;
  return { ...place, expression, message, type, variables, estimatedCost: cost };
}

function toCompiledMapping(mapping: Mapping): CompiledMapping {
  if (mapping.kind !== 'claims') return { kind: mapping.kind };
  const { username, groups, uid, extra, systemIdentities } = mapping;
  const expressions: Record<string, string> = { username: username.expression };
  if (groups !== undefined) expressions['groups'] = groups.expression;
  if (uid !== undefined) expressions['uid'] = uid.expression;
  for (const { key, program } of extra) expressions[`extra[${key}]`] = program.expression;
  return { kind: 'claims', expressions, systemIdentities };
}
