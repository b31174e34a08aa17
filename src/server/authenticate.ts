import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerReview } from './answer-review.ts';
import { answerPost, type Endpoint, failure, type Reply, type ReviewHandler } from './post-review.ts';
import type { Service } from './service.ts';
import { formatTokenReview, parseTokenReview } from './token-review.ts';

/** Whether a request is for `authenticate`: by its path alone, whatever its query (kube-apiserver adds `?timeout=30s`). */
export function isAuthenticate(request: IncomingMessage): boolean {
  const url = request.url ?? '';
  return url === '/authenticate' || url.startsWith('/authenticate?');
}

const handler: ReviewHandler = { path: '/authenticate', places: 'limited', answer };

/** Answers one TokenReview, from the socket to the decision and back. Never rejects. */
export function authenticate(
  request: IncomingMessage,
  response: ServerResponse,
  endpoint: Endpoint,
): Promise<void> {
  return answerPost(request, response, { endpoint, handler });
}

function answer(body: string, service: Service): Reply {
  const parsed = parseTokenReview(body);
  if (!parsed.ok) return failure(400, parsed.error);
  const { review } = parsed;
  return { code: 200, body: formatTokenReview(review.apiVersion, answerReview(review, service)) };
}
