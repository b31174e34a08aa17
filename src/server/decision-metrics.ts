import type { Registry } from 'prom-client';
import type { Authenticator, Entry } from '../authenticator/authenticator.ts';
import type { Step } from '../authenticator/decision.ts';
import { REASONS, type RuleKind } from '../authenticator/reason.ts';
import type { Certificate } from '../x509/certificate.ts';
import { anchorLabel, OTHER_ANCHORS, shownAnchors } from './anchor-label.ts';
import {
  ATTEMPT_RESULTS,
  type AttemptResult,
  type DecisionCounters,
  registerDecisionCounters,
} from './decision-counters.ts';
import { type DecidedEvent, isFailedOpen, type SessionEvent } from './decision-line.ts';

/** What is counted of answered reviews. Labels are the configuration's entries and rules, and closed sets; never a user's name. */
export interface DecisionMetrics {
  decided(event: DecidedEvent): void;
  /** A session that was judged again. */
  sessionJudged(event: Omit<SessionEvent, 'claims'>): void;
  /** A token that came to no decision; `code` where it is one of ours. */
  undecided(result: 'refused' | 'foreign' | 'error', attempt: Attempt): void;
  /** An authenticator is in force from now on: its series begin at 0, and those of entries that are gone end. */
  follow(authenticator: Authenticator): void;
}

export interface Attempt {
  readonly durationMs: number;
  readonly code?: string;
}

/** The entry of what no entry took. */
const NONE = 'none';

const OUTCOMES = ['true', 'false', 'error'];

const CODES = Object.keys(REASONS);

export function createDecisionMetrics(registry: Registry): DecisionMetrics {
  const counters = registerDecisionCounters(registry);
  let entries: readonly Entry[] = [];
  let anchors: ReadonlySet<string> = new Set();
  const finish = (result: AttemptResult, entry: string, durationMs: number): void => {
    counters.attempts.inc({ result, entry });
    counters.duration.observe({ result, entry }, durationMs / 1000);
  };
  const toLabel = (anchor: Certificate): string =>
    anchors.has(anchor.fingerprint) ? anchorLabel(anchor) : OTHER_ANCHORS;
  for (const result of ATTEMPT_RESULTS) counters.attempts.inc({ result, entry: NONE }, 0);
  for (const code of CODES) counters.refusals.inc({ code, entry: NONE }, 0);
  return {
    decided({ decision, durationMs }) {
      const entry = decision.entry?.id ?? NONE;
      finish(decision.outcome, entry, durationMs);
      for (const step of decision.steps) countStep(counters, step, entry);
      if (decision.outcome !== 'authenticated') {
        const { reason } = decision;
        counters.refusals.inc({ code: reason.code, entry });
        if (reason.code === 'cel/cost-limit') counters.costLimit.inc({ entry, kind: reason.stage });
        return;
      }
      const [leaf] = decision.path.certificates;
      const anchor = decision.path.certificates.at(-1) ?? leaf;
      counters.lifetime.observe((leaf.notAfter - decision.at) / 1000);
      counters.anchorUses.inc({ entry, anchor: toLabel(anchor) });
    },
    sessionJudged({ judgement, durationMs }) {
      const entry = judgement.entry?.id ?? NONE;
      finish(judgement.kind === 'holds' ? 'authenticated' : 'denied', entry, durationMs);
      if (judgement.kind === 'denied') counters.refusals.inc({ code: judgement.reason.code, entry });
    },
    undecided(result, { durationMs, code }) {
      finish(result, NONE, durationMs);
      if (code !== undefined) counters.refusals.inc({ code, entry: NONE });
    },
    follow(authenticator) {
      const former = entries;
      entries = authenticator.entries;
      anchors = new Set(entries.flatMap(shownAnchors).map(({ fingerprint }) => fingerprint));
      const ids = new Set(entries.map(({ id }) => id));
      for (const entry of former) if (!ids.has(entry.id)) forget(counters, entry);
      for (const entry of entries) begin(counters, entry);
    },
  };
}

function countStep(counters: DecisionCounters, step: Step, entry: string): void {
  const { stage, index, result } = step;
  if (index === undefined || result === 'skipped') return;
  counters.rules.inc({ entry, kind: stage, rule: index, outcome: String(result) });
  if (isFailedOpen(step)) counters.failedOpen.inc({ entry, kind: stage, rule: index });
}

/** Begins the series that alerts and questions are about, so that their first increase is seen. */
function begin(counters: DecisionCounters, entry: Entry): void {
  const { attempts, refusals, anchorUses, failedOpen, costLimit } = counters;
  const { id } = entry;
  if (entry.revocation !== undefined) refusals.inc({ code: 'revocation/revoked', entry: id }, 0);
  for (const result of ['authenticated', 'denied'] as const) attempts.inc({ result, entry: id }, 0);
  for (const anchor of shownAnchors(entry)) anchorUses.inc({ entry: id, anchor: anchorLabel(anchor) }, 0);
  for (const { kind, rule } of rulesOf(entry)) failedOpen.inc({ entry: id, kind, rule }, 0);
  for (const kind of ['request', 'mapping', 'certificate', 'user']) costLimit.inc({ entry: id, kind }, 0);
}

/** Ends the series of an entry that is no longer configured, so that what was configured once does not pile up. */
function forget(counters: DecisionCounters, entry: Entry): void {
  const { id } = entry;
  for (const result of ATTEMPT_RESULTS) {
    counters.attempts.remove({ result, entry: id });
    counters.duration.remove({ result, entry: id });
  }
  for (const code of CODES) counters.refusals.remove({ code, entry: id });
  for (const { kind, rule } of rulesOf(entry)) {
    counters.failedOpen.remove({ entry: id, kind, rule });
    for (const outcome of OUTCOMES) counters.rules.remove({ entry: id, kind, rule, outcome });
  }
  for (const kind of ['request', 'mapping', 'certificate', 'user'])
    counters.costLimit.remove({ entry: id, kind });
  for (const anchor of [...shownAnchors(entry).map(anchorLabel), OTHER_ANCHORS])
    counters.anchorUses.remove({ entry: id, anchor });
}

function rulesOf(entry: Entry): readonly { readonly kind: RuleKind; readonly rule: number }[] {
  const { requestRules, certificateRules, userRules } = entry;
  const kinds = { request: requestRules, certificate: certificateRules, user: userRules } as const;
  return (Object.keys(kinds) as RuleKind[]).flatMap((kind) => kinds[kind].map((_, rule) => ({ kind, rule })));
}
