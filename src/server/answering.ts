import type { ReasonCode } from '../authenticator/reason.ts';
import type { Service } from './service.ts';

/** One request's decision id, and the milliseconds since its answer was begun. */
export interface Answering {
  readonly decisionId: string;
  readonly elapsed: () => number;
}

/** Why somebody is refused before anything is decided, in words that name nobody. */
export interface Refusal {
  readonly code: ReasonCode;
  readonly why: string;
}

/** Begins an answer. */
export function beginAnswer({ newDecisionId, ticks }: Service): Answering {
  const started = ticks();
  return { decisionId: newDecisionId(), elapsed: () => ticks() - started };
}

/** Logs and counts a refusal. */
export function tellRefusal(
  { code, why }: Refusal,
  { decisionId, elapsed }: Answering,
  { log, metrics }: Service,
): void {
  log.refused(decisionId, { code, why });
  metrics.undecided('refused', { durationMs: elapsed(), code });
}

/** Logs and counts a fault of ours, and says what the client is told of it. */
export function tellFault(
  error: unknown,
  { decisionId, elapsed }: Answering,
  { log, metrics }: Service,
): Refusal {
  const code = 'internal/error';
  log.failed(decisionId, error);
  metrics.undecided('error', { durationMs: elapsed(), code });
  return { code, why: 'the request could not be decided' };
}
