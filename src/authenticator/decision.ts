import type { UserInfo } from '../identity/user-info.ts';
import type { VerifiedPath } from '../x509/path.ts';
import type { Entry, EvaluationFailurePolicy } from './authenticator.ts';
import type { Possession } from './evidence.ts';
import type { Reason } from './reason.ts';

/** The stages that an entry judges a request by, in order. */
export type Stage = 'possession' | 'revocation' | 'request' | 'mapping' | 'certificate' | 'user';

/** What one stage, or one rule of a stage, found. */
export interface Step {
  readonly stage: Stage;
  /** The rule's index in its list, and its expression. */
  readonly index?: number;
  readonly expression?: string;
  /** `skipped`: not evaluated, because what the rule reads is not known. */
  readonly result: boolean | 'error' | 'skipped';
  readonly error?: string;
  /** What was made of an evaluation error: `Open` let the request pass the rule. */
  readonly policy?: EvaluationFailurePolicy;
  /** CEL cost units. */
  readonly cost?: number;
  /** The rule's own message. */
  readonly message?: string;
}

/** An entry that did not take the request, and why. */
export interface PassedEntry {
  readonly entry: Entry;
  readonly reason: Reason;
}

interface DecisionBase {
  /** When it was decided: milliseconds since the epoch. */
  readonly at: number;
  readonly possession: Possession['kind'];
  readonly passed: readonly PassedEntry[];
  readonly steps: readonly Step[];
}

/** What was decided, with every step that led there. */
export type Decision =
  | (DecisionBase & {
      readonly outcome: 'authenticated';
      readonly entry: Entry;
      readonly path: VerifiedPath;
      readonly user: UserInfo;
    })
  | (DecisionBase & {
      readonly outcome: 'denied';
      readonly entry: Entry;
      readonly path: VerifiedPath;
      readonly reason: Reason;
    })
  | (DecisionBase & {
      readonly outcome: 'no-opinion';
      readonly reason: Reason;
      /** The entry that took the request and had no user for it; absent where no entry took it. */
      readonly entry?: Entry;
      readonly path?: VerifiedPath;
    });
