import { createServer as createHttpServer, type RequestListener } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import { createApp } from './app.ts';
import { authenticate, isAuthenticate } from './authenticate.ts';
import { authorize, isAuthorize } from './authorize.ts';
import { Connections } from './connections.ts';
import type { Discovery } from './discovery.ts';
import type { Endpoint } from './post-review.ts';
import type { ServerLimits } from './server-limits.ts';
import { addressOf, createTlsServer, type ListenAddress, listen, timeouts } from './tls-listener.ts';

/** Where to listen, and how. */
export interface Listening {
  readonly secure: ListenAddress;
  readonly health: ListenAddress;
  readonly tls: SecureContextOptions;
  /** Whether callers are asked for a certificate; what it is worth, the endpoint finds out itself. */
  readonly clientCertificates: 'requested' | 'not-requested';
  readonly healthApp: RequestListener;
  readonly limits: ServerLimits;
  /** What kube-apiserver verifies native sessions by; absent: there are none. */
  readonly discovery?: Discovery;
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

/** Starts the TLS and health listeners. Rejects where an address cannot be bound or the certificate is unusable; nothing listens then. */
export async function startServer(endpoint: Endpoint, listening: Listening): Promise<RunningServer> {
  const secure = createSecureServer(endpoint, listening);
  const health = createHttpServer(
    { ...timeouts(listening.limits), keepAliveTimeout: 5000 },
    listening.healthApp,
  );
  health.maxConnections = listening.limits.connections;
  const connections = [new Connections(secure), new Connections(health)];
  await listen(secure, listening.secure);
  try {
    await listen(health, listening.health);
  } catch (error) {
    secure.close();
    throw error;
  }
  return {
    secureAddress: addressOf(secure),
    healthAddress: addressOf(health),
    setTls: (tls) => secure.setSecureContext(tls),
    async close() {
      for (const each of connections) await each.stop();
    },
    cut() {
      secure.closeAllConnections();
      health.closeAllConnections();
    },
  };
}

function createSecureServer(
  endpoint: Endpoint,
  { tls, limits, clientCertificates, discovery }: Listening,
): HttpsServer {
  const app = createApp(endpoint.service, discovery);
  const { metrics } = endpoint.gate;
  return createTlsServer({ tls, clientCertificates, limits, metrics }, (request, response) => {
    const { native } = endpoint.service;
    if (isAuthenticate(request)) void authenticate(request, response, endpoint);
    else if (native !== undefined && isAuthorize(request))
      void authorize(request, response, { endpoint, native });
    else app(request, response);
  });
}
