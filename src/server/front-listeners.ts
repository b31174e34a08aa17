import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import { createApp } from './app.ts';
import { Budget } from './budget.ts';
import type { Discovery } from './discovery.ts';
import { type ExchangeEndpoint, exchange, isExchange } from './exchange.ts';
import { type ProxyCheck, standBefore } from './proxy-front.ts';
import { createReception } from './reception.ts';
import type { FrontGate } from './reply.ts';
import type { StrangerLane } from './stranger-lane.ts';
import { answerTerminator, type TerminatorEndpoint } from './terminator.ts';
import {
  addressOf,
  createTlsServer,
  type ListenAddress,
  listen,
  stop,
  type TlsServing,
} from './tls-listener.ts';

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
  /** Where clients that are not known wait for each other, those of the webhook too. */
  readonly strangers: StrangerLane;
  /** Whether connections are to end after the answer under way. */
  readonly isClosing: () => boolean;
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
  listening: FrontListening,
): Promise<FrontListener> {
  const app = createApp(discovery);
  const gate = toGate(listening);
  const receive = createReception(service, listening.strangers);
  const secure = createTlsServer({ ...listening, clientCertificates: 'requested' }, (request, response) => {
    const { clientAddress } = front;
    if (isExchange(request)) void exchange(request, response, { service, gate, receive, clientAddress });
    else app(request, response);
  });
  const front = standBefore(secure, { isProxy, headerMs: listening.limits.handshakeMs });
  await listen(secure, listening.address);
  return toListener(secure, front.cut);
}

/** Bytes of a question's headers: the client's own, and a chain. */
const MAX_HEADER_BYTES = 64 * 1024;

/** Serves `/auth` on a port of its own, for terminators alone. */
export async function startTerminator(
  endpoint: Omit<TerminatorEndpoint, 'gate' | 'receive'>,
  listening: FrontListening,
): Promise<FrontListener> {
  const gate = toGate(listening);
  const receive = createReception(endpoint.service, listening.strangers);
  const secure = createTlsServer(
    { ...listening, clientCertificates: 'requested', maxHeaderSize: MAX_HEADER_BYTES },
    (request: IncomingMessage, response: ServerResponse) =>
      void answerTerminator(request, response, { ...endpoint, gate, receive }),
  );
  // Every header is looked at: of those past a number that it drops, Node would not say that they came twice.
  secure.maxHeadersCount = 0;
  await listen(secure, listening.address);
  return toListener(secure, () => secure.closeAllConnections());
}

function toGate({ limits, metrics, isClosing }: FrontListening): FrontGate {
  return { places: new Budget(limits.inFlight), metrics, isClosing };
}

function toListener(secure: HttpsServer, cut: () => void): FrontListener {
  return {
    address: addressOf(secure),
    setTls: (tls) => secure.setSecureContext(tls),
    close: () => stop(secure),
    cut,
  };
}
