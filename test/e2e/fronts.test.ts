import type { ChildProcess } from 'node:child_process';
import { statSync } from 'node:fs';
import { Agent, createServer, type RequestOptions, request, type Server } from 'node:https';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../cli/program.ts';
import {
  AUDIENCE,
  flagsOf,
  openWorkplace,
  review,
  type Serving,
  startServe,
  type Workplace,
} from '../cli/serving.ts';
import { eventually } from '../eventually.ts';
import { DAY, HOUR, type Identity, mintAuthority, mintClient } from '../pki.ts';
import { NGINX, startNginx } from './nginx.ts';

const CONFIG = `apiVersion: apiserver.config.k8s.io/v1
kind: AuthenticationConfiguration
x509:
- issuer: {name: my-ca}
  requestValidationRules:
  - {expression: 'request.remoteaddr == "127.0.0.2"', message: only from 127.0.0.2}
`;

let place: Workplace;
let serving: Serving;
let terminator: Identity;
let exchangePort: number;
let terminatorPort: number;

beforeAll(async () => {
  place = await openWorkplace();
  place.write('authn.yaml', CONFIG);
  place.write('alice.crt', place.alice.pem);
  place.write('alice.key', place.alice.keyPem);
  const terminators = await mintAuthority('terminators');
  terminator = await mintClient(terminators, { subject: [{ CN: 'nginx' }] });
  place.write('terminators.pem', terminators.pem);
  const exchange = ['--exchange-bind-address', '127.0.0.1:0', '--cert-dir', place.path('made')];
  const front = [
    ['--terminator-bind-address', '127.0.0.1:0'],
    ['--terminator-ca-file', place.path('terminators.pem')],
    ['--terminator-allowed-names', 'nginx'],
    ['--terminator-certificate-header', 'nginx'],
    ['--terminator-address-header', 'X-Real-IP'],
  ].flat();
  serving = await startServe([...flagsOf(place), ...exchange, ...front]);
  const line = serving.entries.find(({ msg }) => msg === 'serving');
  const addresses = line as unknown as Record<'exchange' | 'terminator', AddressInfo>;
  exchangePort = addresses.exchange.port;
  terminatorPort = addresses.terminator.port;
});
afterAll(async () => {
  serving.process.kill('SIGTERM');
  await serving.ended;
  place.remove();
});

interface Answer {
  readonly status: number;
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
}

/** One request with alice's certificate. */
function ask(port: number, options: RequestOptions): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const client = { cert: place.alice.pem, key: place.alice.keyPem, ca: place.serving.pem };
    const call = request(
      { host: '127.0.0.1', port, agent: new Agent(), ...client, ...options },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, body: toBody(Buffer.concat(chunks).toString()) }),
        );
      },
    );
    call.on('error', reject);
    call.end();
  });
}

/** JSON, or the text where it is none. */
function toBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function judge(token: string): ReturnType<typeof review> {
  const body = { kind: 'TokenReview', apiVersion: 'authentication.k8s.io/v1', spec: { token } };
  return review(JSON.stringify(body), { port: serving.port, ca: place.serving.pem });
}

describe('through /exchange', () => {
  const exchange = (localAddress: string): Promise<Answer> =>
    ask(exchangePort, { method: 'POST', path: '/exchange', localAddress });

  it('from 127.0.0.2 alice is allowed, and her session is accepted', async () => {
    const { status, body } = await exchange('127.0.0.2');
    expect(status).toBe(200);
    expect((await judge(body.access_token)).status).toMatchObject({
      authenticated: true,
      user: { username: 'alice', groups: ['dev'] },
    });
  });

  it('from 127.0.0.3 she is denied with the message of the rule', async () => {
    const { status, body } = await exchange('127.0.0.3');
    expect([status, body.message]).toEqual([
      403,
      expect.stringMatching(/^request\/denied: only from 127\.0\.0\.2 \(decision /),
    ]);
  });

  it('the credential plugin says why she is denied, and ends with 1', async () => {
    place.write('serving.pem', place.serving.pem);
    const url = `https://127.0.0.1:${exchangePort}/exchange`;
    const files = ['--cert', place.path('alice.crt'), '--key', place.path('alice.key')];
    const ca = ['--exchange-ca', place.path('serving.pem')];
    const { code, stderr } = await run([
      'token',
      ...files,
      '--exchange-url',
      url,
      ...ca,
      '--audience',
      AUDIENCE,
    ]);
    expect([code, stderr]).toEqual([1, expect.stringContaining('request/denied: only from 127.0.0.2')]);
  });

  it('the credential plugin takes no authorities of an exchange without its URL', async () => {
    const files = ['--cert', place.path('alice.crt'), '--key', place.path('alice.key')];
    const { code, stderr } = await run(['token', ...files, '--exchange-ca', place.path('alice.crt')]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('--exchange-ca goes together')]);
  });

  it('the credential plugin prints a session that outlives a restart', async () => {
    place.write('authn.yaml', CONFIG.replace('127.0.0.2"', '127.0.0.1"'));
    await expect.poll(() => serving.entries.some(({ msg }) => msg.startsWith('reloaded'))).toBe(true);
    const url = `https://127.0.0.1:${exchangePort}/exchange`;
    const files = ['--cert', place.path('alice.crt'), '--key', place.path('alice.key')];
    const { code, stdout } = await run([
      'token',
      ...files,
      '--exchange-url',
      url,
      '--exchange-ca',
      place.path('serving.pem'),
    ]);
    expect(code).toBe(0);
    const { token } = JSON.parse(stdout).status;
    const again = await startServe([
      ...flagsOf(place),
      '--session-signing-key-file',
      place.path('made/session.key'),
    ]);
    try {
      const body = { kind: 'TokenReview', apiVersion: 'authentication.k8s.io/v1', spec: { token } };
      const { status } = await review(JSON.stringify(body), { port: again.port, ca: place.serving.pem });
      expect(status).toMatchObject({ authenticated: true, user: { username: 'alice' } });
    } finally {
      again.process.kill('SIGTERM');
      await again.ended;
      place.write('authn.yaml', CONFIG);
    }
    await expect.poll(() => serving.entries.filter(({ msg }) => msg.startsWith('reloaded')).length).toBe(2);
  });

  it('the key that is made is nobody else’s to read', () => {
    expect(statSync(place.path('made/session.key')).mode & 0o777).toBe(0o600);
  });
});

