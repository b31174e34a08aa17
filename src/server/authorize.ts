import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Judgement } from '../authenticator/native-judge.ts';
import { describeNativeReason } from '../authenticator/native-reason.ts';
import { answerPost, type Endpoint, type ReviewHandler, type UnreadBody } from './post-review.ts';
import { failure, type Reply } from './reply.ts';
import type { NativeService, Service } from './service.ts';
import {
  type AccessReviewStatus,
  parseSubjectAccessReview,
  peekApiVersion,
  toSubjectAccessReviewJson,
} from './subject-access-review.ts';

/** Whether a request is for `authorize`: by its path alone, whatever its query (kube-apiserver adds `?timeout=3s`). */
export function isAuthorize(request: IncomingMessage): boolean {
  const url = request.url ?? '';
  return url === '/authorize' || url.startsWith('/authorize?');
}

/** Answers one SubjectAccessReview with a denial or with no opinion. Never rejects. */
export function authorize(
  request: IncomingMessage,
  response: ServerResponse,
  { endpoint, native }: { readonly endpoint: Endpoint; readonly native: NativeService },
): Promise<void> {
  const handler: ReviewHandler = {
    path: '/authorize',
    // A review without an answer is one that was not denied, where the failure policy is NoOpinion. Each takes some microseconds, and there
    // can be no more of them than connections.
    places: 'unlimited',
    answer: (body, { endpoint }) => answerReview(body, endpoint.service, native),
    answerUnread: (body, service) => answerUnread(body, service, native),
  };
  return answerPost(request, response, { endpoint, handler });
}

function answerReview(body: string, service: Service, native: NativeService): Reply {
  const parsed = parseSubjectAccessReview(body);
  if (!parsed.ok) return failure(400, parsed.error);
  const { apiVersion, user } = parsed.review;
  try {
    const judgement = native.judge().judge({ user, at: service.now() });
    native.metrics.count(judgement);
    return { code: 200, body: toSubjectAccessReviewJson(apiVersion, toStatus(judgement, service)) };
  } catch (error) {
    // An outage, for which kube-apiserver has a failure policy: it takes 503 for one at once, where it would try again after 500, and
    // remembers neither.
    const decisionId = service.newDecisionId();
    service.log.failed(decisionId, error);
    return failure(503, `internal/error: the review could not be judged (decision ${decisionId})`);
  }
}

/** Most reviews are of users who are known and not denied: nobody asks after those by an id, and nothing is logged. */
function toStatus(judgement: Judgement, { newDecisionId, log }: Service): AccessReviewStatus {
  const { verdict, isRemembered } = judgement;
  const isNew = verdict.outcome === 'no-opinion' && !isRemembered;
  if (verdict.outcome !== 'denied' && !isNew) return { outcome: 'no-opinion' };
  const decisionId = newDecisionId();
  log.judged(decisionId, judgement);
  if (verdict.outcome !== 'denied') return { outcome: 'no-opinion' };
  return deny({ code: verdict.reason.code, why: describeNativeReason(verdict.reason), decisionId });
}

/**
 * The user stands at the end of a review, behind what the user asks for: selectors, which kube-apiserver writes up to 16 times as long as
 * it reads them. Were a body that cannot be read an error, whoever is revoked could make one, and get through where the failure policy
 * is NoOpinion: so it is denied.
 */
function answerUnread(
  { problem, start }: UnreadBody,
  service: Service,
  { metrics }: NativeService,
): Reply | undefined {
  const apiVersion = peekApiVersion(start);
  if (apiVersion === undefined) return undefined;
  const decisionId = service.newDecisionId();
  const refusal = { code: 'request/too-large', why: UNREAD[problem] };
  service.log.refused(decisionId, refusal);
  metrics.countUnread();
  return { code: 200, body: toSubjectAccessReviewJson(apiVersion, deny({ ...refusal, decisionId })) };
}

const UNREAD: Readonly<Record<UnreadBody['problem'], string>> = {
  'too-large': 'the SubjectAccessReview is too large',
  'no-room': 'there is no room for so large a SubjectAccessReview',
};

function deny({
  code,
  why,
  decisionId,
}: {
  readonly code: string;
  readonly why: string;
  readonly decisionId: string;
}): AccessReviewStatus {
  return { outcome: 'denied', reason: `${code}: ${why} (decision ${decisionId})` };
}
