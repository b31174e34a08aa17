import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createApp, createHealthApp, type ReadinessCheck } from './app.ts';
import { authenticate, isAuthenticate } from './authenticate.ts';
import type { Service } from './service.ts';

/** Where to listen, and the serving certificate (PEM). Port 0 takes a free one. */
export interface Listening {
  readonly secure: { readonly host: string; readonly port: number };
  readonly health: { readonly host: string; readonly port: number };
  readonly certificate: Buffer;
  readonly key: Buffer;
}

/** Go's HTTP client keeps an idle connection for 90 s and does not retry the EOF of one that we closed first. */
const KEEP_ALIVE_MS = 120_000;

/** A running server; `close` stops listening, answers what is under way and ends. */
export interface RunningServer {
  readonly secureAddress: AddressInfo;
  readonly healthAddress: AddressInfo;
  close(): Promise<void>;
}

/** Starts the TLS and health listeners. Rejects where an address cannot be bound or the certificate is unusable. */
export async function startServer(service: Service, listening: Listening): Promise<RunningServer> {
  let isClosing = false;
  const app = createApp();
  const secure = createHttpsServer(
    {
      cert: listening.certificate,
      key: listening.key,
      minVersion: 'TLSv1.2',
      keepAliveTimeout: KEEP_ALIVE_MS,
    },
    (request, response) => {
      if (isAuthenticate(request)) void authenticate(request, response, service);
      else app(request, response);
    },
  );
  const checks: ReadinessCheck[] = [
    { name: 'shutdown', problem: () => (isClosing ? 'shutting down' : undefined) },
  ];
  const health = createHttpServer(createHealthApp(checks));
  await listen(secure, listening.secure);
  await listen(health, listening.health);
  return {
    secureAddress: addressOf(secure),
    healthAddress: addressOf(health),
    async close() {
      isClosing = true;
      await Promise.all([stop(secure), stop(health)]);
    },
  };
}

function listen(
  server: HttpServer | HttpsServer,
  { host, port }: { host: string; port: number },
): Promise<void> {
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