// CI installs nginx and the module, so that it is never without these; elsewhere they are skipped where there is none.
const isCi = process.env['CI'] === 'true';

describe.skipIf(!NGINX.isInstalled && !isCi)('through nginx', () => {
  let nginx: ChildProcess;
  let upstream: Server;
  let port: number;

  beforeAll(async () => {
    upstream = await startUpstream();
    ({ nginx, port } = await start('not-loaded'));
  });
  afterAll(() => {
    nginx.kill('SIGTERM');
    upstream.closeAllConnections();
    upstream.close();
  });

  async function start(
    headersMore: 'loaded' | 'not-loaded',
  ): Promise<{ readonly nginx: ChildProcess; readonly port: number }> {
    const port = await findFreePort();
    const ca = place.write('serving.pem', place.serving.pem);
    const nginx = startNginx({
      directory: place.directory,
      write: (name, text) => place.write(name, text),
      port,
      authn: { port: terminatorPort, ca },
      terminator,
      upstream: { port: (upstream.address() as AddressInfo).port, ca },
      headersMore,
    });
    await eventually(() => ask(port, { path: '/' }));
    return { nginx, port };
  }

  it('from 127.0.0.2 the upstream gets a session of alice’s', async () => {
    const { status, body } = await ask(port, { path: '/api/v1/pods?watch=1', localAddress: '127.0.0.2' });
    expect([status, body.url]).toEqual([200, '/api/v1/pods?watch=1']);
    const { status: verdict } = await judge(body.headers.authorization.replace('Bearer ', ''));
    expect(verdict).toMatchObject({ authenticated: true, user: { username: 'alice' } });
  });

  it('from 127.0.0.3 she is denied with the message of the rule, whatever her headers say', async () => {
    const headers = { 'x-real-ip': '127.0.0.2', 'x-forwarded-for': '127.0.0.2' };
    const { status, body } = await ask(port, { path: '/api', localAddress: '127.0.0.3', headers });
    expect([status, body.kind, body.message]).toEqual([
      403,
      'Status',
      expect.stringMatching(/^request\/denied: only from 127\.0\.0\.2 \(decision /),
    ]);
  });

  describe('a client that claims to be somebody else', () => {
    /** Everything by which somebody might be believed, some of it twice. */
    const claims = (): string[] => [
      ...['Host', 'localhost', 'Authorization', 'Bearer mine'],
      ...['X-Remote-User', 'root', 'x-remote-user', 'admin', 'X_Remote_User', 'root', 'X-Remote-Uid', '0'],
      ...['X-Remote-Group', 'system:masters', 'X-Remote-Group', 'dev', 'X-Remote-Extra-Scopes', 'all'],
      ...['X-Remote-Extra-Authentication.kubernetes.io%2Fcredential-id', 'X509SHA256=00'],
      ...['Client-Cert', ':AAAA:', 'Client-Cert-Chain', ':AAAA:', 'X-Forwarded-Client-Cert', 'Hash=00'],
      ...['ssl-client-cert', encodeURIComponent(terminator.pem), 'ssl-client-cert', 'x'],
      ...['X-Real-IP', '127.0.0.9', 'X-Forwarded-For', '127.0.0.9', 'Forwarded', 'for=127.0.0.9'],
    ];
    const sent = new Set(['host', 'x-forwarded-for', 'authorization']);

    async function arriving(port: number): Promise<Readonly<Record<string, string>>> {
      const { status, body } = await ask(port, {
        path: '/api',
        localAddress: '127.0.0.2',
        headers: claims(),
      });
      expect([status, body.certificate]).toEqual([200, 'none']);
      expect(body.headers.authorization).toMatch(/^Bearer kube-x509-session-v1\.[\w.-]+$/);
      expect(body.headers['x-forwarded-for']).toBe('127.0.0.2');
      return body.headers;
    }

    it('is alice all the same, and nginx shows kube-apiserver no certificate, without which X-Remote-* is nothing', async () => {
      const headers = await arriving(port);
      expect(Object.keys(headers).filter((name) => !sent.has(name))).toEqual(['x-remote-extra-scopes']);
    });

    it.skipIf(!NGINX.hasHeadersMore && !isCi)(
      'has none of these headers left with the module that clears them all',
      async () => {
        const other = await start('loaded');
        try {
          const headers = await arriving(other.port);
          expect(Object.keys(headers).filter((name) => !sent.has(name))).toEqual([]);
        } finally {
          other.nginx.kill('SIGTERM');
        }
      },
    );
  });

  it('without a certificate nobody gets through', async () => {
    const { status, body } = await ask(port, {
      path: '/api',
      localAddress: '127.0.0.2',
      cert: undefined,
      key: undefined,
    });
    expect([status, body.message]).toEqual([403, expect.stringMatching(/^possession\/no-certificate: /)]);
  });

  it('with a certificate of nobody’s nobody gets through', async () => {
    const stranger = await mintClient(await mintAuthority('my-ca'));
    const { status, body } = await ask(port, {
      path: '/api',
      localAddress: '127.0.0.2',
      cert: stranger.pem,
      key: stranger.keyPem,
    });
    expect([status, body.message]).toEqual([403, expect.stringMatching(/^path\/unknown-authority: /)]);
  });

  it('with an expired certificate nobody gets through', async () => {
    const validity = { notBefore: Date.now() - 2 * HOUR, notAfter: Date.now() - HOUR };
    const late = await mintClient(place.ca, validity);
    const options = { path: '/api', localAddress: '127.0.0.2', cert: late.pem, key: late.keyPem };
    expect(await ask(port, options)).toMatchObject({
      status: 403,
      body: { message: 'client certificate: FAILED:certificate has expired' },
    });
  });

  it('nobody asks where nginx asks', async () => {
    expect(await ask(port, { path: '/.kube-x509-authn', localAddress: '127.0.0.2' })).toMatchObject({
      status: 404,
    });
  });

  it('the session of a user with many groups is not too large', async () => {
    const groups = Array.from({ length: 300 }, (_, index) => ({ O: `group-${index}-${'x'.repeat(40)}` }));
    const validity = { notBefore: Date.now() - HOUR, notAfter: Date.now() + DAY };
    const holder = await mintClient(place.ca, { subject: [{ CN: 'bob' }, ...groups], ...validity });
    const { status, body } = await ask(port, {
      path: '/api',
      localAddress: '127.0.0.2',
      cert: holder.pem,
      key: holder.keyPem,
    });
    expect(status).toBe(200);
    expect(body.headers.authorization.length).toBeGreaterThan(20 * 1024);
  });

  it('an upgrade, as kubectl exec makes it, passes', async () => {
    const headers = { connection: 'Upgrade', upgrade: 'SPDY/3.1' };
    const text = await new Promise<string>((resolve, reject) => {
      const client = { cert: place.alice.pem, key: place.alice.keyPem, ca: place.serving.pem };
      const options = { host: '127.0.0.1', port, path: '/exec', method: 'POST', headers, ...client };
      const call = request({ ...options, localAddress: '127.0.0.2', agent: new Agent() });
      call.on('error', reject);
      call.on('response', ({ statusCode }) => reject(new Error(`answered ${statusCode}`)));
      call.on('upgrade', (_, socket) => {
        socket.once('data', (data: Buffer) => {
          resolve(data.toString());
          socket.destroy();
        });
        socket.write('ping');
      });
      call.end();
    });
    expect(text).toBe('echo ping');
  });
});

/** Answers with what it was asked, and by whom; echoes on upgraded connections. */
async function startUpstream(): Promise<Server> {
  const tls = {
    cert: place.serving.pem,
    key: place.serving.keyPem,
    requestCert: true,
    rejectUnauthorized: false,
  };
  const server = createServer({ ...tls, maxHeaderSize: 64 * 1024 }, ({ url, headers, socket }, response) => {
    const certificate = (socket as TLSSocket).getPeerX509Certificate()?.subject ?? 'none';
    response.end(JSON.stringify({ url, headers, certificate }));
  });
  server.on('upgrade', (_, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n');
    socket.on('data', (data: Buffer) => socket.write(`echo ${data.toString()}`));
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

async function findFreePort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
