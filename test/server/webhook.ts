import { randomBytes } from 'node:crypto';
import { Agent, type RequestOptions, request } from 'node:https';
import type { Authenticator } from '../../src/authenticator/authenticator.ts';
import type { NativeJudge } from '../../src/authenticator/native-judge.ts';
import { mintToken } from '../../src/credential/mint-token.ts';
import { addAuthenticatorMetrics } from '../../src/server/authenticator-metrics.ts';
import { createHealthApp, type ReadinessCheck } from '../../src/server/app.ts';
import type { Endpoint } from '../../src/server/post-review.ts';
import type { CallerCheck } from '../../src/server/caller.ts';
import { createGate } from '../../src/server/gate.ts';
import { createLog, type LogOptions } from '../../src/server/log.ts';
import { createMetrics, type Metrics } from '../../src/server/metrics.ts';
import { createNativeMetrics } from '../../src/server/native-metrics.ts';
import { RefusedTokens } from '../../src/server/refused-tokens.ts';
import { addRevocationMetrics, revocationsOf } from '../../src/server/revocation-metrics.ts';
import { type RunningServer, startServer } from '../../src/server/serve.ts';
import { DEFAULT_LIMITS, type ServerLimits } from '../../src/server/server-limits.ts';
import { type TlsSettings, toTlsOptions } from '../../src/server/tls-settings.ts';
import { type Identity, mintServing, NOW } from '../pki.ts';
import { expectNoSecrets } from './secrets.ts';

export const AUDIENCE = 'x509.test.example';
export const APISERVER = 'https://kubernetes.default.svc';

/** What a webhook under test is made of; everything but the authenticator has a default. */
export interface WebhookParts {
  readonly authenticator: () => Authenticator;
  readonly limits?: Partial<ServerLimits>;
  readonly callers?: CallerCheck;
  readonly callerAuthorities?: string;
  readonly tls?: Partial<TlsSettings>;
  readonly checks?: readonly ReadinessCheck[];
  readonly isClosing?: () => boolean;
  readonly now?: () => number;
  readonly ticks?: () => number;
  readonly logging?: LogOptions;
  readonly newDecisionId?: () => string;
  /** The judge of `/authorize`. */
  readonly judge?: () => NativeJudge;
}

/** A webhook that serves on loopback in this process. */
export interface Webhook {
  readonly server: RunningServer;
  readonly endpoint: Endpoint;
  readonly metrics: Metrics;
  readonly serving: Identity;
  /** The log, a line an entry. */
  readonly lines: string[];
  send(body: string | Buffer, options?: RequestOptions & { readonly type?: string }): Promise<Answer>;
  /** The value of a counter or gauge. */
  count(name: string, labels?: Readonly<Record<string, string>>): Promise<number>;
  close(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

export async function startWebhook(parts: WebhookParts): Promise<Webhook> {
  const lines: string[] = [];
  const metrics = createMetrics();
  const log = createLog(
    { write: (line: string) => void lines.push(line) },
    { onFault: () => metrics.faults.inc(), ...parts.logging },
  );
  const { callers, isClosing = () => false, now = () => NOW } = parts;
  const limits = { ...DEFAULT_LIMITS, ...parts.limits };
  const service = {
    authenticator: parts.authenticator,
    audiences: [AUDIENCE],
    refusedTokens: new RefusedTokens(),
    now,
    ticks: parts.ticks ?? (() => performance.now()),
    newDecisionId: parts.newDecisionId ?? (() => randomBytes(8).toString('hex')),
    log,
    metrics: metrics.decisions,
    ...(parts.judge !== undefined && {
      native: { judge: parts.judge, metrics: createNativeMetrics(metrics.registry) },
    }),
  };
  if (parts.judge !== undefined) service.native?.metrics.follow(parts.judge().policy);
  metrics.decisions.follow(parts.authenticator());
  addAuthenticatorMetrics(metrics.registry, { authenticator: parts.authenticator, now });
  addRevocationMetrics(metrics.registry, {
    inForce: () => revocationsOf(parts.authenticator(), parts.judge?.().policy),
    now,
  });
  const endpoint = {
    service,
    gate: createGate(limits, { metrics, callers, isClosing, ticks: service.ticks }),
  };
  const serving = await mintServing();
  const address = { host: '127.0.0.1', port: 0 };
  const { callerAuthorities } = parts;
  const server = await startServer(endpoint, {
    secure: address,
    health: address,
    tls: toTlsOptions(
      { minVersion: 'VersionTLS12', cipherSuites: [], ...parts.tls },
      {
        certificate: Buffer.from(serving.pem),
        key: Buffer.from(serving.keyPem),
        ...(callerAuthorities !== undefined && { callerAuthorities }),
      },
    ),
    clientCertificates: callerAuthorities === undefined ? 'not-requested' : 'requested',
    healthApp: createHealthApp(parts.checks ?? [], metrics.registry, service),
    limits,
  });
  const agent = new Agent({ keepAlive: true, ca: serving.pem });
  return {
    server,
    endpoint,
    metrics,
    serving,
    lines,
    send: (body, options = {}) =>
      send(body, { host: '127.0.0.1', port: server.secureAddress.port, agent, ...options }),
    async count(name, labels = {}) {
      const metric = await metrics.registry.getSingleMetric(`kube_x509_authn_${name}`)?.get();
      const value = metric?.values.find((each) =>
        Object.entries(labels).every(([key, label]) => each.labels[key] === label),
      );
      return value?.value ?? 0;
    },
    async close() {
      expectNoSecrets(lines);
      agent.destroy();
      server.cut();
      await server.close();
    },
  };
}

function send(
  body: string | Buffer,
  { type = 'application/json', ...options }: RequestOptions & { readonly type?: string },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': type, 'content-length': Buffer.byteLength(body), ...options.headers };
    const call = request(
      { path: '/authenticate?timeout=30s', method: 'POST', ...options, headers },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode!,
            headers: response.headers,
            text: Buffer.concat(chunks).toString(),
          }),
        );
      },
    );
    call.on('error', reject);
    call.end(body);
  });
}

/** A token of a holder's for this webhook. */
export function tokenOf(holder: Identity, claims: object = {}): string {
  const iat = NOW / 1000;
  const defaults = { aud: AUDIENCE, iat, exp: iat + 300, jti: randomBytes(16).toString('base64url') };
  return mintToken({ chain: [holder.certificate], key: holder.key, claims: { ...defaults, ...claims } })!;
}

/** The very bytes that kube-apiserver 1.36 sends. */
export function reviewOf(token: string, version = 'v1', audiences = `["${APISERVER}"]`): string {
  return `{"kind":"TokenReview","apiVersion":"authentication.k8s.io/${version}","metadata":{},"spec":{"token":"${token}","audiences":${audiences}},"status":{"user":{}}}\n`;
}
