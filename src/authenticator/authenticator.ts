import type { Program } from '../cel/compile.ts';
import type { SystemIdentities } from '../identity/mapped-user.ts';
import type { ProfileName } from '../identity/profile.ts';
import type { PathVerifier } from '../x509/path-verifier.ts';
import type { Revocations } from '../x509/revocation.ts';
import type { TrustBundle } from '../x509/trust-bundle.ts';

/** What becomes of a request when a request or user rule cannot be evaluated: it passes the rule, or is denied. */
export type EvaluationFailurePolicy = 'Open' | 'Closed';

/** A compiled rule: `program` gives a bool. */
export interface Rule {
  readonly expression: string;
  readonly message: string;
  readonly program: Program;
}

/** Expressions over `cert` that make the user; those that are not configured are absent. */
export interface ClaimMappings {
  readonly kind: 'claims';
  readonly username: Program;
  readonly groups: Program | undefined;
  readonly uid: Program | undefined;
  readonly extra: readonly { readonly key: string; readonly program: Program }[];
  readonly systemIdentities: SystemIdentities;
}

/** A trust domain other than the cluster's, and the anchors that vouch for its identities. */
export interface FederatedDomain {
  readonly trustDomain: string;
  readonly anchors: TrustBundle;
}

/** A workload profile; the trust domain, whose anchors are the entry's own, is empty where none is configured. */
export interface WorkloadMapping {
  readonly kind: 'workload';
  readonly profile: ProfileName;
  readonly trustDomain: string;
  readonly federated: readonly FederatedDomain[];
}

/** How a certificate becomes a user. */
export type Mapping = { readonly kind: 'kubernetes' } | ClaimMappings | WorkloadMapping;

/** One compiled `x509` entry. */
export interface Entry {
  readonly index: number;
  /** `x509[i]/<issuer.name>`: the entry in logs and metrics. */
  readonly id: string;
  readonly issuerName: string;
  readonly anchors: TrustBundle;
  /** Whose the anchors are: the entry's own, or the server's, which other entries may share. */
  readonly anchorsOf: 'entry' | 'server';
  readonly requestRules: readonly Rule[];
  readonly mapping: Mapping;
  readonly certificateRules: readonly Rule[];
  readonly userRules: readonly Rule[];
  /** What revokes certificates of this entry; absent where nothing does. */
  readonly revocation?: Revocation;
  readonly evaluationFailurePolicy: EvaluationFailurePolicy;
  /** Of the entry's configuration and anchors, but of no revocation file: what a session was decided by. */
  readonly hash: string;
  /** Whether session tokens of this entry are `native` to kube-apiserver, which verifies them itself, or ours to verify. */
  readonly sessions: 'native' | 'opaque';
}

/** Revoked certificates, and what follows where no CRL of an issuer is current. */
export interface Revocation {
  readonly revocations: Revocations;
  readonly onStale: 'Deny' | 'Allow';
}

/** The compiled configuration, frozen. `paths` remembers what it verified for as long as this lives. */
export interface Authenticator {
  readonly entries: readonly Entry[];
  readonly paths: PathVerifier;
}
