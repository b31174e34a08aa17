import type { IncomingMessage, ServerResponse } from 'node:http';
import { isForeign } from '../credential/token.ts';
import { answerReview } from './answer-review.ts';
import { headerOf } from './known-holders.ts';
import { answerPost, type Asked, type Endpoint, type ReviewHandler } from './post-review.ts';
import { failure, reject, type Reply } from './reply.ts';
import {
  parseTokenReview,
  toTokenReviewJson,
  type TokenReview,
  type TokenReviewStatus,
} from './token-review.ts';

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

/** Answers at once what is cheap: tokens that are not ours, and those of known holders. Others wait for their turn. */
async function answer(body: string, { request, endpoint }: Asked): Promise<Reply | undefined> {
  const { gate, service } = endpoint;
  const parsed = parseTokenReview(body);
  if (!parsed.ok) return failure(400, parsed.error);
  const { review } = parsed;
  const { token } = review;
  const holder = headerOf(token);
  if (isForeign(token) || gate.holders.knows(holder)) return toReply(review, answerReview(review, service));
  const turn = gate.strangers.run(() =>
    request.socket.destroyed ? undefined : answerReview(review, service),
  );
  if (turn === undefined)
    return reject(gate, 'strangers', failure(503, 'too many tokens of unknown holders are waiting'));
  const status = await turn;
  if (status?.authenticated === true) gate.holders.remember(holder);
  return status && toReply(review, status);
}

function toReply({ apiVersion }: TokenReview, status: TokenReviewStatus): Reply {
  return { code: 200, body: toTokenReviewJson(apiVersion, status) };
}
