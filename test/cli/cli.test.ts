import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openToken } from '../../src/credential/open-token.ts';
import { createPathVerifier } from '../../src/x509/path-verifier.ts';
import { DAY, type Identity, mintAuthority, mintClient } from '../pki.ts';
import { run } from './program.ts';

const AUDIENCE = 'x509.test.example';

let directory: string;
let alice: Identity;
let paths: Readonly<Record<'cert' | 'key' | 'otherKey' | 'ca' | 'config' | 'expired', string>>;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'cli-'));
  const ca = await mintAuthority('my-ca');
  alice = await mintClient(ca);
  const expired = await mintClient(ca, { notBefore: Date.now() - 2 * DAY, notAfter: Date.now() - DAY });
  const write = (name: string, text: string): string => {
    writeFileSync(join(directory, name), text);
    return join(directory, name);
  };
  paths = {
    cert: write('alice.crt', alice.pem + ca.pem),
    key: write('alice.key', alice.keyPem),
    otherKey: write('other.key', ca.keyPem),
    ca: write('ca.pem', ca.pem),
    config: write(
      'authn.yaml',
      'apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\nx509:\n- issuer: {name: my-ca}\n',
    ),
    expired: write('expired.crt', expired.pem),
  };
  write('expired.key', expired.keyPem);
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('token', () => {
  const token = (env: Record<string, string> = {}, ...rest: string[]) =>
    run(['token', '--cert', paths.cert, '--key', paths.key, ...rest], { env });
  const info = (value: unknown) => ({
    KUBERNETES_EXEC_INFO: typeof value === 'string' ? value : JSON.stringify(value),
  });
  const cluster = { cluster: { config: { audience: AUDIENCE } } };

  it('prints an ExecCredential with a token that opens, to be refreshed before it expires', async () => {
    const { code, stdout, stderr } = await token({}, '--audience', AUDIENCE);
    expect([code, stderr]).toEqual([0, '']);
    const credential = JSON.parse(stdout);
    expect(credential).toMatchObject({
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
    });
    const opened = openToken(credential.status.token, {
      audiences: [AUDIENCE],
      at: Date.now(),
      readChain: createPathVerifier().readChain,
    });
    expect(opened).toMatchObject({ kind: 'opened', claims: { aud: AUDIENCE } });
    if (opened.kind !== 'opened') return;
    expect(opened.claims.exp - opened.claims.iat).toBe(300);
    expect(Date.parse(credential.status.expirationTimestamp)).toBe((opened.claims.exp - 30) * 1000);
    expect(credential.status.expirationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  });
  it.each(['v1', 'v1beta1'])(
    'answers in the version %s and takes the audience that kubectl gives it',
    async (version) => {
      const apiVersion = `client.authentication.k8s.io/${version}`;
      const { stdout } = await token(
        info({ apiVersion, kind: 'ExecCredential', spec: { interactive: false, ...cluster } }),
      );
      expect(JSON.parse(stdout).apiVersion).toBe(apiVersion);
    },
  );
  it.each<[string, Record<string, string>, string[], string]>([
    ['without an audience', {}, [], '--audience is required'],
    [
      'with an audience that every cluster has',
      {},
      ['--audience', 'https://kubernetes.default.svc.cluster.local'],
      'is the default of every cluster',
    ],
    ['with an exec info that is no JSON', info('{'), [], 'KUBERNETES_EXEC_INFO is not JSON'],
    [
      'with an exec info of another version',
      info({ apiVersion: 'client.authentication.k8s.io/v9' }),
      [],
      'apiVersion must be client.authentication.k8s.io/v1 or',
    ],
    ['with an unknown flag', {}, ['--audiences', 'x'], "unknown option '--audiences'"],
  ])('%s says what is wrong and exits 2', async (_, env, args, message) => {
    const { code, stdout, stderr } = await token(env, ...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
  it.each([
    [
      'a key of another certificate',
      () => ['--cert', paths.cert, '--key', paths.otherKey],
      'is not the private key of the first certificate',
    ],
    [
      'a certificate for a key',
      () => ['--cert', paths.cert, '--key', paths.cert],
      'not an unencrypted private key in PEM',
    ],
    ['a key for a certificate', () => ['--cert', paths.key, '--key', paths.key], 'alice.key: '],
    ['a missing certificate', () => ['--cert', `${paths.cert}x`, '--key', paths.key], 'cannot read'],
    [
      'an expired certificate',
      () => ['--cert', paths.expired, '--key', join(directory, 'expired.key')],
      'the certificate expired at',
    ],
  ])('given %s says so and exits 2', async (_, args, message) => {
    const { code, stderr } = await run(['token', ...args(), '--audience', AUDIENCE]);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('PRIVATE KEY');
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});

describe('serve', () => {
  const serve = (config: string, ...rest: string[]) =>
    run([
      'serve',
      '--config',
      config,
      '--audience',
      AUDIENCE,
      '--certificate-authority-file',
      paths.ca,
      '--cert-dir',
      join(directory, 'serving'),
      ...rest,
    ]);

  it('reports every error of a configuration at once, with its place', async () => {
    const config = join(directory, 'bad.yaml');
    writeFileSync(
      config,
      `apiVersion: apiserver.config.k8s.io/v1
kind: AuthenticationConfiguration
x509:
- issuer: {name: my-ca}
  userValidationRules:
  - expression: user.nam == ""
  - expression: |
      user.username == "a" &&
        user.groups
- issuer: {certificateAuthorityFile: ${directory}/none.pem}
`,
    );
    const { code, stderr } = await serve(config);
    // One of them is a file that cannot be read.
    expect(code).toBe(2);
    expect(stderr).toContain('bad.yaml has 3 errors');
    expect(stderr).toContain(
      'bad.yaml:6:21: x509[0].userValidationRules[0].expression: Invalid value: "user.nam == \\"\\"": compilation failed: ERROR: <input>:1:5: undefined field \'nam\'',
    );
    expect(stderr).toMatch(/bad\.yaml:9:13: x509\[0\]\.userValidationRules\[1\]/);
    expect(stderr).toContain('x509[1].issuer.certificateAuthorityFile: Invalid value');
    expect(stderr).not.toMatch(/^\s+at /m);
  });
  it.each<[string, string, RegExp]>([
    ['a tab', 'x509:\n\t- issuer: {}\n', /yaml: line 2: found character that cannot start any token/],
    [
      'an unknown field',
      'apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\nx509:\n- isuer: {name: a}\n',
      /:4:3: strict decoding error: unknown field "x509\[0\]\.isuer" \(did you mean "issuer"\?\)/,
    ],
    [
      'another kind',
      'apiVersion: v1\nkind: ConfigMap\n',
      /no kind "ConfigMap" is registered for version "v1"/,
    ],
    ['nothing', '', /empty config data/],
  ])('refuses a configuration with %s', async (_, text, message) => {
    const config = join(directory, 'one.yaml');
    writeFileSync(config, text);
    const { code, stderr } = await serve(config);
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
  });
  it.each<[string, () => string[], string]>([
    ['an unreadable configuration', () => ['--config', '/nonexistent'], "open '/nonexistent'"],
    [
      'a port that is none',
      () => ['--config', paths.config, '--secure-port', '70000'],
      '--secure-port: "70000" is not a port',
    ],
    [
      'a health address without a port',
      () => ['--config', paths.config, '--health-bind-address', 'localhost'],
      '--health-bind-address: "localhost" is not an address',
    ],
    [
      'a certificate without its key',
      () => ['--config', paths.config, '--tls-cert-file', paths.cert],
      'go together',
    ],
    [
      'a serving certificate that is not there',
      () => [
        '--config',
        paths.config,
        '--tls-cert-file',
        join(directory, 'none'),
        '--tls-private-key-file',
        paths.key,
      ],
      'no such file',
    ],
    [
      'an address that is not ours',
      () => ['--config', paths.config, '--bind-address', '192.0.2.1', '--allow-unauthenticated-callers'],
      'EADDRNOTAVAIL',
    ],
  ])('given %s exits 2 and says so', async (_, args, message) => {
    const { code, stderr } = await run([
      'serve',
      '--audience',
      AUDIENCE,
      '--certificate-authority-file',
      paths.ca,
      '--cert-dir',
      join(directory, 'serving'),
      ...args(),
    ]);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
  it.each([
    ['that is empty', ''],
    ['that is garbage', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'],
  ])('refuses a bundle %s', async (_, pem) => {
    const bundle = join(directory, 'bundle.pem');
    writeFileSync(bundle, pem);
    const { code, stderr } = await run([
      'serve',
      '--config',
      paths.config,
      '--audience',
      AUDIENCE,
      '--certificate-authority-file',
      bundle,
    ]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/: --certificate-authority-file: Invalid value: ".*bundle\.pem": ./);
  });
});

describe('help', () => {
  it.each([[[]], [['serve']], [['token']], [['version']]])(
    'of %j has the flags and an example',
    async (command) => {
      const { code, stdout } = await run([...command, '--help']);
      expect(code).toBe(0);
      expect(stdout).not.toContain('default: []');
      if (command.length > 0)
        expect(stdout).toMatch(
          new RegExp(`\\nExample[^\\n]*:\\n {2}\\$ kube-x509-authn ${command.join(' ')}`),
        );
    },
  );
  it('version says which Kubernetes it follows', async () => {
    const { code, stdout } = await run(['version']);
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/^kube-x509-authn \d+\.\d+\.\d+ \(behaves as Kubernetes 1\.36; Node\.js /),
    ]);
  });
});
