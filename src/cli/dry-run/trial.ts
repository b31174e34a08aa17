import type { Authenticator } from '../../authenticator/authenticator.ts';
import { decide } from '../../authenticator/decide.ts';
import type { Decision } from '../../authenticator/decision.ts';
import { type DecisionJson, toDecisionJson } from '../../authenticator/decision-json.ts';
import type { Evidence } from '../../authenticator/evidence.ts';
import { describeWithNames } from '../../authenticator/reason.ts';

/** A token that was refused before any decision, or is none of ours. */
export interface RefusedToken {
  readonly kind: 'refused';
  readonly outcome: 'denied' | 'no-opinion';
  readonly at: number;
  readonly code: string;
  readonly message: string;
}

/** What there is to decide about. */
export type Presented = { readonly kind: 'evidence'; readonly evidence: Evidence } | RefusedToken;

/** What became of it. */
export type Verdict =
  | { readonly kind: 'decided'; readonly evidence: Evidence; readonly decision: Decision }
  | RefusedToken;

/** Decides as the server does: by the same function. */
export function judge(authenticator: Authenticator, presented: Presented): Verdict {
  if (presented.kind === 'refused') return presented;
  const { evidence } = presented;
  return { kind: 'decided', evidence, decision: decide(authenticator, evidence) };
}

/** Authenticated, denied or no opinion. */
export function outcomeOf(verdict: Verdict): Decision['outcome'] {
  return verdict.kind === 'refused' ? verdict.outcome : verdict.decision.outcome;
}

/** The code and the English of a refusal; undefined for an authenticated user. */
export function reasonOf(verdict: Verdict): { readonly code: string; readonly message: string } | undefined {
  if (verdict.kind === 'refused') return { code: verdict.code, message: verdict.message };
  const { decision } = verdict;
  if (decision.outcome === 'authenticated') return undefined;
  return { code: decision.reason.code, message: describeWithNames(decision.reason) };
}

/** The decision id of what nobody will look for in a log: outputs of one input are the same. */
export const DECISION_ID = 'dry-run';

/** A verdict as `schemas/decision.schema.json` has decisions. */
export function toVerdictJson(verdict: Verdict): DecisionJson {
  if (verdict.kind === 'decided') return toDecisionJson(DECISION_ID, verdict.decision);
  const { outcome, at, code, message } = verdict;
  return {
    decisionId: DECISION_ID,
    at: new Date(at).toISOString(),
    outcome,
    possession: 'signed',
    reason: { code, message },
    passed: [],
    steps: [],
  };
}
