import type { Authenticator } from '../authenticator/authenticator.ts';
import type { NativeJudge } from '../authenticator/native-judge.ts';
import type { DecisionMetrics } from './decision-metrics.ts';
import type { SessionKeys } from '../credential/session-key.ts';
import type { Log } from './log.ts';
import type { NativeMetrics } from './native-metrics.ts';
import type { RefusedTokens } from './refused-tokens.ts';

/** How sessions are signed. `keys()` are those in force. */
export interface Sessions {
  readonly keys: () => SessionKeys;
  /** Whose name native sessions bear; absent: there are none. */
  readonly issuerUrl?: string;
}

/** What `/authorize` is answered from. `judge()` is of the policy in force; a request keeps the one it began with. */
export interface NativeService {
  readonly judge: () => NativeJudge;
  readonly metrics: NativeMetrics;
}

/** What requests are answered from. `authenticator()` is the one in force; a request keeps the one it began with. */
export interface Service {
  readonly authenticator: () => Authenticator;
  readonly audiences: readonly string[];
  readonly refusedTokens: RefusedTokens;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds of a clock that never steps, for durations. */
  readonly ticks: () => number;
  readonly newDecisionId: () => string;
  readonly log: Log;
  readonly metrics: DecisionMetrics;
  /** Absent: nobody is given a session, and none is accepted. */
  readonly sessions?: Sessions;
  /** Without it there is no `/authorize`. */
  readonly native?: NativeService;
}
