import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { KUBERNETES_VERSIONS } from '../../src/authenticator/advise/kubernetes-version.ts';
import { loadConfig, loadKubernetesConfig } from '../../src/config/decode.ts';
import { toKubernetesText } from '../../src/config/kubernetes-text.ts';
import { lint } from '../authenticator/advise/lint.ts';
import { DAY, mintAuthority, mintClient } from '../pki.ts';
import { type Run, run } from './program.ts';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
const AUDIENCE = 'x509.test.example';
const CONFIG = `# Our clients
apiVersion: apiserver.config.k8s.io/v1
kind: AuthenticationConfiguration
# people
jwt:
- issuer:
    url: https://issuer.example # ours
    audiences: [k8s]
  claimMappings:
    username: {claim: sub, prefix: ""}
# certificates
x509:
- issuer:
    name: my-ca
  userValidationRules:
  - expression: '!user.username.startsWith("system:")'
    message: nobody of Kubernetes' own
- issuer:
    certificateAuthorityFile: other.pem
  workload: {profile: SPIFFE, trustDomain: prod.example}
  certificateValidationRules:
  - expression: 'cert.notAfter - cert.notBefore <= duration("24h")'
- issuer: {name: mapped}
  requestValidationRules:
  - expression: 'cidr("10.0.0.0/8").containsIP(request.remoteaddr)'
  claimMappings:
    username: {expression: '"m:" + cert.subject.commonName'}
    extra: [{key: example.org/serial, valueExpression: cert.serialNumber}]
`;

let folder: string;
let outputs = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'compile-'));
  const ca = await mintAuthority('my-ca', { notBefore: Date.now() - DAY });
  const other = await mintAuthority('other', { notBefore: Date.now() - DAY });
  const client = await mintClient(ca);
  writeFileSync(join(folder, 'ca.pem'), ca.pem);
  writeFileSync(join(folder, 'other.pem'), other.pem);
  writeFileSync(join(folder, 'client.key'), client.keyPem);
  writeFileSync(join(folder, 'authn.yaml'), CONFIG);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return name;
}

function compile(...args: readonly string[]): Promise<Run> {
  const audience = args.includes('--audience') ? [] : ['--audience', AUDIENCE];
  return run(
    ['compile', '--config', 'authn.yaml', ...audience, '--certificate-authority-file', 'ca.pem', ...args],
    {
      cwd: folder,
    },
  );
}

/** Compiles into a folder of its own. */
async function compileInto(...args: readonly string[]): Promise<string> {
  outputs += 1;
  const { code, stderr } = await compile('--out-dir', `out${outputs}`, ...args);
  expect([code, stderr.replaceAll(/^.* warning: .*\n/gm, '').replaceAll(/^note: .*\n/gm, '')]).toEqual([
    0,
    '',
  ]);
  return join(folder, `out${outputs}`);
}

function filesIn(path: string): Readonly<Record<string, string>> {
  const names = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = names.map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    paths.sort().map((file) => [file.slice(path.length + 1), readFileSync(file, 'utf8')]),
  );
}

