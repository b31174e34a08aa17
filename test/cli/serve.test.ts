import { Agent } from 'node:https';
import { type AddressInfo, createServer } from 'node:net';
import { connect } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../eventually.ts';
import { mintAuthority, mintClient, mintServing } from '../pki.ts';
import { startFakeApiServer } from '../kube/fake-api-server.ts';
import { run } from './program.ts';
import {
  type Calling,
  flagsOf,
  freshReview,
  type LogEntry,
  openWorkplace,
  review,
  type Serving,
  startServe,
  type Workplace,
} from './serving.ts';

let place: Workplace;
let server: Serving | undefined;

beforeAll(async () => {
  place = await openWorkplace();
});

afterAll(() => place.remove());

afterEach(async () => {
  server?.process.kill('SIGKILL');
  await server?.ended;
  server = undefined;
});

async function start(...flags: string[]): Promise<Serving> {
  server = await startServe([...flagsOf(place), ...flags]);
  return server;
}

const calling = ({ port }: Serving, more: Partial<Calling> = {}): Calling => ({
  port,
  ca: place.serving.pem,
  ...more,
});
const ask = async (serving: Serving, more: Partial<Calling> = {}) =>
  review(freshReview(place.alice), calling(serving, more));
const outcomeOf = async (serving: Serving): Promise<string> => {
  const { status } = await ask(serving);
  if (typeof status === 'string') return status;
  return status.authenticated === true
    ? 'authenticated'
    : (status.error ?? 'no error').replace(/ \(decision .*/, '');
};

describe('a file that changes', () => {
  it('and is bad leaves the last good one in force, and is logged once, counted and shown', async () => {
    place.configure('first');
    const serving = await start();
    place.configure('second', 'user.nonsense == 1');
    await expect
      .poll(async () => (await serving.get('/readyz?verbose')).text)
      .toContain('a newer version is not taken');
    expect(await outcomeOf(serving)).toBe('authenticated');
    const { status, text } = await serving.get('/readyz?verbose');
    expect(status).toBe(200);
    expect(text).toMatch(
      /^\[\+\]authentication-config ok: sha256:[0-9a-f]{64} stays in force; a newer version is not taken: .*authn\.yaml has 1 error\n.*undefined field 'nonsense'/,
    );
    const failures = (): LogEntry[] =>
      serving.entries.filter(({ msg }) => msg.startsWith('failed to load authentication config'));
    const failure = { level: 'warn', error: expect.stringContaining('userValidationRules[0].expression') };
    await expect.poll(failures).toMatchObject([failure]);
    const metrics = (await serving.get('/metrics')).text;
    expect(metrics).toMatch(
      /kube_x509_authn_automatic_reloads_total\{source="authentication-config",status="failure"\} [1-9]/,
    );
    place.configure('third', 'false');
    await expect.poll(() => outcomeOf(serving)).toBe('user/denied: third');
    expect((await serving.get('/readyz')).text).toBe('ok');
    expect((await serving.get('/metrics')).text).toMatch(
      /automatic_reloads_total\{source="authentication-config",status="success"\} 1/,
    );
  });

  it('may be the anchors, which count from then on', async () => {
    place.configure('alice only');
    const serving = await start();
    expect(await outcomeOf(serving)).toBe('authenticated');
    place.write('ca.pem', (await mintAuthority('my-ca')).pem);
    await expect.poll(() => outcomeOf(serving)).toMatch(/^path\/unknown-authority/);
    place.write('ca.pem', place.ca.pem);
    await expect.poll(() => outcomeOf(serving)).toBe('authenticated');
  });

  it('may be the serving certificate: new connections see the new one, and open ones stay open', async () => {
    const serving = await start();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    expect((await ask(serving, { agent })).code).toBe(200);
    const next = await mintServing();
    place.write('tls.crt', next.pem);
    await expect
      .poll(async () => (await serving.get('/readyz?verbose')).text)
      .toContain('is not the key of the certificate in');
    place.write('tls.key', next.keyPem);
    await expect
      .poll(() =>
        ask(serving).then(
          ({ code }) => code,
          (error: Error) => error.message,
        ),
      )
      .toBe('self-signed certificate');
    expect((await ask(serving, { ca: next.pem })).code).toBe(200);
    expect((await ask(serving, { agent })).code).toBe(200);
    agent.destroy();
    place.write('tls.crt', place.serving.pem);
    place.write('tls.key', place.serving.keyPem);
  });
});

describe('the end', () => {
  it('on SIGTERM: not ready but serving, then the answers under way, then exit 0', async () => {
    place.configure('alice only');
    const serving = await start('--shutdown-delay', '1s');
    const agent = new Agent({ keepAlive: true });
    expect((await ask(serving, { agent })).connection).toBe('keep-alive');
    serving.process.kill('SIGTERM');
    await expect.poll(async () => (await serving.get('/readyz')).status).toBe(503);
    expect((await serving.get('/readyz')).text).toContain('[-]shutdown failed: shutting down');
    expect((await serving.get('/livez')).status).toBe(200);
    expect(await ask(serving, { agent })).toMatchObject({
      code: 200,
      connection: 'close',
      status: { authenticated: true },
    });
    const slow = connect({
      host: '127.0.0.1',
      port: serving.port,
      ca: place.serving.pem,
      servername: 'localhost',
    });
    const body = freshReview(place.alice);
    let answer = '';
    slow.on('data', (chunk: Buffer) => (answer += chunk.toString()));
    slow.write(
      `POST /authenticate HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 10)}`,
    );
    await expect
      .poll(() =>
        ask(serving).then(
          () => 'served',
          (error: NodeJS.ErrnoException) => error.code,
        ),
      )
      .toBe('ECONNREFUSED');
    slow.write(body.slice(10));
    await expect.poll(() => answer).toContain('"authenticated":true');
    expect(await serving.ended).toBe(0);
    await expect
      .poll(() => serving.entries.map(({ msg }) => msg))
      .toEqual(expect.arrayContaining(['stopping', 'stopped']));
    agent.destroy();
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('on a second signal after %s is at once', async (signal) => {
    const serving = await start('--shutdown-delay', '10m');
    serving.process.kill(signal);
    await expect.poll(async () => (await serving.get('/readyz')).status).toBe(503);
    serving.process.kill('SIGTERM');
    expect(await serving.ended).toBe(1);
  });

  it.each([
    ['an exception', 'throw new Error("a planted fault")'],
    ['a rejection', 'void Promise.reject(new Error("a planted fault"))'],
  ])('after %s outside any request is logged, drained, and 1', async (_, fault) => {
    const preload = `data:text/javascript,${encodeURIComponent(`process.on('SIGUSR2', () => { ${fault} })`)}`;
    server = await startServe(flagsOf(place), { NODE_OPTIONS: `--import ${preload}` });
    const serving = server;
    const body = freshReview(place.alice);
    const slow = connect({
      host: '127.0.0.1',
      port: serving.port,
      ca: place.serving.pem,
      servername: 'localhost',
    });
    let answer = '';
    slow.on('data', (chunk: Buffer) => (answer += chunk.toString()));
    slow.write(
      `POST /authenticate HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 10)}`,
    );
    await expect.poll(async () => (await serving.get('/metrics')).text).toContain('requests_inflight 1');
    serving.process.kill('SIGUSR2');
    await expect.poll(() => serving.entries.some(({ level }) => level === 'fatal')).toBe(true);
    slow.write(body.slice(10));
    await expect.poll(() => answer).toContain('"authenticated":true');
    expect(await serving.ended).toBe(1);
    expect(serving.entries.find(({ level }) => level === 'fatal')).toMatchObject({
      err: { message: 'a planted fault' },
    });
  });

  it('is not on SIGHUP, which has the files looked at', async () => {
    place.configure('alice only');
    const serving = await start();
    serving.process.kill('SIGHUP');
    place.configure('second', 'false');
    await expect.poll(() => outcomeOf(serving)).toBe('user/denied: second');
    place.configure('alice only');
    await expect.poll(() => outcomeOf(serving)).toBe('authenticated');
  });

  it('by SIGKILL leaves nothing that keeps the next one from starting', async () => {
    const first = await start('--cert-dir', place.path('made'));
    first.process.kill('SIGKILL');
    expect(await first.ended).toBe('SIGKILL');
    const second = await start('--secure-port', String(first.port), '--cert-dir', place.path('made'));
    expect(await outcomeOf(second)).toBe('authenticated');
  });
});

describe('callers', () => {
  beforeAll(() => place.configure('alice only'));

  it('by mutual TLS: the allowed name is let in, nobody else is, and the authorities are reloaded', async () => {
    const callers = await mintAuthority('callers');
    place.write('callers.pem', callers.pem);
    const serving = await start(
      '--caller-ca-file',
      place.path('callers.pem'),
      '--caller-allowed-names',
      'kube-apiserver,other',
    );
    const apiserver = await mintClient(callers, { subject: [{ CN: 'kube-apiserver' }] });
    const kubelet = await mintClient(callers, { subject: [{ CN: 'kubelet' }] });
    const asApiserver = { cert: apiserver.pem, key: apiserver.keyPem };
    expect(await ask(serving, asApiserver)).toMatchObject({ code: 200, status: { authenticated: true } });
    expect(await ask(serving)).toMatchObject({
      code: 401,
      status: 'caller/no-certificate: the caller presented no client certificate',
    });
    expect(await ask(serving, { cert: kubelet.pem, key: kubelet.keyPem })).toMatchObject({
      code: 401,
      status: expect.stringContaining('caller/name-not-allowed'),
    });
    expect((await serving.get('/metrics')).text).toMatch(
      /caller_refusals_total\{code="caller\/name-not-allowed"\} 1/,
    );
    await expect
      .poll(() => serving.entries.filter(({ msg }) => msg === 'caller refused'))
      .toMatchObject([{ code: 'caller/no-certificate' }, { code: 'caller/name-not-allowed' }]);
    const next = await mintAuthority('next callers');
    place.write('callers.pem', next.pem);
    await expect
      .poll(() => ask(serving, asApiserver))
      .toMatchObject({ code: 401, status: expect.stringContaining('caller/untrusted-certificate') });
    const renewed = await mintClient(next, { subject: [{ CN: 'kube-apiserver' }] });
    expect((await ask(serving, { cert: renewed.pem, key: renewed.keyPem })).code).toBe(200);
  });

  it('by a token that caller-token keeps: from TokenRequest to the webhook', async () => {
    const fake = await startFakeApiServer(() => Date.now());
    place.write('api-ca.pem', fake.serving.pem);
    place.write('bearer', fake.bearer);
    const kubeconfig = {
      'current-context': 'x',
      contexts: [{ name: 'x', context: { cluster: 'x', user: 'x' } }],
      clusters: [{ name: 'x', cluster: { server: fake.url, 'certificate-authority': 'api-ca.pem' } }],
      users: [{ name: 'x', user: { tokenFile: 'bearer' } }],
    };
    place.write('kubeconfig', JSON.stringify(kubeconfig));
    const written = await run([
      'caller-token',
      '--audience',
      'webhook.example',
      '--write',
      place.path('caller-token'),
      '--kubeconfig',
      place.path('kubeconfig'),
      '--service-account',
      'kube-system/caller',
      '--once',
    ]);
    expect([written.code, JSON.parse(written.stderr)]).toEqual([
      0,
      expect.objectContaining({ msg: 'wrote a token' }),
    ]);
    const { readFileSync, statSync } = await import('node:fs');
    const token = readFileSync(place.path('caller-token'), 'utf8');
    expect(statSync(place.path('caller-token')).mode & 0o777).toBe(0o600);
    expect(written.stderr + written.stdout).not.toContain(token.split('.')[1]);

    const flags = [
      '--caller-token-issuer',
      fake.issuer,
      '--caller-token-audience',
      'webhook.example',
      '--caller-token-subjects',
      'system:serviceaccount:kube-system:caller',
    ];
    for (const keys of [
      [
        '--caller-token-issuer-ca-file',
        place.path('api-ca.pem'),
        '--caller-token-issuer-bearer-file',
        place.path('bearer'),
      ],
      ['--caller-token-jwks-file', place.write('jwks.json', JSON.stringify(await fake.keySet()))],
    ]) {
      const serving = await start(...flags, ...keys);
      expect(await ask(serving, { bearer: token })).toMatchObject({
        code: 200,
        status: { authenticated: true },
      });
      expect(await ask(serving, { bearer: `${token}x` })).toMatchObject({ code: 401 });
      expect(await ask(serving)).toMatchObject({
        code: 401,
        status: 'caller/no-token: the caller sent no bearer token',
      });
      serving.process.kill('SIGKILL');
    }
    await fake.close();
    const unreachable = await start(...flags, '--caller-token-issuer-ca-file', place.path('api-ca.pem'));
    expect(await ask(unreachable, { bearer: token })).toMatchObject({
      code: 503,
      status: "caller/undecided: the issuer's keys cannot be had now: the webhook's log says why",
    });
    await expect
      .poll(() => unreachable.entries.find(({ msg }) => msg.includes('could not be fetched')))
      .toMatchObject({ error: expect.stringContaining('ECONNREFUSED') });
  });
});

describe('caller-token', () => {
  it.each<[string, string[], RegExp]>([
    ['a directory that is not there', ['--write', '/nowhere/token'], /--write: ENOENT.*\/nowhere/],
    ['a directory as the file', ['--write', 'DIRECTORY'], /--write: .* is a directory/],
    ['no audience', ['--audience', ''], /--audience: must not be empty/],
    ['kube-apiserver’s audience', ['--audience', 'kubernetes.default.svc'], /good at kube-apiserver itself/],
    ['a short life', ['--lifetime', '9m'], /--lifetime: 9m: the API server takes whole seconds from 10m/],
    ['half a name', ['--service-account', 'caller'], /--service-account: "caller": expected NAMESPACE\/NAME/],
    ['no kubeconfig', ['--kubeconfig', '/nowhere'], /--kubeconfig: \/nowhere: ENOENT/],
  ])('given %s says so at once', async (_, flags, message) => {
    const kubeconfig = {
      'current-context': 'x',
      contexts: [{ name: 'x', context: { cluster: 'x', user: 'x' } }],
    };
    const clusters = [{ name: 'x', cluster: { server: 'https://127.0.0.1:1' } }];
    place.write(
      'kubeconfig',
      JSON.stringify({ ...kubeconfig, clusters, users: [{ name: 'x', user: { token: 't' } }] }),
    );
    const args = ['--audience', 'a', '--write', place.path('never'), '--service-account', 'a/b'];
    const all = ['caller-token', ...args, '--kubeconfig', place.path('kubeconfig'), ...flags];
    const result = await run(all.map((arg) => (arg === 'DIRECTORY' ? place.directory : arg)));
    expect([result.code, result.stderr]).toEqual([2, expect.stringMatching(message)]);
  });

  it('keeps trying while there is no API server, and ends with 0 on SIGTERM', async () => {
    const flags = [
      'caller-token',
      '--audience',
      'a',
      '--write',
      place.path('never'),
      '--kubeconfig',
      place.path('kubeconfig'),
      '--service-account',
      'a/b',
    ];
    const { spawn } = await import('node:child_process');
    const { fileURLToPath } = await import('node:url');
    const child = spawn(process.execPath, [
      fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url)),
      ...flags,
    ]);
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    await eventually(() => expect(stderr).toContain('could not get a token; trying again'));
    child.kill('SIGTERM');
    expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(0);
  });
});

describe('a mistake', () => {
  it.each<[string, string[], number, RegExp]>([
    ['a missing configuration', ['--config', '/nowhere'], 2, /authn: --config: ENOENT.*\/nowhere/],
    ['a folder for a configuration', ['--config', '/'], 2, /authn: --config: \/ is not a regular file/],
    ['a missing policy', ['--native-policy', '/nowhere'], 2, /authn: --native-policy: ENOENT/],
    [
      'missing authorities of callers',
      ['--caller-ca-file', '/nowhere', '--caller-allowed-names', 'x'],
      2,
      /authn: --caller-ca-file: ENOENT/,
    ],
    [
      'missing keys of sessions',
      ['--session-signing-key-file', '/nowhere'],
      2,
      /authn: --session-signing-key-file: ENOENT/,
    ],
    ['an invalid configuration', ['--config', 'CA'], 1, /ca\.pem has \d+ error/],
    [
      'a key that is not the certificate’s',
      ['--tls-private-key-file', 'OTHER'],
      1,
      /other\.key is not the key of the certificate in .*tls\.crt\n$/,
    ],
    [
      'certificate and key swapped',
      ['--tls-cert-file', 'OTHER', '--tls-private-key-file', 'CA'],
      1,
      /other\.key: no certificate in it: expected PEM/,
    ],
    ['a key that is encrypted', ['--tls-private-key-file', 'LOCKED'], 1, /locked\.key: no private key in it/],
    ['a missing list', ['--revocation-file', '/nowhere'], 2, /authn: --revocation-file.*"\/nowhere": ENOENT/],
    ['a list that is none', ['--revocation-file', 'CA'], 1, /authn: --revocation-file.*ca\.pem": 1:1: /],
    [
      'a port in the address',
      ['--bind-address', '127.0.0.1:8443'],
      2,
      /--bind-address: .* expected one like/,
    ],
    [
      'no check of callers beyond loopback',
      ['--bind-address', '0.0.0.0'],
      2,
      /--allow-unauthenticated-callers/,
    ],
  ])('like %s ends the start with a message', async (_, flags, code, message) => {
    place.configure('alice only');
    place.write('other.key', place.ca.keyPem);
    const cipher = { cipher: 'aes-256-cbc', passphrase: 'secret' } as const;
    place.write('locked.key', String(place.serving.key.export({ type: 'pkcs8', format: 'pem', ...cipher })));
    const paths: Record<string, string> = {
      CA: place.path('ca.pem'),
      OTHER: place.path('other.key'),
      LOCKED: place.path('locked.key'),
    };
    const result = await run([...flagsOf(place), ...flags.map((flag) => paths[flag] ?? flag)]);
    expect(result.stderr).toMatch(message);
    expect(result.stderr).not.toMatch(/\n\s+at /);
    expect(result.code).toBe(code);
  });

  it.each(['--health-bind-address', '--exchange-bind-address', '--terminator-bind-address'])(
    'like a port for %s that somebody has ends the start, whatever listened already',
    async (flag) => {
      const somebody = createServer();
      await new Promise<void>((resolve) => somebody.listen(0, '127.0.0.1', resolve));
      const { port } = somebody.address() as AddressInfo;
      const terminator = [
        '--terminator-ca-file',
        place.path('ca.pem'),
        '--terminator-allowed-names',
        'nginx',
      ];
      const result = await run([
        ...flagsOf(place),
        ...['--cert-dir', place.path('made'), '--exchange-bind-address', '127.0.0.1:0'],
        ...(flag.startsWith('--terminator')
          ? [...terminator, '--terminator-certificate-header', 'nginx']
          : []),
        ...[flag, `127.0.0.1:${port}`],
      ]);
      somebody.close();
      expect([result.code, result.stderr]).toEqual([
        2,
        expect.stringContaining(`EADDRINUSE: address already in use 127.0.0.1:${port}`),
      ]);
    },
  );

  it('is not made by who says that something else keeps callers out; it is warned of', async () => {
    const serving = await start('--bind-address', '0.0.0.0', '--allow-unauthenticated-callers');
    const warning = serving.entries.find(({ msg }) => msg.startsWith('callers are not checked'));
    expect(warning).toMatchObject({ level: 'warn' });
  });
});
