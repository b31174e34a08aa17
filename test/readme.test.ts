import { execFile, spawn } from 'node:child_process';
import { createPublicKey } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { compileText } from './authenticators.ts';
import { run } from './cli/program.ts';
import { review, startServe } from './cli/serving.ts';
import { startFakeApiServer } from './kube/fake-api-server.ts';
import { DAY, mintAuthority, mintClient, mintServing } from './pki.ts';

const PROJECT = fileURLToPath(new URL('..', import.meta.url));
const README = readFileSync(join(PROJECT, 'README.md'), 'utf8');
/** With the parts of it that stand by themselves. */
const TEXT = ['README.md', 'docs/sessions.md', 'docs/operations.md']
  .map((name) => readFileSync(join(PROJECT, name), 'utf8'))
  .join('\n');

/** The code blocks of a language, without their indentation. */
function blocks(language: string): readonly string[] {
  const pattern = new RegExp(`^( *)\`\`\`${language}\\n(.*?)^ *\`\`\`$`, 'gms');
  return [...TEXT.matchAll(pattern)].map(([, indent = '', text = '']) =>
    text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  );
}

/** What links to a page's headings end in. */
function anchorsOf(path: string): readonly string[] {
  return [...readFileSync(path, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );
}

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'readme-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('the README', () => {
  it('names two commands for a fresh machine, both scripts of package.json', () => {
    expect(blocks('sh')[0]).toBe('npm ci && npm test\nnpm ci && npm run quickstart\n');
    const { scripts } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8'));
    for (const [, name = ''] of TEXT.matchAll(/npm run ([\w:-]+)/g))
      expect(Object.keys(scripts)).toContain(name);
  });

  it('quickstart prints the three decisions', { timeout: 60_000 }, async () => {
    const { stdout } = await promisify(execFile)('npm', ['run', '--silent', 'quickstart'], { cwd: PROJECT });
    const [alice, mallory, stranger] = stdout.split(/^(?=alice|mallory|stranger)/m).slice(1);
    expect(alice).toMatch(/^alice: authenticated\n[^]*"username": "alice"/);
    expect(mallory).toMatch(
      /^mallory: denied\n[^]*"error": "user\/denied: this CA may not issue members of system groups /,
    );
    expect(stranger).toMatch(
      /^stranger: no opinion\n[^]*"error": "path\/unknown-authority: x509: certificate signed by unknown authority/,
    );
  });

  it('the configuration by example compiles', async () => {
    const [example = ''] = blocks('yaml');
    const ca = await mintAuthority('my-ca');
    const files = { 'users-ca.pem': ca.pem, '/etc/kubernetes/partners-ca.pem': ca.pem };
    const { errors, warnings } = compileText(example, { files, certificateAuthorityFile: 'users-ca.pem' });
    expect([errors, warnings]).toEqual([[], []]);
  });

  it('the example of workloads compiles', async () => {
    const example = blocks('yaml').find((text) => text.includes('profile: SPIFFE')) ?? '';
    const [ours, partner] = await Promise.all([mintAuthority('spire'), mintAuthority('partner')]);
    const files = {
      '/etc/kubernetes/x509/spire-bundle.pem': ours.pem,
      '/etc/kubernetes/x509/partner-bundle.pem': partner.pem,
    };
    const { authenticator, errors, warnings } = compileText(example, { files });
    expect([errors, warnings]).toEqual([[], []]);
    expect(authenticator?.entries).toMatchObject([
      { mapping: { kind: 'workload', profile: 'SPIFFE', trustDomain: 'prod.example' } },
    ]);
  });

  it.each(['README.md', 'docs/sessions.md', 'docs/operations.md'])('%s links to what there is', (name) => {
    const text = readFileSync(join(PROJECT, name), 'utf8');
    const links = [...text.matchAll(/\]\((?!http)([^)#]*)(?:#([^)]+))?\)/g)];
    const missing = links.filter(([, path = '', anchor]) => {
      const target = path === '' ? join(PROJECT, name) : join(PROJECT, dirname(name), path);
      return !existsSync(target) || (anchor !== undefined && !anchorsOf(target).includes(anchor));
    });
    expect(missing.map(([link]) => link)).toEqual([]);
  });

  it('every YAML block is YAML, and every kubeconfig stanza runs a command that exists', async () => {
    const documents = blocks('yaml').map((text) => parse(text));
    expect(documents.length).toBeGreaterThan(3);
    for (const exec of documents.flatMap((document) =>
      (document?.users ?? []).map((user: { user?: { exec?: unknown } }) => user.user?.exec),
    )) {
      // It takes an exchange that runs: below.
      if (exec === undefined || exec.args.includes('--exchange-url')) continue;
      const ca = await mintAuthority('my-ca');
      const alice = await mintClient(ca);
      writeFileSync(join(directory, 'alice.crt'), alice.pem);
      writeFileSync(join(directory, 'alice.key'), alice.keyPem);
      const args = exec.args.map((arg: string) => arg.replace('/home/alice', directory));
      const { code, stdout } = await run(args, {
        env: { KUBERNETES_EXEC_INFO: JSON.stringify({ apiVersion: exec.apiVersion }) },
      });
      expect([code, JSON.parse(stdout).kind]).toEqual([0, 'ExecCredential']);
    }
  });

  it('shows what dry-run prints', async () => {
    const command = blocks('sh').find((text) => text.startsWith('kube-x509-authn dry-run')) ?? '';
    const shown = blocks('text').find((text) => text.startsWith('Judged by')) ?? '';
    const ca = await mintAuthority('my-ca', { serialNumber: 1n });
    const subject = [{ CN: 'system:admin' }, { O: 'system:masters' }];
    const mallory = await mintClient(ca, { subject, serialNumber: 0x2a17n });
    const own = mkdtempSync(join(directory, 'dry-run-'));
    const write = (name: string, text: string): void => writeFileSync(join(own, name), text);
    write('users-ca.pem', ca.pem);
    write('partners-ca.pem', (await mintAuthority('partners')).pem);
    write('mallory.crt', mallory.pem);
    write('authn.yaml', (blocks('yaml')[0] ?? '').replace('/etc/kubernetes', own));
    const { code, stdout } = await run(command.trim().split(' ').slice(1), { cwd: own });
    const withoutKeys = (text: string): string =>
      text.replaceAll(/(?:[0-9A-F]{2}:){31}[0-9A-F]{2}|\b[0-9a-f]{64}\b/g, '…');
    expect([shown === '', code]).toEqual([false, 3]);
    expect(withoutKeys(stdout)).toContain(withoutKeys(shown));
  });

  it('lints its own configuration clean, and shows what lint prints', async () => {
    const command = blocks('sh').find((text) => text.startsWith('kube-x509-authn lint')) ?? '';
    const own = mkdtempSync(join(directory, 'lint-'));
    const times = { notBefore: Date.now() - DAY, notAfter: Date.now() + 3650 * DAY };
    const [users, partners, theirs] = await Promise.all(
      ['my-ca', 'partners', 'kubernetes'].map((name) => mintAuthority(name, times)),
    );
    const write = (name: string, text = ''): void => writeFileSync(join(own, name), text);
    write('users-ca.pem', users?.pem);
    write('partners-ca.pem', partners?.pem);
    write('ca.crt', theirs?.pem);
    const [example = ''] = blocks('yaml');
    const lint = (text: string) => {
      write('authn.yaml', text.replace('/etc/kubernetes', own));
      return run(command.trim().replace('/etc/kubernetes/pki', own).split(' ').slice(1), { cwd: own });
    };
    const { code, stdout } = await lint(example);
    expect([code, stdout]).toEqual([0, expect.stringContaining('0 errors, 0 warnings, 1 to know')]);
    const shown = /^authn\.yaml:7:18: [^]*?\n(?=```)/m.exec(README)?.[0];
    const faulty = await lint(
      example.replace('!user.username.startsWith("system:")', 'user.groups[0] == "dev"'),
    );
    expect([faulty.code, faulty.stdout]).toEqual([1, expect.stringContaining(shown ?? '?')]);
  });

  it.each(['--out-dir', '--issuer-url'])('the compile command with %s writes what it says', async (flag) => {
    const command =
      blocks('sh').find((text) => text.startsWith('kube-x509-authn compile') && text.includes(flag)) ?? '';
    const own = mkdtempSync(join(directory, 'compile-'));
    const ca = await mintAuthority('my-ca');
    for (const name of ['users-ca.pem', 'partners-ca.pem']) writeFileSync(join(own, name), ca.pem);
    const isNative = flag === '--issuer-url';
    const config = `${(blocks('yaml')[0] ?? '').replace('/etc/kubernetes', own)}${isNative ? '  session: {native: true}\n' : ''}`;
    writeFileSync(join(own, 'authn.yaml'), config);
    const args = command.trim().split(/[\s\\]+/);
    const { code, stderr } = await run(args.slice(1), { cwd: own });
    expect([code, stderr]).toEqual([0, '']);
    const { jwt } = parse(readFileSync(join(own, 'out/authentication-config.yaml'), 'utf8'));
    const shown = blocks('yaml')
      .map((text) => parse(text)?.jwt)
      .find((entries) => entries !== undefined);
    expect(jwt).toEqual(isNative ? shown : undefined);
  });

  it('the policy test of the README passes', async () => {
    const cases = blocks('yaml').find((text) => text.startsWith('config: authn.yaml')) ?? '';
    const own = mkdtempSync(join(directory, 'test-'));
    writeFileSync(join(own, 'authn.yaml'), blocks('yaml')[0] ?? '');
    writeFileSync(join(own, 'readme.authn-test.yaml'), cases);
    const { code, stdout } = await run(['test'], { cwd: own });
    expect([code, stdout]).toEqual([0, expect.stringContaining('1 case, 0 failed')]);
  });

  it('the serve command serves', async () => {
    const command = blocks('sh').find((text) => text.startsWith('kube-x509-authn serve')) ?? '';
    const ca = await mintAuthority('my-ca');
    writeFileSync(join(directory, 'users-ca.pem'), ca.pem);
    writeFileSync(join(directory, 'partners-ca.pem'), ca.pem);
    writeFileSync(
      join(directory, 'authn.yaml'),
      (blocks('yaml')[0] ?? '').replace('/etc/kubernetes', directory),
    );
    const args = [
      ...command.trim().split(' ').slice(1),
      '--secure-port',
      '0',
      '--health-bind-address',
      '127.0.0.1:0',
      '--cert-dir',
      directory,
    ];
    const child = spawn(process.execPath, [join(PROJECT, 'dist/cli/main.js'), ...args], { cwd: directory });
    let log = '';
    await new Promise<void>((resolve, reject) => {
      child.stderr.on('data', (chunk: Buffer) => {
        log += chunk.toString();
        if (log.includes('"msg":"serving"')) resolve();
      });
      child.on('close', () => reject(new Error(log)));
    });
    child.removeAllListeners('close');
    child.kill('SIGTERM');
    const [code] = await once(child, 'close');
    expect(code).toBe(0);
  });

  it.each(['--caller-ca-file', '--caller-token-issuer'])(
    'the server that checks its callers by %s serves',
    async (flag) => {
      const command =
        blocks('sh').find((text) => text.startsWith('kube-x509-authn serve') && text.includes(flag)) ?? '';
      const [ca, serving] = [await mintAuthority('my-ca'), await mintServing()];
      const write = (name: string, text: string): void => writeFileSync(join(directory, name), text);
      for (const name of ['users-ca.pem', 'callers-ca.pem', 'partners-ca.pem']) write(name, ca.pem);
      write('jwks.json', JSON.stringify({ keys: [createPublicKey(serving.pem).export({ format: 'jwk' })] }));
      write('authn.yaml', (blocks('yaml')[0] ?? '').replace('/etc/kubernetes', directory));
      write('tls.crt', serving.pem);
      write('tls.key', serving.keyPem);
      const args = command
        .trim()
        .split(/[\s\\]+/)
        .slice(1);
      const files = [
        '--tls-cert-file',
        join(directory, 'tls.crt'),
        '--tls-private-key-file',
        join(directory, 'tls.key'),
      ];
      const inPlace = args.map((arg) => (/\.(?:yaml|pem|json)$/.test(arg) ? join(directory, arg) : arg));
      const server = await startServe([
        ...inPlace,
        ...files,
        '--secure-port',
        '0',
        '--health-bind-address',
        '127.0.0.1:0',
      ]);
      const { code, status } = await review('{}', { port: server.port, ca: serving.pem });
      server.process.kill('SIGTERM');
      expect([code, status]).toEqual([401, expect.stringMatching(/^caller\/no-(?:certificate|token): /)]);
      expect(await server.ended).toBe(0);
    },
  );

  it('the caller-token command asks for a token', async () => {
    const command = blocks('sh').find((text) => text.startsWith('kube-x509-authn caller-token')) ?? '';
    const fake = await startFakeApiServer(() => Date.now());
    const config = {
      'current-context': 'x',
      contexts: [{ name: 'x', context: { cluster: 'x', user: 'x' } }],
      clusters: [{ name: 'x', cluster: { server: fake.url, 'certificate-authority': 'api-ca.pem' } }],
      users: [{ name: 'x', user: { token: fake.bearer } }],
    };
    writeFileSync(join(directory, 'api-ca.pem'), fake.serving.pem);
    writeFileSync(join(directory, 'caller-token.kubeconfig'), JSON.stringify(config));
    const args = command
      .replace('/run/x509-authn/token', join(directory, 'token'))
      .trim()
      .split(/[\s\\]+/)
      .slice(1);
    const { code } = await run([...args, '--once'], { cwd: directory });
    await fake.close();
    expect([code, fake.requests]).toEqual([
      0,
      ['POST /api/v1/namespaces/kube-system/serviceaccounts/x509-authn-caller/token'],
    ]);
  });

  it('the exchange serves, and the credential plugin gets a session there', async () => {
    const command = blocks('sh').find((text) => text.includes('--exchange-bind-address')) ?? '';
    const [ca, serving] = [await mintAuthority('my-ca'), await mintServing()];
    const alice = await mintClient(ca);
    const write = (name: string, text: string): void => writeFileSync(join(directory, name), text);
    write('users-ca.pem', ca.pem);
    write('session.key', serving.keyPem);
    write('alice.crt', alice.pem);
    write('alice.key', alice.keyPem);
    write('authn-ca.pem', serving.pem);
    write('serving.key', serving.keyPem);
    write('authn.yaml', `${(blocks('yaml')[0] ?? '').split('- issuer')[0]}- issuer: {name: my-ca}\n`);
    const served = command
      .replace('0.0.0.0:9443', '127.0.0.1:0')
      .trim()
      .split(/[\s\\]+/)
      .slice(1);
    const files = ['--tls-cert-file', 'authn-ca.pem', '--tls-private-key-file', 'serving.key'];
    const ports = ['--secure-port', '0', '--health-bind-address', '127.0.0.1:0'];
    const program = join(PROJECT, 'dist/cli/main.js');
    const child = spawn(process.execPath, [program, ...served, ...files, ...ports], { cwd: directory });
    try {
      let log = '';
      const port = await new Promise<number>((resolve, reject) => {
        child.stderr.on('data', (chunk: Buffer) => {
          log += chunk.toString();
          const line = log.split('\n').find((each) => each.endsWith('}') && each.includes('"msg":"serving"'));
          if (line !== undefined) resolve(JSON.parse(line).exchange.port);
        });
        child.on('close', () => reject(new Error(log)));
      });
      const stanza = blocks('yaml').find((text) => text.includes('--exchange-url')) ?? '';
      const args = parse(stanza).users[0].user.exec.args.map((arg: string) =>
        arg.replace('/home/alice', directory).replace(':9443', `:${port}`),
      );
      const { code, stdout } = await run(args);
      expect([code, JSON.parse(stdout).status.token]).toEqual([
        0,
        expect.stringMatching(/^kube-x509-session-v1\./),
      ]);
    } finally {
      child.kill('SIGTERM');
    }
  });
});
