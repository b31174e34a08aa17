import type { UserInfo } from '../identity/user-info.ts';
import type { Certificate } from '../x509/certificate.ts';
import type { Decision, Step } from './decision.ts';
import { describeWithNames, type Reason } from './reason.ts';

/** A decision as JSON: `schemas/decision.schema.json` is its contract. */
export interface DecisionJson {
  readonly decisionId: string;
  /** RFC 3339. */
  readonly at: string;
  readonly outcome: Decision['outcome'];
  readonly possession: Decision['possession'];
  readonly entry?: { readonly index: number; readonly name: string };
  readonly user?: UserJson;
  readonly reason?: ReasonJson;
  readonly passed: readonly { readonly index: number; readonly name: string; readonly reason: ReasonJson }[];
  readonly steps: readonly Step[];
  readonly path?: readonly CertificateJson[];
}

/** A user as Kubernetes' APIs have it: empty members are left out. */
export interface UserJson {
  readonly username: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

export interface ReasonJson {
  readonly code: string;
  readonly message: string;
}

export interface CertificateJson {
  readonly subject: readonly AttributeJson[];
  readonly issuer: readonly AttributeJson[];
  /** Lower-case hex. */
  readonly serial: string;
  readonly notBefore: string;
  readonly notAfter: string;
  readonly fingerprint: string;
}

/** One attribute of a name, by its OID; never a printed name, from which attributes would have to be parsed. */
export interface AttributeJson {
  readonly type: string;
  readonly value: string;
}

/** Writes a decision as JSON. */
export function toDecisionJson(decisionId: string, decision: Decision): DecisionJson {
  const { at, outcome, possession, entry, path, passed, steps } = decision;
  return {
    decisionId,
    at: new Date(at).toISOString(),
    outcome,
    possession,
    ...(entry !== undefined && { entry: { index: entry.index, name: entry.issuerName } }),
    ...(decision.outcome === 'authenticated' && { user: toUserJson(decision.user) }),
    ...(decision.outcome !== 'authenticated' && { reason: toReasonJson(decision.reason) }),
    passed: passed.map(({ entry, reason }) => ({
      index: entry.index,
      name: entry.issuerName,
      reason: toReasonJson(reason),
    })),
    steps,
    ...(path !== undefined && { path: path.certificates.map(toCertificateJson) }),
  };
}

/** Writes a user as Kubernetes' own encoder does: empty members are left out, the keys of `extra` are sorted. */
export function toUserJson({ username, uid, groups, extra }: UserInfo): UserJson {
  const sorted = [...extra].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    username,
    ...(uid !== '' && { uid }),
    ...(groups.length > 0 && { groups }),
    ...(sorted.length > 0 && { extra: Object.fromEntries(sorted) }),
  };
}

function toReasonJson(reason: Reason): ReasonJson {
  return { code: reason.code, message: describeWithNames(reason) };
}

function toCertificateJson(certificate: Certificate): CertificateJson {
  const { subject, issuer, serialNumber, notBefore, notAfter, fingerprint } = certificate;
  return {
    subject: subject.attributes,
    issuer: issuer.attributes,
    serial: serialNumber.toString(16),
    notBefore: new Date(notBefore).toISOString(),
    notAfter: new Date(notAfter).toISOString(),
    fingerprint,
  };
}
