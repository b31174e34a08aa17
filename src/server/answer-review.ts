import { decide } from '../authenticator/decide.ts';
import type { Decision } from '../authenticator/decision.ts';
import { describe } from '../authenticator/reason.ts';
import { openToken } from '../credential/open-token.ts';
import { describeTokenRefusal, type TokenRefusal } from '../credential/token-refusal.ts';
import type { UserInfo } from '../identity/user-info.ts';
import { reviewSession, type SessionReview } from './review-session.ts';
import type { Service } from './service.ts';
import type { TokenReview, TokenReviewStatus } from './token-review.ts';

/** The answer to a review: token, decision, status. An exception in here answers this review alone; the process lives. */
export function answerReview(review: TokenReview, service: Service): TokenReviewStatus {
  const decisionId = service.newDecisionId();
  try {
    return judge(review, decisionId, service);
  } catch (error) {
    service.log.failed(decisionId, error);
    return refuse({ code: 'internal/error', why: 'the request could not be decided', decisionId });
  }
}

function judge(review: TokenReview, decisionId: string, service: Service): TokenReviewStatus {
  const started = performance.now();
  const authenticator = service.authenticator();
  const at = service.now();
  const session = reviewSession(review.token, decisionId, service);
  if (session.kind !== 'foreign') return answerSession(session, { decisionId, review });
  const remembered = service.refusedTokens.recall(review.token, at);
  if (remembered !== undefined) return answerRefusal(remembered, decisionId, service);
  const { audiences } = service;
  const token = openToken(review.token, { audiences, at, readChain: authenticator.paths.readChain });
  switch (token.kind) {
    case 'foreign':
      return { authenticated: false };
    case 'refused':
      service.refusedTokens.remember(review.token, token.refusal, at);
      return answerRefusal(token.refusal, decisionId, service);
    case 'opened': {
      const possession = { kind: 'signed', proof: token.proof } as const;
      const decision = decide(authenticator, { chain: token.chain, possession, at });
      const durationMs = performance.now() - started;
      const { aud: audience, jti: tokenId } = token.claims;
      service.log.decided(decisionId, { decision, chain: token.chain, tokenId, durationMs });
      return toReviewStatus(decision, { decisionId, review, audience });
    }
  }
}

function answerRefusal(refusal: TokenRefusal, decisionId: string, { log }: Service): TokenReviewStatus {
  const { code } = refusal;
  const why = describeTokenRefusal(refusal);
  log.refused(decisionId, { code, why });
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
