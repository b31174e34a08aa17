import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { SecureContextOptions } from 'node:tls';
import type { Express } from 'express';
import { createApp } from './app.ts';
import { authenticate, type Endpoint, isAuthenticate } from './authenticate.ts';
import type { Metrics, Rejection } from './metrics.ts';
import type { ServerLimits } from './server-limits.ts';

/** An address to listen on; port 0 takes a free one. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** Where to listen, and how. */
export interface Listening {
  readonly secure: ListenAddress;
  readonly health: ListenAddress;
  readonly tls: SecureContextOptions;
  /** Whether callers are asked for a certificate; what it is worth, the endpoint finds out itself. */
  readonly clientCertificates: 'requested' | 'not-requested';
  readonly healthApp: Express;
  readonly limits: ServerLimits;
}

/** A running server. */
export interface RunningServer {
  readonly secureAddress: AddressInfo;
  readonly healthAddress: AddressInfo;
  /** Serves new connections with another certificate from now on. Throws where it is unusable. */
  setTls(tls: SecureContextOptions): void;
  /** Takes no more connections, and resolves when the last answer under way is out. */
  close(): Promise<void>;
  /** Ends every connection at once. */
  cut(): void;
}

/** Starts the TLS and health listeners. Rejects where an address cannot be bound or the certificate is unusable. */
export async function startServer(endpoint: Endpoint, listening: Listening): Promise<RunningServer> {
  const secure = createSecureServer(endpoint, listening);
  const health = createHttpServer(
    { ...timeouts(listening.limits), keepAliveTimeout: 5000 },
    listening.healthApp,
  );
  await listen(secure, listening.secure);
  await listen(health, listening.health);
  return {
    secureAddress: addressOf(secure),
    healthAddress: addressOf(health),
    setTls: (tls) => secure.setSecureContext(tls),
    async close() {
      await stop(secure);
      await stop(health);
    },
    cut() {
      secure.closeAllConnections();
      health.closeAllConnections();
    },
  };
}

function createSecureServer(endpoint: Endpoint, { tls, limits, clientCertificates }: Listening): HttpsServer {
  const app = createApp();
  const options = {
    ...tls,
    ...timeouts(limits),
    handshakeTimeout: limits.handshakeMs,
    keepAliveTimeout: limits.keepAliveMs,
    requestCert: clientCertificates === 'requested',
    rejectUnauthorized: false,
  };
  const server = createHttpsServer(options, (request, response) => {
    if (isAuthenticate(request)) void authenticate(request, response, endpoint);
    else app(request, response);
  });
  server.maxConnections = limits.connections;
  server.timeout = limits.silenceMs;
  countRejections(server, endpoint.gate.metrics);
  return server;
}

function timeouts({ headersMs, requestMs }: ServerLimits): object {
  // Node looks for connections that are too slow at intervals.
  const connectionsCheckingInterval = Math.min(2000, headersMs / 2);
  return { headersTimeout: headersMs, requestTimeout: requestMs, connectionsCheckingInterval };
}

function countRejections(server: HttpsServer, { rejections }: Metrics): void {
  server.on('drop', () => rejections.inc({ reason: 'connections' }));
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    const fault = faultOf(error.code);
    if (fault !== undefined) rejections.inc({ reason: fault.reason });
    // Before the handshake is done nothing that is written would ever leave.
    if (fault?.status === undefined || !socket.writable) socket.destroy();
    else socket.end(`HTTP/1.1 ${fault.status}\r\nConnection: close\r\n\r\n`, () => socket.destroy());
  });
}

/** What a client did wrong that never became a request, and what to tell it; nothing where it has only gone. */
function faultOf(code = ''): { readonly reason: Rejection; readonly status?: string } | undefined {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return { reason: 'timeout', status: '408 Request Timeout' };
  if (code === 'HPE_HEADER_OVERFLOW')
    return { reason: 'malformed', status: '431 Request Header Fields Too Large' };
  if (code.startsWith('HPE_')) return { reason: 'malformed', status: '400 Bad Request' };
  if (code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_')) return { reason: 'handshake' };
  return undefined;
}

function listen(server: HttpServer | HttpsServer, { host, port }: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function stop(server: HttpServer | HttpsServer): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}

function addressOf(server: HttpServer | HttpsServer): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port');
  return address;
}
