import type { IncomingMessage, ServerResponse } from 'node:http';
import { BODY_LIMIT, readBody } from './body.ts';
import type { Share } from './budget.ts';
import type { CallerVerdict } from './caller.ts';
import type { Gate } from './gate.ts';
import { failure, overloaded, reject, type Reply } from './reply.ts';
import type { Service } from './service.ts';

/** The two halves of an endpoint: what a request passes, and what its review is judged by. */
export interface Endpoint {
  readonly gate: Gate;
  readonly service: Service;
}

/** A body that is not read to its end, and how it begins. */
export interface UnreadBody {
  readonly problem: 'too-large' | 'no-room';
  /** Its first few characters. */
  readonly start: string;
}

/** Who asks, and what there is to answer from. */
export interface Asked {
  readonly request: IncomingMessage;
  readonly endpoint: Endpoint;
}

/** What an endpoint makes of the bodies that are posted to it. */
export interface ReviewHandler {
  readonly path: string;
  /** Whether a request takes one of the places of which there are so many. */
  readonly places: 'limited' | 'unlimited';
  /** Nothing where the client has gone. */
  readonly answer: (body: string, asked: Asked) => Reply | undefined | Promise<Reply | undefined>;
  /** Absent: such a body is a failure like any other. */
  readonly answerUnread?: (body: UnreadBody, service: Service) => Reply | undefined;
}

/** Answers one review, from the socket to the decision and back. Never rejects. */
export async function answerPost(
  request: IncomingMessage,
  response: ServerResponse,
  { endpoint, handler }: { readonly endpoint: Endpoint; readonly handler: ReviewHandler },
): Promise<void> {
  const { gate } = endpoint;
  const shares = { place: gate.places.share(), body: gate.bodies.share() };
  const call = { request, endpoint, handler, shares };
  try {
    const reply = await toReply(call);
    if (reply !== undefined) send(response, reply, gate);
  } catch (error) {
    send(response, fault(error, endpoint), gate);
  } finally {
    shares.place.release();
    shares.body.release();
  }
}

interface Call {
  readonly request: IncomingMessage;
  readonly endpoint: Endpoint;
  readonly handler: ReviewHandler;
  readonly shares: { readonly place: Share; readonly body: Share };
}

/** Caller, body, review, answer; nothing where the client has gone. */
async function toReply({ request, endpoint, handler, shares }: Call): Promise<Reply | undefined> {
  const { gate, service } = endpoint;
  if (request.method !== 'POST') return notAllowed(request.method, handler.path);
  if (handler.places === 'limited' && !shares.place.take(1)) return overloaded(gate);
  const caller = await gate.callers?.(request, service.now());
  if (caller !== undefined && caller.kind !== 'accepted') return refuseCaller(caller, endpoint);
  const body = await readBody(request, shares.body);
  if (body.ok) return handler.answer(body.text, { request, endpoint });
  if (body.problem === 'aborted') return undefined;
  return handler.answerUnread?.(body, service) ?? refuseBody(body.problem, gate);
}

function notAllowed(method: string | undefined, path: string): Reply {
  return {
    ...failure(405, `${method} is not allowed on ${path}: expected POST`),
    headers: { Allow: 'POST' },
  };
}

function refuseCaller(
  verdict: Exclude<CallerVerdict, { kind: 'accepted' }>,
  { gate, service }: Endpoint,
): Reply {
  const code = verdict.kind === 'refused' ? verdict.code : 'caller/undecided';
  gate.metrics.callerRefusals.inc({ code });
  service.log.callerRefused({ ...verdict, code });
  if (verdict.kind === 'undecided') return failure(503, `${code}: ${verdict.why}`);
  // RFC 9110 §11.6.1 wants a challenge, and a certificate has none.
  return { ...failure(401, `${code}: ${verdict.why}`), headers: { 'WWW-Authenticate': 'Bearer' } };
}

function refuseBody(problem: 'too-large' | 'no-room', gate: Gate): Reply {
  switch (problem) {
    case 'too-large':
      return reject(gate, 'body-size', failure(413, `the body is over ${BODY_LIMIT} bytes`));
    case 'no-room':
      return reject(gate, 'buffered-bytes', failure(503, 'too many large bodies are being read'));
  }
}

function fault(error: unknown, { service }: Endpoint): Reply {
  service.log.failed(service.newDecisionId(), error);
  return failure(503, 'the request could not be answered');
}

/** Never with Retry-After: kube-apiserver would come back every so many seconds until its deadline. A text leaves together with its headers. */
function send(response: ServerResponse, { code, body, headers }: Reply, gate: Gate): void {
  const text = JSON.stringify(body);
  response.writeHead(code, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
    ...headers,
    ...(gate.isClosing() && { Connection: 'close' }),
  });
  response.end(text);
}
