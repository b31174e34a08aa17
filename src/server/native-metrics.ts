import { Counter, type Registry } from 'prom-client';
import type { Judgement } from '../authenticator/native-judge.ts';
import type { NativeReason } from '../authenticator/native-reason.ts';
import type { NativeVerdict } from '../authenticator/native-verdict.ts';

/** Counts what becomes of reviews of native client certificates. */
export interface NativeMetrics {
  count(judgement: Judgement): void;
  /** Counts a review that was denied without being read. */
  countUnread(): void;
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
    },
    countUnread() {
      byOutcome.get('denied')?.inc();
      byCode.get(UNREAD)?.inc();
    },
  };
}
