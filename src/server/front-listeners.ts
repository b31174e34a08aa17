import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import { createApp } from './app.ts';
import { Budget } from './budget.ts';
import { Connections } from './connections.ts';
import type { Discovery } from './discovery.ts';
import { type ExchangeEndpoint, exchange, isExchange } from './exchange.ts';
import { createProxyFront, type ProxyCheck } from './proxy-front.ts';
import { answerTerminator, type TerminatorEndpoint } from './terminator.ts';
import { addressOf, createTlsServer, type ListenAddress, listen, type TlsServing } from './tls-listener.ts';

/** A listener beside the webhook's. */
export interface FrontListener {
  readonly address: AddressInfo;
  /** Serves new connections with another certificate from now on. Throws where it is unusable. */
  setTls(tls: SecureContextOptions): void;
  /** Takes no more connections, and resolves when the last answer under way is out. */
  close(): Promise<void>;
  /** Ends every connection at once. */
  cut(): void;
}

/** Where and how a front listens. */
export interface FrontListening extends Omit<TlsServing, 'clientCertificates'> {
  readonly address: ListenAddress;
}

/** What `/exchange` is served with. */
export interface Exchanging {
  readonly service: ExchangeEndpoint['service'];
  readonly isProxy: ProxyCheck;
  readonly discovery?: Discovery;
}

/** Serves `POST /exchange` on a port of its own, where every client is asked for a certificate and anybody may come. */
export async function startExchange(
  { service, isProxy, discovery }: Exchanging,
  { address, ...serving }: FrontListening,
): Promise<FrontListener> {
  const app = createApp(discovery);
  const places = new Budget(serving.limits.inFlight);
  const secure = createTlsServer({ ...serving, clientCertificates: 'requested' }, (request, response) => {
    const { clientAddress } = front;
    if (isExchange(request)) void exchange(request, response, { service, places, clientAddress });
    else app(request, response);
  });
  const front = createProxyFront(secure, { isProxy, headerMs: serving.limits.handshakeMs });
  front.server.maxConnections = serving.limits.connections;
  const connections = new Connections(secure);
  await listen(front.server, address);
  return {
    address: addressOf(front.server),
    setTls: (tls) => secure.setSecureContext(tls),
    close: () => connections.stop(front.server),
    cut: front.cut,
  };
}

/** Bytes of a question's headers: the client's own, and a chain. */
const MAX_HEADER_BYTES = 64 * 1024;

/** Serves `/auth` on a port of its own, for terminators alone. */
export async function startTerminator(
  endpoint: TerminatorEndpoint,
  { address, ...serving }: FrontListening,
): Promise<FrontListener> {
  const secure: HttpsServer = createTlsServer(
    { ...serving, clientCertificates: 'requested', maxHeaderSize: MAX_HEADER_BYTES },
    (request: IncomingMessage, response: ServerResponse) =>
      void answerTerminator(request, response, endpoint),
  );
  const connections = new Connections(secure);
  await listen(secure, address);
  return {
    address: addressOf(secure),
    setTls: (tls) => secure.setSecureContext(tls),
    close: () => connections.stop(),
    cut: () => secure.closeAllConnections(),
  };
}
