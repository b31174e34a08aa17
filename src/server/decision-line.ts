import type { Decision, Step } from '../authenticator/decision.ts';
import type { SessionJudgement } from '../authenticator/judge-session.ts';
import { describe, describeWithNames } from '../authenticator/reason.ts';
import type { SessionClaims } from '../credential/session-token.ts';
import { credentialId } from '../identity/kubernetes-user.ts';
import type { Certificate } from '../x509/certificate.ts';
import { withoutIdentity } from './evaluation-error.ts';

/** What a decision's line is made from. */
export interface DecidedEvent {
  readonly decision: Decision;
  readonly chain: readonly [Certificate, ...Certificate[]];
  readonly tokenId: string;
  /** The client's, where it is known. */
  readonly remoteAddress?: string | undefined;
  readonly durationMs: number;
}

/** What the line of a session that was shown again is made from. */
export interface SessionEvent {
  readonly claims: SessionClaims;
  readonly judgement: SessionJudgement;
  readonly durationMs: number;
}

/** Whether names, groups and subjects stand in lines. */
export type Identities = 'shown' | 'left-out';

/** A decision as the log and the audit trail have it: never a token, a key or a whole certificate. */
export function toDecisionLine(decisionId: string, event: DecidedEvent, identities: Identities): object {
  const { decision, chain, tokenId, remoteAddress, durationMs } = event;
  const [leaf] = chain;
  const steps = decision.steps.filter(({ result }) => result !== true);
  return {
    decisionId,
    outcome: decision.outcome,
    ...(decision.outcome !== 'authenticated' && {
      code: decision.reason.code,
      why: identities === 'shown' ? describeWithNames(decision.reason) : describe(decision.reason),
    }),
    ...(decision.entry !== undefined && { entry: decision.entry.id }),
    ...(decision.path !== undefined && { anchor: decision.path.certificates.at(-1)?.fingerprint }),
    ...(decision.passed.length > 0 && {
      passed: decision.passed.map(({ entry, reason }) => ({ entry: entry.id, code: reason.code })),
    }),
    possession: decision.possession,
    ...(remoteAddress !== undefined && { remoteAddress }),
    credentialId: credentialId(leaf),
    serial: leaf.serialNumber.toString(16),
    notAfter: new Date(leaf.notAfter).toISOString(),
    ...(identities === 'shown' && toIdentity(decision, leaf)),
    jti: toPlainText(tokenId),
    ...(steps.length > 0 && { steps: steps.map((step) => toStepLine(step, identities)) }),
    durationMs,
  };
}

/** A session as it was judged again, in the words of the decision that it was given for. */
export function toSessionLine(decisionId: string, event: SessionEvent, identities: Identities): object {
  const { claims, judgement, durationMs } = event;
  const { entry, possession, credentialId, jti: session } = claims;
  const { username, groups } = claims.user;
  return {
    decisionId,
    ...(judgement.kind === 'holds'
      ? { outcome: 'authenticated' }
      : { outcome: 'denied', code: judgement.reason.code, why: describe(judgement.reason) }),
    entry: entry.id,
    possession,
    credentialId,
    ...(identities === 'shown' && { username, groups }),
    session,
    durationMs,
  };
}

/** The rules of a decision that could not be evaluated and let the request pass all the same. */
export function toFailedOpenLines(
  decisionId: string,
  decision: Decision,
  identities: Identities,
): readonly object[] {
  return decision.steps.filter(isFailedOpen).map((step) => ({
    decisionId,
    entry: decision.entry?.id,
    stage: step.stage,
    rule: step.index,
    expression: step.expression,
    error: toError(step, identities),
  }));
}

/** Whether a rule could not be evaluated and, by the entry's policy, let the request pass. */
export function isFailedOpen({ result, policy }: Step): boolean {
  return result === 'error' && policy === 'Open';
}

/** What a stranger chose, without what a terminal would take for a command or print in another order. */
function toPlainText(text: string): string {
  return text.replaceAll(/[^ -~]/g, '?');
}

function toIdentity(decision: Decision, leaf: Certificate): object {
  if (decision.outcome !== 'authenticated') return { subject: leaf.subject.attributes };
  const { username, groups } = decision.user;
  return { username, groups };
}

function toStepLine(step: Step, identities: Identities): object {
  const { stage, index, result, policy } = step;
  return { stage, rule: index, result, error: toError(step, identities), policy };
}

/** What CEL says may quote what it read, so a part of a name; what a mapping without expressions says, the reason says too. */
function toError({ error, expression }: Step, identities: Identities): string | undefined {
  if (error === undefined || identities === 'shown') return error;
  return expression && withoutIdentity(error, expression);
}
