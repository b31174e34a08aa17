import { decide } from '../authenticator/decide.ts';
import type { Decision } from '../authenticator/decision.ts';
import { describe } from '../authenticator/reason.ts';
import { openToken } from '../credential/open-token.ts';
import { describeTokenRefusal, type TokenRefusal } from '../credential/token-refusal.ts';
import type { UserInfo } from '../identity/user-info.ts';
import { type Answering, reviewSession, type SessionReview } from './review-session.ts';
import type { Service } from './service.ts';
import type { TokenReview, TokenReviewStatus } from './token-review.ts';

/** The answer to a review: token, decision, status. An exception in here answers this review alone; the process lives. */
export function answerReview(review: TokenReview, service: Service): TokenReviewStatus {
  const decisionId = service.newDecisionId();
  const started = service.ticks();
  const elapsed = (): number => service.ticks() - started;
  try {
    return judge(review, { decisionId, elapsed }, service);
  } catch (error) {
    service.log.failed(decisionId, error);
    service.metrics.undecided('error', { durationMs: elapsed(), code: 'internal/error' });
    return refuse({ code: 'internal/error', why: 'the request could not be decided', decisionId });
  }
}

function judge(review: TokenReview, answering: Answering, service: Service): TokenReviewStatus {
  const { decisionId, elapsed } = answering;
  const authenticator = service.authenticator();
  const at = service.now();
  const session = reviewSession(review.token, answering, service);
  if (session.kind !== 'foreign') return answerSession(session, { decisionId, review });
  const remembered = service.refusedTokens.recall(review.token, at);
  if (remembered !== undefined) return answerRefusal(remembered, answering, service);
  const { audiences } = service;
  const token = openToken(review.token, { audiences, at, readChain: authenticator.paths.readChain });
  switch (token.kind) {
    case 'foreign':
      service.metrics.undecided('foreign', { durationMs: elapsed() });
      return { authenticated: false };
    case 'refused':
      service.refusedTokens.remember(review.token, token.refusal, at);
      return answerRefusal(token.refusal, answering, service);
    case 'opened': {
      const possession = { kind: 'signed', proof: token.proof } as const;
      const decision = decide(authenticator, { chain: token.chain, possession, at });
      const { aud: audience, jti: tokenId } = token.claims;
      const event = { decision, chain: token.chain, tokenId, durationMs: elapsed() };
      service.log.decided(decisionId, event);
      service.metrics.decided(event);
      return toReviewStatus(decision, { decisionId, review, audience });
    }
  }
}

function answerRefusal(
  refusal: TokenRefusal,
  { decisionId, elapsed }: Answering,
  { log, metrics }: Service,
): TokenReviewStatus {
  const { code } = refusal;
  const why = describeTokenRefusal(refusal);
  log.refused(decisionId, { code, why });
  metrics.undecided('refused', { durationMs: elapsed(), code });
  return refuse({ code, why, decisionId });
}

function answerSession(
  session: Exclude<SessionReview, { kind: 'foreign' }>,
  { decisionId, review }: Omit<Asked, 'audience'>,
): TokenReviewStatus {
  if (session.kind === 'refused') return refuse({ ...session, decisionId });
  return accept(session.user, session.audience, review);
}

interface Asked {
  readonly decisionId: string;
  readonly review: TokenReview;
  /** The audience that the token is for, one of ours. */
  readonly audience: string;
}

function toReviewStatus(decision: Decision, { decisionId, review, audience }: Asked): TokenReviewStatus {
  switch (decision.outcome) {
    case 'authenticated':
      return accept(decision.user, audience, review);
    case 'denied':
    case 'no-opinion':
      return refuse({ code: decision.reason.code, why: describe(decision.reason), decisionId });
  }
}

/** `audiences` is answered to who asked for ours by name; to others its absence means the API server itself. */
function accept(user: UserInfo, audience: string, review: TokenReview): TokenReviewStatus {
  const isNamed = review.audiences.includes(audience);
  return { authenticated: true, user, ...(isNamed && { audiences: [audience] }) };
}

function refuse({
  code,
  why,
  decisionId,
}: {
  code: string;
  why: string;
  decisionId: string;
}): TokenReviewStatus {
  return { authenticated: false, error: `${code}: ${why} (decision ${decisionId})` };
}
