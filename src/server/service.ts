import type { Authenticator } from '../authenticator/authenticator.ts';
import type { NativeJudge } from '../authenticator/native-judge.ts';
import type { DecisionMetrics } from './decision-metrics.ts';
import type { Log } from './log.ts';
import type { NativeMetrics } from './native-metrics.ts';
import type { RefusedTokens } from './refused-tokens.ts';

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
  /** Without it there is no `/authorize`. */
  readonly native?: NativeService;
}
