import { Counter, exponentialBuckets, Histogram, type Registry } from 'prom-client';
import type { Decision } from '../authenticator/decision.ts';
import { METRIC_PREFIX as PREFIX } from './metric-prefix.ts';

/** What became of a token: a decision's outcome; it did not open; it is of another kind; or a fault of ours. */
export type AttemptResult = Decision['outcome'] | 'refused' | 'foreign' | 'error';

export const ATTEMPT_RESULTS: readonly AttemptResult[] = [
  'authenticated',
  'denied',
  'no-opinion',
  'refused',
  'foreign',
  'error',
];

/** The series that decisions are counted in. */
export interface DecisionCounters {
  readonly attempts: Counter<'result' | 'entry'>;
  readonly duration: Histogram<'result' | 'entry'>;
  readonly refusals: Counter<'code' | 'entry'>;
  readonly rules: Counter<'entry' | 'kind' | 'rule' | 'outcome'>;
  readonly failedOpen: Counter<'entry' | 'kind' | 'rule'>;
  readonly costLimit: Counter<'entry' | 'kind'>;
  readonly anchorUses: Counter<'entry' | 'anchor'>;
  readonly lifetime: Histogram;
}

/** kube-apiserver's own, in seconds: those of authentication_duration_seconds … */
const DURATIONS = exponentialBuckets(0.001, 2, 15);

/** … and those of apiserver_client_certificate_expiration_seconds. */
const LIFETIMES = [
  0, 1800, 3600, 7200, 21_600, 43_200, 86_400, 172_800, 345_600, 604_800, 2_592_000, 7_776_000, 15_552_000,
  31_104_000,
];

export function registerDecisionCounters(registry: Registry): DecisionCounters {
  const named = (name: string, help: string) => ({ registers: [registry], name: `${PREFIX}${name}`, help });
  return {
    attempts: new Counter({
      ...named(
        'authentication_attempts_total',
        'Tokens, by what became of them and the entry that took them.',
      ),
      labelNames: ['result', 'entry'],
    }),
    duration: new Histogram({
      ...named('authentication_duration_seconds', 'Seconds from a review that was read to its answer.'),
      labelNames: ['result', 'entry'],
      buckets: DURATIONS,
    }),
    refusals: new Counter({
      ...named('refusals_total', 'Tokens of ours that logged nobody in, by reason code and entry.'),
      labelNames: ['code', 'entry'],
    }),
    rules: new Counter({
      ...named('rule_evaluations_total', 'Evaluations of rules, by what they came to.'),
      labelNames: ['entry', 'kind', 'rule', 'outcome'],
    }),
    failedOpen: new Counter({
      ...named('rules_failed_open_total', 'Rules that could not be evaluated and let the request pass.'),
      labelNames: ['entry', 'kind', 'rule'],
    }),
    costLimit: new Counter({
      ...named('cost_limit_exceeded_total', 'Requests denied because an expression reached the cost limit.'),
      labelNames: ['entry', 'kind'],
    }),
    anchorUses: new Counter({
      ...named('anchor_uses_total', 'Logins by the anchor that their certificate came from.'),
      labelNames: ['entry', 'anchor'],
    }),
    lifetime: new Histogram({
      ...named(
        'client_certificate_expiration_seconds',
        'Seconds that certificates had left when they logged in.',
      ),
      buckets: LIFETIMES,
    }),
  };
}