describe('compile', () => {
  it('writes what kube-apiserver and its users are given', async () => {
    const files = filesIn(await compileInto());
    expect(Object.keys(files)).toEqual([
      'apiserver-flags.txt',
      'authentication-config.yaml',
      'compiled.json',
      'kubeadm-patches/kube-apiserver+json.yaml',
      'kubectl-user.yaml',
      'webhook.kubeconfig',
    ]);
    expect(files['authentication-config.yaml']).toBe(CONFIG.slice(0, CONFIG.indexOf('# certificates')));
    const flags = files['apiserver-flags.txt']?.trim().split('\n') ?? [];
    expect(flags).toContain('--authentication-config=/etc/kubernetes/x509-authn/authentication-config.yaml');
    expect(parse(files['webhook.kubeconfig'] ?? '')).toMatchObject({
      kind: 'Config',
      clusters: [
        {
          cluster: {
            server: 'https://127.0.0.1:8443/authenticate',
            'certificate-authority': '/var/run/kube-x509-authn/tls.crt',
          },
        },
      ],
      'current-context': 'x509-authn',
    });
    const patch: readonly { op: string; path: string; value: unknown }[] = parse(
      files['kubeadm-patches/kube-apiserver+json.yaml'] ?? '',
    );
    expect(patch.filter(({ path }) => path.endsWith('/command/-')).map(({ value }) => value)).toEqual(flags);
    expect(patch.filter(({ path }) => path === '/spec/volumes/-').map(({ value }) => value)).toMatchObject([
      { hostPath: { path: '/etc/kubernetes/x509-authn' } },
      { hostPath: { path: '/var/run/kube-x509-authn' } },
    ]);
    expect(parse(files['kubectl-user.yaml'] ?? '').users[0].user.exec).toMatchObject({
      command: 'kube-x509-authn',
      args: expect.arrayContaining(['token', '--audience', AUDIENCE]),
    });
  });

  it('writes the policy, by its schema, sorted', async () => {
    const text = filesIn(await compileInto())['compiled.json'] ?? '';
    const schema = JSON.parse(readFileSync(join(PROJECT, 'schemas/compiled.schema.json'), 'utf8'));
    const validate = new Ajv({ strict: true, validateFormats: false }).compile(schema);
    const policy = JSON.parse(text);
    expect([validate(policy), validate.errors]).toEqual([true, null]);
    expect(policy.entries).toMatchObject([
      {
        id: 'x509[0]/my-ca',
        anchorsOf: 'server',
        rules: [{ kind: 'user', type: 'bool', variables: ['user.username'] }],
        mapping: { kind: 'kubernetes' },
      },
      { workload: { profile: 'SPIFFE', trustDomain: 'prod.example' }, rules: [{ kind: 'certificate' }] },
      {
        mapping: {
          kind: 'claims',
          expressions: {
            username: '"m:" + cert.subject.commonName',
            'extra[example.org/serial]': 'cert.serialNumber',
          },
        },
      },
    ]);
    const keys = [...text.matchAll(/^ {2}"(\w+)"/gm)].map(([, key = '']) => key);
    expect(keys).toEqual(keys.toSorted((a, b) => (a < b ? -1 : 1)));
  });

  it('is idempotent, and depends on no clock', async () => {
    const path = await compileInto();
    const [before, times] = [
      filesIn(path),
      () => Object.keys(filesIn(path)).map((name) => statSync(join(path, name)).mtimeMs),
    ];
    const unchanged = times();
    const { stdout } = await compile('--out-dir', path);
    expect(stdout.split('\n').filter((line) => line.startsWith('unchanged'))).toHaveLength(6);
    expect([filesIn(path), times()]).toEqual([before, unchanged]);
    expect(filesIn(await compileInto())).toEqual(before);
  });

  it.each(KUBERNETES_VERSIONS)('writes a file that Kubernetes %s loads', async (version) => {
    const path = await compileInto('--target-kubernetes', version);
    const text = readFileSync(join(path, 'authentication-config.yaml'), 'utf8');
    expect(loadKubernetesConfig(text)).toMatchObject({ kind: 'config', warnings: [] });
    const { code, stdout } = await run(['lint', path, '--target-kubernetes', version]);
    expect([code, stdout]).toEqual([0, '1 configuration in 1 file: 0 errors, 0 warnings, 0 to know\n']);
  });

  it.each(KUBERNETES_VERSIONS)('writes of every example a file that Kubernetes %s loads', async (version) => {
    const examples = join(PROJECT, 'config/examples');
    const names = readdirSync(examples).filter(
      (name) =>
        name.endsWith('.yaml') &&
        readFileSync(join(examples, name), 'utf8').includes('kind: AuthenticationConfiguration'),
    );
    expect(names.length).toBeGreaterThanOrEqual(8);
    for (const name of names) {
      const loaded = loadConfig(readFileSync(join(examples, name), 'utf8'));
      if (loaded.kind === 'invalid') throw new Error(loaded.error);
      const text = toKubernetesText(loaded.config.source.text, loaded.config, {
        apiVersion: loaded.config.apiVersion,
        jwt: [],
      });
      expect([name, loadKubernetesConfig(text)]).toMatchObject([name, { kind: 'config', warnings: [] }]);
      expect(lint(text, { targets: [version] }).issues).toEqual([]);
    }
  });

  it('refuses what the target would not load', async () => {
    const config = write(
      'later.yaml',
      CONFIG.replace('audiences: [k8s]', 'audiences: [k8s]\n    egressSelectorType: cluster'),
    );
    const { code, stderr } = await run(
      [
        'compile',
        '--config',
        config,
        '--audience',
        AUDIENCE,
        '--certificate-authority-file',
        'ca.pem',
        '--out-dir',
        'no',
        '--target-kubernetes',
        '1.33',
      ],
      { cwd: folder },
    );
    expect([code, stderr]).toEqual([1, expect.stringContaining('Kubernetes 1.33 does not know this field')]);
  });

  it('refuses an anchor that kube-apiserver trusts itself, and writes nothing', async () => {
    for (const flag of ['--apiserver-client-ca-file', '--requestheader-client-ca-file']) {
      const { code, stderr } = await compile('--out-dir', 'refused', flag, 'ca.pem');
      expect([code, stderr]).toEqual([1, expect.stringContaining('"my-ca"')]);
      expect(statSync(join(folder, 'refused'), { throwIfNoEntry: false })).toBeUndefined();
    }
  });

  it.each<[string, string, string]>([
    ['a private key', 'webhook.kubeconfig', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n'],
    ['a key in a kubeconfig', 'webhook.kubeconfig', 'users:\n- user:\n    client-key-data: QUFB\n'],
    ['a token in a kubeconfig', 'webhook.kubeconfig', 'users:\n- user: \n    token: abc\n'],
    ['a key under another name', 'compiled.json', '-----BEGIN EC PRIVATE KEY-----\n'],
  ])('never overwrites %s, and then writes nothing at all', async (_, name, secret) => {
    const path = await compileInto();
    writeFileSync(join(path, name), secret);
    rmSync(join(path, 'apiserver-flags.txt'));
    const { code, stderr } = await compile('--out-dir', path);
    expect([code, stderr]).toEqual([2, expect.stringContaining('is never overwritten')]);
    expect(readFileSync(join(path, name), 'utf8')).toBe(secret);
    expect(Object.keys(filesIn(path))).not.toContain('apiserver-flags.txt');
  });

  it('--diff tells what changed in meaning', async () => {
    const path = await compileInto();
    expect((await compile('--diff', path)).stdout).toBe('no change in meaning\n');
    expect((await compile('--diff', join(path, 'compiled.json'))).stdout).toBe('no change in meaning\n');
    write(
      'authn.yaml',
      CONFIG.replace(
        '!user.username.startsWith("system:")',
        'user.username.startsWith("system:") == false',
      ).replace('prod.example', 'test.example'),
    );
    const { code, stdout } = await compile('--diff', path);
    write('authn.yaml', CONFIG);
    expect([code, stdout]).toEqual([0, expect.stringContaining('the workload profile was')]);
  });

  it('writes what serve --native-policy needs, where that is asked for', async () => {
    const files = filesIn(await compileInto('--authorization-failure-policy', 'NoOpinion'));
    expect(parse(files['authorization-config.yaml'] ?? '').authorizers[0]).toMatchObject({ type: 'Webhook' });
    expect(parse(files['authorization-webhook.kubeconfig'] ?? '').clusters[0].cluster.server).toBe(
      'https://127.0.0.1:8443/authorize',
    );
    expect(files['apiserver-flags.txt']).toContain(
      '--authorization-config=/etc/kubernetes/x509-authn/authorization-config.yaml',
    );
  });

  describe('--issuer-url', () => {
    const URL = 'https://authn.test.example:9443';
    const NATIVE = `${CONFIG}  session: {native: true}\n`;
    const issuing = (config: string, ...args: readonly string[]): Promise<Run> =>
      compile('--config', write('native.yaml', config), '--issuer-url', URL, ...args);

    it.each(KUBERNETES_VERSIONS)(
      'adds the jwt entry that Kubernetes %s verifies sessions by',
      async (version) => {
        const path = `native-${version}`;
        const args = ['--issuer-ca-file', 'ca.pem', '--target-kubernetes', version, '--out-dir', path];
        const { code, stderr } = await issuing(NATIVE, ...args);
        expect([code, stderr.replaceAll(/^.* warning: .*\n/gm, '')]).toEqual([0, '']);
        const text = readFileSync(join(folder, path, 'authentication-config.yaml'), 'utf8');
        const loaded = loadKubernetesConfig(text);
        expect(loaded).toMatchObject({
          kind: 'config',
          warnings: [],
          config: {
            jwt: [
              { issuer: { url: 'https://issuer.example' } },
              {
                issuer: {
                  url: URL,
                  audiences: [AUDIENCE],
                  certificateAuthority: readFileSync(join(folder, 'ca.pem'), 'utf8'),
                },
                claimMappings: {
                  username: { claim: 'sub', prefix: '' },
                  extra: [{ key: 'kube-x509-authn.dev/credential-id' }, { key: 'example.org/serial' }],
                },
              },
            ],
          },
        });
        expect(text).toContain('url: https://issuer.example # ours\n');
        const { stdout } = await run(['lint', join(folder, path), '--target-kubernetes', version]);
        expect(stdout).toBe('1 configuration in 1 file: 0 errors, 0 warnings, 0 to know\n');
        expect(
          JSON.parse(readFileSync(join(folder, path, 'compiled.json'), 'utf8')).entries[2].sessions,
        ).toBe('native');
      },
    );

    it('takes certificates alone from --issuer-ca-file', async () => {
      write(
        'mixed.pem',
        ['client.key', 'ca.pem'].map((name) => readFileSync(join(folder, name), 'utf8')).join(''),
      );
      expect((await issuing(NATIVE, '--issuer-ca-file', 'mixed.pem', '--out-dir', 'mixed')).code).toBe(0);
      const text = readFileSync(join(folder, 'mixed/authentication-config.yaml'), 'utf8');
      expect([text.includes('BEGIN CERTIFICATE'), text.includes('PRIVATE')]).toEqual([true, false]);
    });

    it('is asked for, where there are sessions for it', async () => {
      const { code, stderr } = await compile('--config', write('native.yaml', NATIVE), '--out-dir', 'asked');
      expect([code, stderr]).toEqual([
        0,
        expect.stringContaining('x509[2]/mapped: session.native has no effect without --issuer-url'),
      ]);
    });

    it.each<[string, string, readonly string[], number, string]>([
      ['a configuration without native sessions', CONFIG, [], 2, 'no entry has session: {native: true}'],
      [
        'native sessions that are to be revoked',
        `${NATIVE}  revocation: {files: [list.yaml]}\n`,
        [],
        1,
        'x509[2].session.native: Forbidden: may not be true together with revocation',
      ],
      ['an issuer in the clear', NATIVE, ['--issuer-url', 'http://a.example'], 2, 'is not an https URL'],
      [
        'an issuer that is there already',
        NATIVE,
        ['--issuer-url', 'https://issuer.example'],
        1,
        'jwt[0].issuer.url is https://issuer.example already',
      ],
      [
        'authorities that are none',
        NATIVE,
        ['--issuer-ca-file', 'client.key'],
        2,
        '--issuer-ca-file: client.key: data does',
      ],
      [
        'one issuer too many',
        NATIVE.replace(
          /^jwt:\n[^#]*#[^#]*(?=# cert)/m,
          `jwt:\n${Array.from({ length: 64 }, (_, index) => `- {issuer: {url: "https://${index}.example", audiences: [a]}, claimMappings: {username: {claim: sub, prefix: ""}}}\n`).join('')}`,
        ),
        [],
        1,
        'kube-apiserver would refuse the file with the issuer: jwt: Too many: 65',
      ],
    ])('refuses %s', async (_, config, args, status, message) => {
      write('list.yaml', 'apiVersion: kube-x509-authn.dev/v1alpha1\nkind: RevocationList\n');
      const { code, stderr } = await issuing(config, '--out-dir', 'refused', ...args);
      expect([code, stderr]).toEqual([status, expect.stringContaining(message)]);
      expect(statSync(join(folder, 'refused'), { throwIfNoEntry: false })).toBeUndefined();
    });

    it.each([
      ['--issuer-ca-file', 'ca.pem'],
      ['--issuer-url', URL],
      ['--diff', 'x'],
      ['--audience', AUDIENCE],
      ['--certificate-authority-file', 'ca.pem'],
      ['--apiserver-client-ca-file', 'ca.pem'],
      ['--requestheader-client-ca-file', 'ca.pem'],
      ['--root', '.'],
    ])('%s goes with what it is about', async (...args) => {
      const { code, stderr } = await run(
        ['compile', '--authorization-failure-policy', 'Deny', '--out-dir', 'x', ...args],
        { cwd: folder },
      );
      expect([code, stderr]).toEqual([2, expect.stringContaining(`${args[0]} goes with --config`)]);
    });
  });

  it('names a client certificate by its path, and mounts it', async () => {
    const client = [
      '--webhook-client-certificate',
      '/etc/pki/apiserver.crt',
      '--webhook-client-key',
      '/etc/pki/apiserver.key',
    ];
    const files = filesIn(await compileInto(...client));
    expect(parse(files['webhook.kubeconfig'] ?? '').users[0].user).toEqual({
      'client-certificate': '/etc/pki/apiserver.crt',
      'client-key': '/etc/pki/apiserver.key',
    });
    expect(files['kubeadm-patches/kube-apiserver+json.yaml']).toContain(
      'hostPath: {path: /etc/pki, type: Directory}',
    );
  });

  it('takes paths as kube-apiserver takes those of its kubeconfig', async () => {
    const client = ['--webhook-client-certificate', 'pki/a.crt', '--webhook-client-key', '../y/a.key'];
    const files = filesIn(
      await compileInto('--install-dir', '/etc/x/', '--webhook-ca-file', 'ca.crt', ...client),
    );
    expect(parse(files['webhook.kubeconfig'] ?? '')).toMatchObject({
      clusters: [{ cluster: { 'certificate-authority': '/etc/x/ca.crt' } }],
      users: [{ user: { 'client-certificate': '/etc/x/pki/a.crt', 'client-key': '/etc/y/a.key' } }],
    });
    const patch: readonly { path: string; value: { hostPath?: { path: string } } }[] = parse(
      files['kubeadm-patches/kube-apiserver+json.yaml'] ?? '',
    );
    const mounted = patch.map(({ value }) => value.hostPath?.path).filter((path) => path !== undefined);
    expect(mounted).toEqual(['/etc/x', '/etc/y']);
  });

  it.each<[string, readonly string[], number, string]>([
    ['neither output nor comparison', [], 2, '--out-dir or --diff is required'],
    [
      'an audience of every cluster',
      ['--out-dir', 'x', '--audience', 'https://kubernetes.default.svc'],
      2,
      'is the default of every cluster',
    ],
    [
      'two audiences',
      ['--out-dir', 'x', '--audience', 'a.example', '--audience', 'b.example'],
      2,
      '--audience: give one',
    ],
    [
      'the path of the other webhook',
      ['--out-dir', 'x', '--webhook-url', 'https://10.0.0.1:8443/authorize'],
      2,
      'expected …/authenticate',
    ],
    [
      'a webhook without a path',
      ['--out-dir', 'x', '--webhook-url', 'https://10.0.0.1:8443'],
      2,
      'expected …/authenticate',
    ],
    ['a webhook in the clear', ['--out-dir', 'x', '--webhook-url', 'http://127.0.0.1/'], 2, 'is not https'],
    [
      'a password in a URL',
      ['--out-dir', 'x', '--webhook-url', 'https://u:p@a.example/'],
      2,
      'must not have a user',
    ],
    [
      'a query, which kube-apiserver drops',
      ['--out-dir', 'x', '--webhook-url', 'https://a.example/?x'],
      2,
      'a query',
    ],
    [
      'a path of two lines',
      ['--out-dir', 'x', '--install-dir', '/a\n--b'],
      2,
      '--install-dir: "/a\\n--b" has',
    ],
    [
      'a root that is not there',
      ['--out-dir', 'x', '--root', 'nowhere'],
      2,
      '--root: nowhere is not a folder',
    ],
    [
      'anchors that are not there',
      ['--out-dir', 'x', '--certificate-authority-file', 'gone.pem'],
      1,
      'kube-x509-authn: --certificate-authority-file: Invalid value: "gone.pem": ENOENT',
    ],
    ['half a client certificate', ['--out-dir', 'x', '--webhook-client-key', '/k'], 2, 'go together'],
    ['a comparison with what is no policy', ['--diff', 'authn.yaml'], 2, 'is not a compiled.json'],
    ['a comparison with half a policy', ['--diff', 'half.json'], 2, 'is not a compiled.json'],
    [
      'a configuration with errors',
      ['--out-dir', 'x', '--config', 'bad.yaml'],
      1,
      'bad.yaml:3:1: strict decoding error',
    ],
    ['a folder that cannot be written', ['--out-dir', 'authn.yaml/x'], 2, '--out-dir'],
    [
      'a policy for outages that is none',
      ['--out-dir', 'x', '--authorization-failure-policy', 'Open'],
      2,
      'none of NoOpinion, Deny',
    ],
  ])('refuses %s', async (_, args, status, message) => {
    write('half.json', '{"configHash": "", "entries": [{"id": "x"}]}');
    write(
      'bad.yaml',
      'apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\nx510: []\n',
    );
    const { code, stderr } = await compile(...args);
    expect([code, stderr]).toEqual([status, expect.stringContaining(message)]);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});
