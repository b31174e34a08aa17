import { Counter, type Registry } from 'prom-client';
import type { Judgement } from '../authenticator/native-judge.ts';
import type { NativePolicy } from '../authenticator/native-policy.ts';
import type { NativeReason } from '../authenticator/native-reason.ts';
import type { NativeVerdict } from '../authenticator/native-verdict.ts';

/** Counts what becomes of reviews of native client certificates. */
export interface NativeMetrics {
  count(judgement: Judgement): void;
  /** A review that was denied because it is too large to be read. */
  countUnread(): void;
  /** A policy is in force from now on: the series of its rules begin at 0, so that their first increase is seen. */
  follow(policy: NativePolicy): void;
}

const PREFIX = 'kube_x509_authn_native_';

const OUTCOMES: readonly NativeVerdict['outcome'][] = ['denied', 'no-opinion', 'not-concerned'];

const UNREAD = 'request/too-large';

const CODES: readonly (NativeReason['code'] | typeof UNREAD)[] = [
  'certificate/unreadable-id',
  'revocation/revoked',
  'revocation/stale',
  'certificate/unknown',
  'certificate/denied',
  'certificate/evaluation-error',
  'user/denied',
  'user/evaluation-error',
  'cel/cost-limit',
  'internal/fault',
  UNREAD,
];

/** Metrics of `/authorize`, in a server's registry. Labels are from closed sets. */
export function createNativeMetrics(registry: Registry): NativeMetrics {
  const registers = [registry];
  const reviews = new Counter({
    registers,
    name: `${PREFIX}reviews_total`,
    help: 'SubjectAccessReviews by outcome; not-concerned are users who came without a client certificate.',
    labelNames: ['outcome'],
  });
  const denials = new Counter({
    registers,
    name: `${PREFIX}denials_total`,
    help: 'SubjectAccessReviews that were denied, by reason.',
    labelNames: ['code'],
  });
  const verdicts = new Counter({
    registers,
    name: `${PREFIX}verdict_cache_total`,
    help: 'Verdicts on users with a client certificate, remembered (hit) or reached anew (miss).',
    labelNames: ['status'],
  });
  const failedOpen = new Counter({
    registers,
    name: `${PREFIX}rules_failed_open_total`,
    help: 'User rules of the native policy that could not be evaluated and let the user pass, when a verdict was reached anew.',
    labelNames: ['rule'],
  });
  // Bound once: finding a counter by its labels costs as much as the judgement.
  const byOutcome = new Map(OUTCOMES.map((outcome) => [outcome, reviews.labels({ outcome })]));
  const byCode = new Map(CODES.map((code) => [code, denials.labels({ code })]));
  const hits = verdicts.labels({ status: 'hit' });
  const misses = verdicts.labels({ status: 'miss' });
  for (const counter of [...byOutcome.values(), ...byCode.values(), hits, misses]) counter.inc(0);
  return {
    count({ verdict, isRemembered }) {
      byOutcome.get(verdict.outcome)?.inc();
      if (verdict.outcome !== 'not-concerned') (isRemembered ? hits : misses).inc();
      if (verdict.outcome === 'denied') byCode.get(verdict.reason.code)?.inc();
      if (isRemembered) return;
      for (const { result, policy, index } of verdict.steps)
        if (result === 'error' && policy === 'Open' && index !== undefined) failedOpen.inc({ rule: index });
    },
    follow({ userRules }) {
      for (const rule of userRules.keys()) failedOpen.inc({ rule }, 0);
    },
    countUnread() {
      byOutcome.get('denied')?.inc();
      byCode.get(UNREAD)?.inc();
    },
  };
}
