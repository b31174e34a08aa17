import type { Step } from './decision.ts';
import type { NativeReason } from './native-reason.ts';

/** The stages of a verdict, in order. */
export type NativeStage = 'credential' | 'revocation' | 'inventory' | 'certificate' | 'user';

/** What one stage found, of one certificate where the stage is about certificates, or of one rule. */
export interface NativeStep extends Omit<Step, 'stage'> {
  readonly stage: NativeStage;
  readonly fingerprint?: string;
}

interface NativeVerdictBase {
  /** When it was reached: milliseconds since the epoch. */
  readonly at: number;
  /** Of the certificates that were judged, in lower-case hex. */
  readonly fingerprints: readonly string[];
  readonly steps: readonly NativeStep[];
}

/**
 * What became of a user: `not-concerned` who came without a certificate, and `no-opinion` of one whom nothing speaks against, are
 * the same to kube-apiserver. There is no verdict that allows anything.
 */
export type NativeVerdict =
  | (NativeVerdictBase & { readonly outcome: 'not-concerned' | 'no-opinion' })
  | (NativeVerdictBase & { readonly outcome: 'denied'; readonly reason: NativeReason });
