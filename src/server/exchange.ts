import type { IncomingMessage, ServerResponse } from 'node:http';
import { TLSSocket } from 'node:tls';
import type { Presented, SessionService } from './admit.ts';
import { readBody } from './body.ts';
import { Budget } from './budget.ts';
import type { IssuedSession } from './issue-session.ts';
import { readPeerChain } from './peer-chain.ts';
import type { Reception } from './reception.ts';
import { failure, forbidden, type FrontGate, overloaded, type Reply, sendReply } from './reply.ts';

/** What exchanges are answered from. */
export interface ExchangeEndpoint {
  readonly service: SessionService;
  readonly gate: FrontGate;
  readonly receive: Reception;
  readonly clientAddress: (socket: TLSSocket) => string | undefined;
}

/** Whether a request is for `exchange`: by its path alone. */
export function isExchange({ url = '' }: IncomingMessage): boolean {
  return url === '/exchange' || url.startsWith('/exchange?');
}

/** A request has a few words: nothing beyond what every body may have. */
const NO_MORE = new Budget(0);

/** Exchanges the client certificate of a TLS connection for a session token. Never rejects. */
export async function exchange(
  request: IncomingMessage,
  response: ServerResponse,
  endpoint: ExchangeEndpoint,
): Promise<void> {
  const { gate } = endpoint;
  const place = gate.places.share();
  try {
    const reply = place.take(1) ? await toReply(request, endpoint) : overloaded('in-flight', gate);
    if (reply !== undefined) sendReply(response, reply, gate);
  } catch (error) {
    endpoint.service.log.failed(endpoint.service.newDecisionId(), error);
    response.destroy();
  } finally {
    place.release();
  }
}

async function toReply(request: IncomingMessage, endpoint: ExchangeEndpoint): Promise<Reply | undefined> {
  const { gate, service, receive, clientAddress } = endpoint;
  const { socket } = request;
  if (!(socket instanceof TLSSocket)) throw new Error('an exchange came without TLS');
  if (request.method !== 'POST') {
    return { ...failure(405, 'expected POST on /exchange'), headers: { Allow: 'POST' } };
  }
  const body = await readBody(request, NO_MORE.share());
  if (!body.ok) return body.problem === 'aborted' ? undefined : failure(413, 'the body is too large');
  const asked = readRequest(request.headers['content-type'], body.text, service.audiences);
  if (!asked.ok) return failure(400, asked.error);
  const presented: Presented = {
    certificates: readPeerChain(socket),
    possession: { kind: 'proved' },
    remoteAddress: clientAddress(socket),
    audience: asked.audience,
  };
  const admission = await receive(presented, () => socket.destroyed);
  if (admission === undefined) return undefined;
  if (admission === 'full') return overloaded('strangers', gate);
  if (admission.kind === 'refused') return forbidden(admission);
  return { code: 200, body: toTokenResponse(admission.session), headers: { Pragma: 'no-cache' } };
}

type Asked =
  | { readonly ok: true; readonly audience: string }
  | { readonly ok: false; readonly error: string };

const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:token-exchange';

/** RFC 8693 §2.1, of which nothing is required: the certificate says it all. Without an audience it is the server's first. */
function readRequest(contentType = '', text: string, audiences: readonly string[]): Asked {
  if (text !== '' && contentType.split(';')[0] !== 'application/x-www-form-urlencoded') {
    return { ok: false, error: 'expected no body, or one of application/x-www-form-urlencoded' };
  }
  const form = new URLSearchParams(text);
  const grantType = form.get('grant_type');
  if (grantType !== null && grantType !== GRANT_TYPE) {
    return { ok: false, error: `grant_type: expected ${GRANT_TYPE}` };
  }
  const [named = audiences[0] ?? '', ...others] = form.getAll('audience');
  return others.length === 0 && audiences.includes(named)
    ? { ok: true, audience: named }
    : { ok: false, error: "audience: expected one, and one of this server's" };
}

/** RFC 8693 §2.2.1. */
function toTokenResponse({ token, kind, expiresIn }: IssuedSession): object {
  const type = kind === 'native' ? 'jwt' : 'access_token';
  return {
    access_token: token,
    issued_token_type: `urn:ietf:params:oauth:token-type:${type}`,
    token_type: 'Bearer',
    expires_in: expiresIn,
  };
}
