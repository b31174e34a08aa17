import { randomBytes } from 'node:crypto';
import { Agent, type RequestOptions, request } from 'node:https';
import type { SecureContextOptions } from 'node:tls';
import type { Authenticator } from '../../src/authenticator/authenticator.ts';
import { readSessionKey, type SessionKey } from '../../src/credential/session-key.ts';
import type { SessionService } from '../../src/server/admit.ts';
import { createCertificateCheck } from '../../src/server/caller-certificate.ts';
import type { TerminatorHeaders } from '../../src/server/forwarded.ts';
import { type FrontListener, startExchange, startTerminator } from '../../src/server/front-listeners.ts';
import { createLog, type LogOptions } from '../../src/server/log.ts';
import { createMetrics, type Metrics } from '../../src/server/metrics.ts';
import type { ProxyCheck } from '../../src/server/proxy-front.ts';
import { RefusedTokens } from '../../src/server/refused-tokens.ts';
import { DEFAULT_LIMITS, type ServerLimits } from '../../src/server/server-limits.ts';
import { StrangerLane } from '../../src/server/stranger-lane.ts';
import { toTlsOptions } from '../../src/server/tls-settings.ts';
import { generateKey, type KeyKind } from '../../src/x509/signing-key.ts';
import { parseTrustBundle } from '../../src/x509/trust-bundle.ts';
import { type Identity, mintServing, NOW } from '../pki.ts';
import { AUDIENCE } from './webhook.ts';

/** A key for sessions. */
export async function mintSessionKey(kind: KeyKind = 'P-256'): Promise<SessionKey> {
  const { privateKey } = await generateKey(kind);
  const result = readSessionKey(Buffer.from(privateKey.export({ type: 'pkcs8', format: 'pem' })));
  if (!result.ok) throw new Error(result.error);
  return result.key;
}

export interface ServiceParts {
  readonly authenticator: () => Authenticator;
  readonly keys: () => readonly [SessionKey, ...SessionKey[]];
  readonly issuerUrl?: string;
  readonly now?: () => number;
  readonly lines?: string[];
  readonly logging?: LogOptions;
  readonly metrics?: Metrics;
  readonly ticks?: () => number;
}

/** A service that gives and takes sessions. */
export function sessionService({
  authenticator,
  keys,
  issuerUrl,
  now = () => NOW,
  lines = [],
  logging,
  metrics = createMetrics(),
  ticks = () => performance.now(),
}: ServiceParts): SessionService {
  return {
    authenticator,
    audiences: [AUDIENCE],
    refusedTokens: new RefusedTokens(),
    now,
    ticks,
    metrics: metrics.decisions,
    newDecisionId: () => randomBytes(8).toString('hex'),
    log: createLog({ write: (line: string) => void lines.push(line) }, logging),
    sessions: { keys, ...(issuerUrl !== undefined && { issuerUrl }) },
  };
}

/** How a door listens, where it is not as always. */
export interface DoorParts {
  readonly isProxy?: ProxyCheck;
  readonly limits?: Partial<ServerLimits>;
  readonly metrics?: Metrics;
  readonly isClosing?: () => boolean;
  readonly strangers?: StrangerLane;
}

export interface FrontDoor {
  readonly listener: FrontListener;
  readonly serving: Identity;
  close(): Promise<void>;
}

export async function openExchange(service: SessionService, parts: DoorParts = {}): Promise<FrontDoor> {
  const serving = await mintServing();
  const { issuerUrl, keys } = service.sessions;
  const discovery = issuerUrl === undefined ? {} : { discovery: { issuerUrl, keys } };
  const { isProxy = () => false } = parts;
  return toDoor(serving, await startExchange({ service, isProxy, ...discovery }, listening(serving, parts)));
}

export async function openTerminator(
  service: SessionService,
  {
    ca,
    allowedNames,
    headers,
    ...parts
  }: DoorParts & { ca: Identity; allowedNames: readonly string[]; headers: TerminatorHeaders },
): Promise<FrontDoor> {
  const serving = await mintServing();
  const parsed = parseTrustBundle(ca.pem);
  if (!parsed.ok) throw new Error(parsed.error);
  const terminators = createCertificateCheck({
    anchors: () => parsed.bundle,
    allowedNames: new Set(allowedNames),
  });
  return toDoor(serving, await startTerminator({ service, terminators, headers }, listening(serving, parts)));
}

function listening(
  serving: Identity,
  {
    limits,
    metrics = createMetrics(),
    isClosing = () => false,
    strangers = new StrangerLane(200, () => performance.now()),
  }: DoorParts,
): Parameters<typeof startExchange>[1] {
  return {
    address: { host: '127.0.0.1', port: 0 },
    tls: tlsOf(serving),
    limits: { ...DEFAULT_LIMITS, ...limits },
    metrics,
    isClosing,
    strangers,
  };
}

/** What a door serves a certificate with. */
export function tlsOf(serving: Identity): SecureContextOptions {
  const material = { certificate: Buffer.from(serving.pem), key: Buffer.from(serving.keyPem) };
  return toTlsOptions({ minVersion: 'VersionTLS12', cipherSuites: [] }, material);
}

function toDoor(serving: Identity, listener: FrontListener): FrontDoor {
  return {
    listener,
    serving,
    async close() {
      listener.cut();
      await listener.close();
    },
  };
}

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly rawHeaders: readonly string[];
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
}

/** Makes one request over a connection of its own. */
export function ask(door: FrontDoor, options: RequestOptions = {}, body = ''): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const { port } = door.listener.address;
    const call = request(
      { host: '127.0.0.1', port, ca: door.serving.pem, agent: new Agent(), ...options },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({
            status: response.statusCode!,
            headers: response.headers,
            rawHeaders: response.rawHeaders,
            body: JSON.parse(Buffer.concat(chunks).toString() || '{}'),
          }),
        );
      },
    );
    call.on('error', reject);
    call.end(body);
  });
}

/** A holder's certificate and key, with what it sends besides. */
export function holding(holder: Identity, ...others: readonly Identity[]): RequestOptions {
  return { cert: [holder, ...others].map(({ pem }) => pem).join(''), key: holder.keyPem };
}
