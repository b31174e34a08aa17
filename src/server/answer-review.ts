import { decide } from '../authenticator/decide.ts';
import { openToken } from '../credential/open-token.ts';
import { describeTokenRefusal, type TokenRefusal } from '../credential/token-refusal.ts';
import { type Answering, beginAnswer, tellFault, tellRefusal } from './answering.ts';
import { toAccepted, toRefused, toReviewStatus } from './review-status.ts';
import { reviewSession, type SessionReview } from './review-session.ts';
import type { Service } from './service.ts';
import type { TokenReview, TokenReviewStatus } from './token-review.ts';

/** The answer to a review: token, decision, status. An exception in here answers this review alone; the process lives. */
export function answerReview(review: TokenReview, service: Service): TokenReviewStatus {
  const answering = beginAnswer(service);
  try {
    return judge(review, answering, service);
  } catch (error) {
    return toRefused({ ...tellFault(error, answering, service), decisionId: answering.decisionId });
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
      return toReviewStatus(decision, { decisionId, audiences: namedAudiences(review, audience) });
    }
  }
}

function answerRefusal(refusal: TokenRefusal, answering: Answering, service: Service): TokenReviewStatus {
  const told = { code: refusal.code, why: describeTokenRefusal(refusal) };
  tellRefusal(told, answering, service);
  return toRefused({ ...told, decisionId: answering.decisionId });
}

function answerSession(
  session: Exclude<SessionReview, { kind: 'foreign' }>,
  { decisionId, review }: { readonly decisionId: string; readonly review: TokenReview },
): TokenReviewStatus {
  if (session.kind === 'refused') return toRefused({ ...session, decisionId });
  return toAccepted(session.user, namedAudiences(review, session.audience));
}

/** Ours, where the review asked for it by name. */
function namedAudiences({ audiences }: TokenReview, audience: string): readonly string[] {
  return audiences.includes(audience) ? [audience] : [];
}
