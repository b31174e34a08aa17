import type { Decision } from '../authenticator/decision.ts';
import { describe } from '../authenticator/reason.ts';
import type { UserInfo } from '../identity/user-info.ts';
import type { TokenReviewStatus } from './token-review.ts';

/** Why somebody is refused, and under which id more of it is in the log. */
export interface Refused {
  readonly code: string;
  readonly why: string;
  readonly decisionId: string;
}

/** The status of a decided review; `audiences` are those that it asked for by name, and got. */
export function toReviewStatus(
  decision: Decision,
  { decisionId, audiences = [] }: { readonly decisionId: string; readonly audiences?: readonly string[] },
): TokenReviewStatus {
  switch (decision.outcome) {
    case 'authenticated':
      return toAccepted(decision.user, audiences);
    case 'denied':
    case 'no-opinion':
      return toRefused({ code: decision.reason.code, why: describe(decision.reason), decisionId });
  }
}

/** The status of a user who is let in; without audiences it means the API server itself. */
export function toAccepted(user: UserInfo, audiences: readonly string[]): TokenReviewStatus {
  return { authenticated: true, user, ...(audiences.length > 0 && { audiences }) };
}

/** The status of a refusal: the code, the rule's own message and the decision id, no identity beyond. */
export function toRefused({ code, why, decisionId }: Refused): TokenReviewStatus {
  return { authenticated: false, error: `${code}: ${why} (decision ${decisionId})` };
}
