import type { IncomingMessage, ServerResponse } from 'node:http';
import { decide } from '../authenticator/decide.ts';
import type { Decision } from '../authenticator/decision.ts';
import { describe } from '../authenticator/reason.ts';
import { openToken } from '../credential/open-token.ts';
import { describeTokenRefusal } from '../credential/token-refusal.ts';
import { readBody } from './body.ts';
import type { Service } from './service.ts';
import { toStatus } from './status.ts';
import {
  formatTokenReview,
  parseTokenReview,
  type TokenReview,
  type TokenReviewStatus,
} from './token-review.ts';

/** Bytes of a TokenReview; kube-apiserver forwards tokens of up to 3.1 MB. */
const BODY_LIMIT = 4 * 1024 * 1024;

/** Whether a request is for `authenticate`: by its path alone, whatever its query (kube-apiserver adds `?timeout=30s`). */
export function isAuthenticate(request: IncomingMessage): boolean {
  const url = request.url ?? '';
  return url === '/authenticate' || url.startsWith('/authenticate?');
}

/** Answers one TokenReview: from the socket to the decision and back. Never rejects. */
export async function authenticate(
  request: IncomingMessage,
  response: ServerResponse,
  service: Service,
): Promise<void> {
  if (request.method !== 'POST') {
    response.setHeader('Allow', 'POST');
    sendStatus(response, 405, `${request.method} is not allowed on /authenticate: expected POST`);
    return;
  }
  const body = await readBody(request, BODY_LIMIT);
  if (!body.ok) {
    if (body.problem === 'aborted') return;
    response.setHeader('Connection', 'close');
    sendStatus(response, 413, `the body is over ${BODY_LIMIT} bytes`);
    return;
  }
  const parsed = parseTokenReview(body.text);
  if (!parsed.ok) {
    sendStatus(response, 400, parsed.error);
    return;
  }
  const { apiVersion } = parsed.review;
  sendJson(response, 200, formatTokenReview(apiVersion, answer(parsed.review, service)));
}

/** The answer to a review. An exception in here answers this review alone; the process lives. */
function answer(review: TokenReview, service: Service): TokenReviewStatus {
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
  const { audiences } = service;
  const at = service.now();
  const token = openToken(review.token, { audiences, at, readChain: authenticator.paths.readChain });
  switch (token.kind) {
    case 'foreign':
      return { authenticated: false };
    case 'refused': {
      const why = describeTokenRefusal(token.refusal);
      service.log.refused(decisionId, { code: token.refusal.code, why });
      return refuse({ code: token.refusal.code, why, decisionId });
    }
    case 'opened': {
      const possession = { kind: 'signed', proof: token.proof } as const;
      const decision = decide(authenticator, { chain: token.chain, possession, at });
      const durationMs = performance.now() - started;
      service.log.decided(decisionId, {
        decision,
        chain: token.chain,
        tokenId: token.claims.jti,
        durationMs,
      });
      return toReviewStatus(decision, { decisionId, review, audience: token.claims.aud });
    }
  }
}

interface Asked {
  readonly decisionId: string;
  readonly review: TokenReview;
  /** The audience that the token is for, one of ours. */
  readonly audience: string;
}

/** `audiences` is answered to who asked for ours by name; to others its absence means the API server itself. */
function toReviewStatus(decision: Decision, { decisionId, review, audience }: Asked): TokenReviewStatus {
  switch (decision.outcome) {
    case 'authenticated': {
      const { user } = decision;
      const isNamed = review.audiences.includes(audience);
      return { authenticated: true, user, ...(isNamed && { audiences: [audience] }) };
    }
    case 'denied':
    case 'no-opinion':
      return refuse({ code: decision.reason.code, why: describe(decision.reason), decisionId });
  }
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

function sendStatus(response: ServerResponse, code: number, message: string): void {
  sendJson(response, code, JSON.stringify(toStatus(code, message)));
}

function sendJson(response: ServerResponse, code: number, body: string): void {
  const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) };
  response.writeHead(code, headers).end(body);
}
