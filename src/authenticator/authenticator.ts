import type { Program } from '../cel/compile.ts';
import type { PathVerifier } from '../x509/path-verifier.ts';
import type { TrustBundle } from '../x509/trust-bundle.ts';

/** What becomes of a request when a request or user rule cannot be evaluated: it passes the rule, or is denied. */
export type EvaluationFailurePolicy = 'Open' | 'Closed';

/** A compiled rule: `program` gives a bool. */
export interface Rule {
  readonly expression: string;
  readonly message: string;
  readonly program: Program;
}

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
  readonly userRules: readonly Rule[];
  readonly evaluationFailurePolicy: EvaluationFailurePolicy;
}

/** The compiled configuration, frozen. `paths` remembers what it verified for as long as this lives. */
export interface Authenticator {
  readonly entries: readonly Entry[];
  readonly paths: PathVerifier;
}
