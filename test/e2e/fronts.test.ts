import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { Agent, createServer, type RequestOptions, request, type Server } from 'node:https';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { fileURLToPath } from 'node:url';
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
import { type Identity, mintAuthority, mintClient } from '../pki.ts';

const HAS_NGINX = hasNginx();
const NGINX_CONF = fileURLToPath(new URL('../../config/deploy/nginx/nginx.conf', import.meta.url));

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
          resolve({ status: response.statusCode ?? 0, body: JSON.parse(Buffer.concat(chunks).toString()) }),
        );
      },
    );
    call.on('error', reject);
    call.end();
  });
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

// CI installs nginx, so that it is never without these; elsewhere they are skipped where there is none.
describe.skipIf(!HAS_NGINX && process.env['CI'] !== 'true')('through nginx', () => {
  let nginx: ChildProcess;
  let upstream: Server;
  let port: number;

  beforeAll(async () => {
    upstream = await startUpstream();
    port = await findFreePort();
    place.write('terminator.crt', terminator.pem);
    place.write('terminator.key', terminator.keyPem);
    place.write('serving.pem', place.serving.pem);
    const replacements: readonly (readonly [string, string])[] = [
      ['listen 443 ssl', `listen 127.0.0.1:${port} ssl`],
      ['127.0.0.1:6443', `127.0.0.1:${(upstream.address() as AddressInfo).port}`],
      ['127.0.0.1:9444', `127.0.0.1:${terminatorPort}`],
      ['/etc/kube-x509-authn/nginx/terminator', place.path('terminator')],
      ['/etc/kube-x509-authn/nginx/tls', place.path('tls')],
      ['/etc/kube-x509-authn/serving-ca.pem', place.path('serving.pem')],
      ['/etc/kubernetes/pki/ca.crt', place.path('serving.pem')],
      ['proxy_ssl_name                kubernetes', 'proxy_ssl_name localhost'],
    ];
    let conf = readFileSync(NGINX_CONF, 'utf8');
    for (const [find, replace] of replacements) {
      if (!conf.includes(find)) throw new Error(`nginx.conf has no ${find}`);
      conf = conf.replaceAll(find, replace);
    }
    place.write('nginx.conf', conf);
    const globals = `daemon off; pid ${place.path('nginx.pid')};`;
    nginx = spawn(
      'nginx',
      ['-p', place.directory, '-c', place.path('nginx.conf'), '-e', 'stderr', '-g', globals],
      {
        stdio: ['ignore', 'ignore', 'inherit'],
      },
    );
    await eventually(() => ask(port, { path: '/' }));
  });
  afterAll(() => {
    nginx.kill('SIGQUIT');
    upstream.closeAllConnections();
    upstream.close();
  });

  it('from 127.0.0.2 the upstream gets a session of alice’s, and nothing that she sent herself', async () => {
    const headers = {
      authorization: 'Bearer mine',
      'x-remote-user': 'root',
      'ssl-client-cert': 'x',
      'x-real-ip': '127.0.0.9',
    };
    const { status, body } = await ask(port, {
      path: '/api/v1/pods?watch=1',
      localAddress: '127.0.0.2',
      headers,
    });
    expect([status, body.url, body.headers['x-remote-user']]).toEqual([
      200,
      '/api/v1/pods?watch=1',
      undefined,
    ]);
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

  it('without a certificate nobody gets through', async () => {
    const { status, body } = await ask(port, {
      path: '/api',
      localAddress: '127.0.0.2',
      cert: undefined,
      key: undefined,
    });
    expect([status, body.message]).toEqual([403, expect.stringMatching(/^possession\/no-certificate: /)]);
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

/** Answers with what it was asked, and echoes on upgraded connections. */
async function startUpstream(): Promise<Server> {
  const server = createServer({ cert: place.serving.pem, key: place.serving.keyPem }, (request, response) => {
    const { url, headers } = request;
    response.end(JSON.stringify({ url, headers }));
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

function hasNginx(): boolean {
  try {
    execFileSync('nginx', ['-v'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
