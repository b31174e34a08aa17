import type { IncomingMessage, ServerResponse } from 'node:http';
import { type SessionService, turnAway } from './admit.ts';
import { admitInTurn } from './admit-in-turn.ts';
import type { CallerCheck } from './caller.ts';
import { readForwarded, type TerminatorHeaders } from './forwarded.ts';
import { toIdentityHeaders } from './identity-headers.ts';
import { crowded, failure, forbidden, type FrontGate, overloaded, type Reply, sendReply } from './reply.ts';

/** What a terminator's questions are answered from. */
export interface TerminatorEndpoint {
  readonly gate: FrontGate;
  readonly service: SessionService;
  /** Who is a terminator. */
  readonly terminators: CallerCheck;
  readonly headers: TerminatorHeaders;
}

/** `/auth`, or below it: Envoy appends the path that its client asked for, and uses its client's method. */
const PATH = /^\/auth(?:[/?]|$)/;

/** Answers a terminator's question about its client: 200 with a session token, or 403. Never rejects. */
export async function answerTerminator(
  request: IncomingMessage,
  response: ServerResponse,
  endpoint: TerminatorEndpoint,
): Promise<void> {
  const { gate, service } = endpoint;
  // What Envoy may send along of its client's body is of no interest.
  request.resume();
  const place = gate.places.share();
  // An answer may have to wait until a terminator reads it.
  response.on('close', () => place.release());
  try {
    const reply = place.take(1) ? await toReply(request, endpoint) : overloaded(gate);
    sendReply(response, reply, gate);
  } catch (error) {
    service.log.failed(service.newDecisionId(), error);
    sendReply(response, failure(403, 'internal/error: the request could not be decided'), gate);
  }
}

async function toReply(request: IncomingMessage, endpoint: TerminatorEndpoint): Promise<Reply> {
  const { gate, service, terminators, headers } = endpoint;
  const { url = '', method = '' } = request;
  if (!PATH.test(url)) return failure(404, `${method} ${url.split('?')[0]} is not served here`);
  const isBare = !url.startsWith('/auth/');
  if (isBare && method !== 'GET' && method !== 'POST') {
    return { ...failure(405, 'expected GET or POST on /auth'), headers: { Allow: 'GET, POST' } };
  }
  const caller = await terminators(request, service.now());
  if (caller.kind !== 'accepted') {
    const code = caller.kind === 'refused' ? caller.code : 'caller/undecided';
    gate.metrics.callerRefusals.inc({ code });
    service.log.callerRefused({ ...caller, code });
    return failure(403, `${code}: ${caller.why}`);
  }
  const forwarded = readForwarded(request.rawHeaders, headers);
  if (!forwarded.ok)
    return forbidden(turnAway({ code: 'possession/bad-header', why: forwarded.error }, service));
  const { certificates, remoteAddress } = forwarded;
  const [audience = ''] = service.audiences;
  const possession = { kind: 'assumed' } as const;
  const presented = { certificates, possession, remoteAddress, audience };
  const admission = await admitInTurn(presented, { request, service, gate });
  if (admission === undefined) return crowded();
  if (admission.kind === 'refused') return forbidden(admission);
  const { session, user } = admission;
  return {
    code: 200,
    body: {},
    headers: { Authorization: `Bearer ${session.token}`, ...toMutable(toIdentityHeaders(user)) },
  };
}

/** Node's types want lists that it may change. */
function toMutable(headers: ReturnType<typeof toIdentityHeaders>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(headers ?? {}).map(([name, values]) => [name, [...values]]));
}
