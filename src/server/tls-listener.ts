import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  createServer as createHttpsServer,
  type Server as HttpsServer,
  type ServerOptions,
} from 'node:https';
import type { AddressInfo, Server as TcpServer } from 'node:net';
import type { Duplex } from 'node:stream';
import { type SecureContextOptions, TLSSocket } from 'node:tls';
import type { Metrics, Rejection } from './metrics.ts';
import type { ServerLimits } from './server-limits.ts';

/** An address to listen on; port 0 takes a free one. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** How a TLS port serves. */
export interface TlsServing {
  readonly tls: SecureContextOptions;
  /** Whether clients are asked for a certificate; what it is worth, whoever answers them finds out itself. */
  readonly clientCertificates: 'requested' | 'not-requested';
  readonly limits: ServerLimits;
  readonly metrics: Metrics;
  /** Bytes of a request's headers; absent: what Node allows. */
  readonly maxHeaderSize?: number;
}

/** A bounded HTTPS server that does not listen yet. */
export function createTlsServer(
  { tls, clientCertificates, limits, metrics, maxHeaderSize }: TlsServing,
  onRequest: (request: IncomingMessage, response: ServerResponse) => void,
): HttpsServer {
  const options: ServerOptions = {
    ...tls,
    ...timeouts(limits),
    handshakeTimeout: limits.handshakeMs,
    keepAliveTimeout: limits.keepAliveMs,
    requestCert: clientCertificates === 'requested',
    rejectUnauthorized: false,
    ...(maxHeaderSize !== undefined && { maxHeaderSize }),
  };
  const server = createHttpsServer(options, onRequest);
  server.maxConnections = limits.connections;
  server.timeout = limits.silenceMs;
  answerFaults(server, { limits, metrics });
  return server;
}

/** Node's time-outs for requests that are slow to come. */
export function timeouts({ headersMs, requestMs }: ServerLimits): object {
  // Node looks for connections that are too slow at intervals.
  const connectionsCheckingInterval = Math.min(2000, headersMs / 2);
  return { headersTimeout: headersMs, requestTimeout: requestMs, connectionsCheckingInterval };
}

function answerFaults(
  server: HttpsServer,
  { limits, metrics: { rejections } }: Pick<TlsServing, 'limits' | 'metrics'>,
): void {
  server.on('drop', () => rejections.inc({ reason: 'connections' }));
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (isUnused(error, socket)) {
      socket.setTimeout(limits.keepAliveMs);
      return;
    }
    const fault = faultOf(error.code);
    if (fault !== undefined) rejections.inc({ reason: fault.reason });
    // Before the handshake is done nothing that is written would ever leave.
    if (fault?.status === undefined || !socket.writable) socket.destroy();
    else socket.end(`HTTP/1.1 ${fault.status}\r\nConnection: close\r\n\r\n`, () => socket.destroy());
  });
}

/**
 * Whether a connection is only late with its first request: Go's client keeps a connection that it dialled and then did not need, as long
 * as one that it used, and may not find it ended when it does. Node looks again once the first byte is there.
 */
function isUnused({ code }: NodeJS.ErrnoException, socket: Duplex): socket is TLSSocket {
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' && socket instanceof TLSSocket && socket.bytesRead === 0;
}

/** What a client did wrong that never became a request, and what to tell it; nothing where it has only gone. */
function faultOf(code = ''): { readonly reason: Rejection; readonly status?: string } | undefined {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return { reason: 'timeout', status: '408 Request Timeout' };
  if (code === 'HPE_INVALID_EOF_STATE') return undefined;
  if (code === 'HPE_HEADER_OVERFLOW')
    return { reason: 'malformed', status: '431 Request Header Fields Too Large' };
  if (code.startsWith('HPE_')) return { reason: 'malformed', status: '400 Bad Request' };
  if (code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_')) return { reason: 'handshake' };
  return undefined;
}

/** Binds a server. Rejects where the address cannot be bound. */
export function listen(server: TcpServer, { host, port }: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Where a server listens. */
export function addressOf(server: TcpServer): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port');
  return address;
}
