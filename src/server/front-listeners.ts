import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import { createApp } from './app.ts';
import { Budget } from './budget.ts';
import { Connections } from './connections.ts';
import type { Discovery } from './discovery.ts';
import { type ExchangeEndpoint, exchange, isExchange } from './exchange.ts';
import { type ProxyCheck, standBefore } from './proxy-front.ts';
import type { Gate } from './gate.ts';
import type { FrontGate } from './reply.ts';
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
  /** The webhook's gate: strangers wait for each other whatever port they come to, and connections end with the webhook's. */
  readonly gate: Pick<Gate, 'holders' | 'strangers' | 'isClosing'>;
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
  const app = createApp(service, discovery);
  const gate = toGate(listening);
  const secure = createTlsServer({ ...listening, clientCertificates: 'requested' }, (request, response) => {
    const { clientAddress } = front;
    if (isExchange(request)) void exchange(request, response, { service, gate, clientAddress });
    else app(request, response);
  });
  const front = standBefore(secure, { isProxy, headerMs: listening.limits.handshakeMs });
  return open(secure, listening.address, front.cut);
}

/** Bytes of a question's headers: the client's own, and a chain. */
const MAX_HEADER_BYTES = 64 * 1024;

/** Serves `/auth` on a port of its own, for terminators alone. */
export async function startTerminator(
  endpoint: Omit<TerminatorEndpoint, 'gate'>,
  listening: FrontListening,
): Promise<FrontListener> {
  const gate = toGate(listening);
  const secure = createTlsServer(
    { ...listening, clientCertificates: 'requested', maxHeaderSize: MAX_HEADER_BYTES },
    (request: IncomingMessage, response: ServerResponse) =>
      void answerTerminator(request, response, { ...endpoint, gate }),
  );
  // Every header is looked at: of those past a number that it drops, Node would not say that they came twice.
  secure.maxHeadersCount = 0;
  return open(secure, listening.address, () => secure.closeAllConnections());
}

function toGate({ limits, metrics, gate: { holders, strangers, isClosing } }: FrontListening): FrontGate {
  return { places: new Budget(limits.inFlight), metrics, holders, strangers, isClosing };
}

async function open(
  secure: HttpsServer,
  address: ListenAddress,
  cut: FrontListener['cut'],
): Promise<FrontListener> {
  const connections = new Connections(secure);
  await listen(secure, address);
  return {
    address: addressOf(secure),
    setTls: (tls) => secure.setSecureContext(tls),
    close: () => connections.stop(),
    cut,
  };
}
