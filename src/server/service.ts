import type { Authenticator } from '../authenticator/authenticator.ts';
import type { Log } from './log.ts';
import type { RefusedTokens } from './refused-tokens.ts';

/** What requests are answered from. `authenticator()` is the one in force; a request keeps the one it began with. */
export interface Service {
  readonly authenticator: () => Authenticator;
  readonly audiences: readonly string[];
  readonly refusedTokens: RefusedTokens;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly newDecisionId: () => string;
  readonly log: Log;
}
