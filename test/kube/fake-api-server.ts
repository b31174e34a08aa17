import { generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { exportJWK, SignJWT } from 'jose';
import { type Identity, mintServing } from '../pki.ts';

/** Claims of a service-account token that a test wants otherwise than the API server would have them. */
export type TokenClaims = Readonly<Record<string, unknown>>;

/** The corner of an API server that hands out service-account tokens and publishes the keys they are signed with. */
export interface FakeApiServer {
  readonly url: string;
  readonly issuer: string;
  /** Its serving certificate, self-signed. */
  readonly serving: Identity;
  /** What callers must bear; another one is a 401. */
  bearer: string;
  /** Answers instead of the real ones, in turn: a status code for a Status, a string for a body. */
  readonly faults: (number | string)[];
  /** Every request: method and path. */
  readonly requests: string[];
  /** Bodies of TokenRequests. */
  readonly wishes: {
    readonly spec: { readonly audiences: readonly string[]; readonly expirationSeconds: number };
  }[];
  /** Milliseconds since the epoch. */
  now: () => number;
  sign(claims: TokenClaims, alg?: string): Promise<string>;
  /** Signs with another key from now on; the published keys are the new one alone. */
  rotateKey(): void;
  keySet(): Promise<{ readonly keys: readonly object[] }>;
  close(): Promise<void>;
}

interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export async function startFakeApiServer(now: () => number): Promise<FakeApiServer> {
  const serving = await mintServing();
  let key = generateKey();
  const server = createServer({ cert: serving.pem, key: serving.keyPem });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const fake: FakeApiServer = {
    url,
    issuer: url,
    serving,
    bearer: 'pod-token',
    faults: [],
    requests: [],
    wishes: [],
    now,
    sign(claims, alg = 'RS256') {
      return new SignJWT(toClaims(fake, claims))
        .setProtectedHeader({ alg, kid: key.kid })
        .sign(key.privateKey);
    },
    rotateKey: () => {
      key = generateKey();
    },
    keySet: async () => ({
      keys: [{ ...(await exportJWK(key.publicKey)), kid: key.kid, use: 'sig', alg: 'RS256' }],
    }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  server.on('request', (request, response) => void answer(fake, request, response));
  return fake;
}

function generateKey(): SigningKey {
  return { kid: randomUUID(), ...generateKeyPairSync('rsa', { modulusLength: 2048 }) };
}

function toClaims({ issuer, now }: FakeApiServer, claims: TokenClaims): TokenClaims {
  const iat = Math.floor(now() / 1000);
  return {
    iss: issuer,
    aud: ['webhook.example'],
    sub: 'system:serviceaccount:kube-system:caller',
    iat,
    nbf: iat,
    exp: iat + 3600,
    jti: randomUUID(),
    ...claims,
  };
}

async function answer(
  fake: FakeApiServer,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  fake.requests.push(`${request.method} ${request.url}`);
  const send = (code: number, body: unknown): void => {
    response
      .writeHead(code, { 'content-type': 'application/json' })
      .end(typeof body === 'string' ? body : JSON.stringify(body));
  };
  const fault = fake.faults.shift();
  if (typeof fault === 'string') send(200, fault);
  else if (fault !== undefined)
    send(fault, { kind: 'Status', apiVersion: 'v1', status: 'Failure', message: 'not now', code: fault });
  else if (request.headers.authorization !== `Bearer ${fake.bearer}`)
    send(401, { kind: 'Status', message: 'Unauthorized', code: 401 });
  else if (request.url === '/.well-known/openid-configuration')
    send(200, { issuer: fake.issuer, jwks_uri: `${fake.url}/openid/v1/jwks` });
  else if (request.url === '/openid/v1/jwks') send(200, await fake.keySet());
  else
    await answerTokenRequest(fake, { path: request.url ?? '', body: Buffer.concat(chunks).toString() }, send);
}

async function answerTokenRequest(
  fake: FakeApiServer,
  { path, body }: { path: string; body: string },
  send: (code: number, body: unknown) => void,
): Promise<void> {
  const [, namespace, name] =
    /^\/api\/v1\/namespaces\/([^/]+)\/serviceaccounts\/([^/]+)\/token$/.exec(path) ?? [];
  if (name === undefined)
    return send(404, {
      kind: 'Status',
      message: 'the server could not find the requested resource',
      code: 404,
    });
  const wish = JSON.parse(body);
  fake.wishes.push(wish);
  const { audiences, expirationSeconds } = wish.spec;
  const exp = Math.floor(fake.now() / 1000) + expirationSeconds;
  const token = await fake.sign({ aud: audiences, exp, sub: `system:serviceaccount:${namespace}:${name}` });
  const expirationTimestamp = new Date(exp * 1000).toISOString().replace('.000Z', 'Z');
  send(201, { ...wish, metadata: { name, namespace }, status: { token, expirationTimestamp } });
}
