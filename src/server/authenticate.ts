import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerReview } from './answer-review.ts';
import { BODY_LIMIT, readBody } from './body.ts';
import type { Share } from './budget.ts';
import type { CallerVerdict } from './caller.ts';
import type { Gate } from './gate.ts';
import type { Rejection } from './metrics.ts';
import type { Service } from './service.ts';
import { toStatus } from './status.ts';
import { formatTokenReview, parseTokenReview } from './token-review.ts';

/** Whether a request is for `authenticate`: by its path alone, whatever its query (kube-apiserver adds `?timeout=30s`). */
export function isAuthenticate(request: IncomingMessage): boolean {
  const url = request.url ?? '';
  return url === '/authenticate' || url.startsWith('/authenticate?');
}

/** The two halves of the endpoint: what a request passes, and what its token is judged by. */
export interface Endpoint {
  readonly gate: Gate;
  readonly service: Service;
}

interface Reply {
  readonly code: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers one TokenReview, from the socket to the decision and back. Never rejects. */
export async function authenticate(
  request: IncomingMessage,
  response: ServerResponse,
  endpoint: Endpoint,
): Promise<void> {
  const place = endpoint.gate.places.share();
  const body = endpoint.gate.bodies.share();
  try {
    const reply = await toReply(request, endpoint, { place, body }).catch((error) => fault(error, endpoint));
    if (reply !== undefined) send(response, reply, endpoint.gate);
  } finally {
    place.release();
    body.release();
  }
}

/** Caller, body, review, answer; nothing where the client has gone. */
async function toReply(
  request: IncomingMessage,
  { gate, service }: Endpoint,
  shares: { readonly place: Share; readonly body: Share },
): Promise<Reply | undefined> {
  if (request.method !== 'POST') return notAllowed(request.method);
  if (!shares.place.take(1))
    return reject(gate, 'in-flight', failure(503, 'too many requests are under way'));
  const caller = await gate.callers?.(request, service.now());
  if (caller !== undefined && caller.kind !== 'accepted') return refuseCaller(caller, { gate, service });
  const body = await readBody(request, shares.body);
  if (!body.ok) return refuseBody(body.problem, gate);
  const parsed = parseTokenReview(body.text);
  if (!parsed.ok) return failure(400, parsed.error);
  const { review } = parsed;
  return { code: 200, body: formatTokenReview(review.apiVersion, answerReview(review, service)) };
}

function notAllowed(method: string | undefined): Reply {
  return {
    ...failure(405, `${method} is not allowed on /authenticate: expected POST`),
    headers: { Allow: 'POST' },
  };
}

function refuseCaller(
  verdict: Exclude<CallerVerdict, { kind: 'accepted' }>,
  { gate, service }: Endpoint,
): Reply {
  const code = verdict.kind === 'refused' ? verdict.code : 'caller/undecided';
  gate.metrics.callerRefusals.inc({ code });
  service.log.callerRefused({ code, why: verdict.why });
  if (verdict.kind === 'undecided') return failure(503, `${code}: ${verdict.why}`);
  // RFC 9110 §11.6.1 wants a challenge, and a certificate has none.
  return { ...failure(401, `${code}: ${verdict.why}`), headers: { 'WWW-Authenticate': 'Bearer' } };
}

function refuseBody(problem: 'too-large' | 'no-room' | 'aborted', gate: Gate): Reply | undefined {
  switch (problem) {
    case 'too-large':
      return reject(gate, 'body-size', failure(413, `the body is over ${BODY_LIMIT} bytes`));
    case 'no-room':
      return reject(gate, 'buffered-bytes', failure(503, 'too many large bodies are being read'));
    case 'aborted':
      return undefined;
  }
}

function fault(error: unknown, { service }: Endpoint): Reply {
  service.log.failed(service.newDecisionId(), error);
  return failure(503, 'the request could not be answered');
}

function reject(gate: Gate, reason: Rejection, reply: Reply): Reply {
  gate.metrics.rejections.inc({ reason });
  return reply;
}

function failure(code: number, message: string): Reply {
  return { code, body: JSON.stringify(toStatus(code, message)) };
}

/** Never with Retry-After: kube-apiserver would come back every so many seconds until its deadline. */
function send(response: ServerResponse, { code, body, headers }: Reply, gate: Gate): void {
  response.writeHead(code, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
    ...headers,
    ...(gate.isClosing() && { Connection: 'close' }),
  });
  response.end(body);
}
