import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadRevocationList } from '../../src/config/load-revocation-list.ts';
import { DAY, type Identity, mintAuthority, mintClient } from '../pki.ts';
import { type Run, run } from './program.ts';

let directory: string;
let ca: Identity;
let alice: Identity;
let admin: Identity;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'revoke-'));
  const now = Date.now();
  const validity = { notBefore: now - DAY, notAfter: now + DAY };
  ca = await mintAuthority('my-ca', validity);
  alice = await mintClient(ca, { ...validity, subject: [{ CN: 'alice\n- évil' }, { O: 'dev' }] });
  admin = await mintClient(ca, {
    notBefore: now - 2 * DAY,
    notAfter: now - DAY,
    subject: [{ CN: 'admin' }, { O: 'system:masters' }],
  });
  write('alice.pem', alice.pem + ca.pem);
  write('admin.pem', admin.pem);
  write('ca.pem', ca.pem);
  write('alice.crt', alice.pem);
  write(
    'alice.kubeconfig',
    kubeconfigOf({ 'client-certificate-data': Buffer.from(alice.pem).toString('base64') }),
  );
  write('file.kubeconfig', kubeconfigOf({ 'client-certificate': 'alice.crt' }));
  write('token.kubeconfig', kubeconfigOf({ token: 'secret-token' }));
  write('missing.kubeconfig', kubeconfigOf({ 'client-certificate': 'missing.crt' }));
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

beforeEach(() => {
  for (const name of readdirSync(directory)) if (name.startsWith('revoked')) rmSync(join(directory, name));
});

function path(name: string): string {
  return join(directory, name);
}

function write(name: string, text: string): void {
  writeFileSync(path(name), text);
}

function read(name = 'revoked.yaml'): string {
  return readFileSync(path(name), 'utf8');
}

function kubeconfigOf(user: object): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1' } }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'one', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'one',
  });
}

function revoke(...args: readonly string[]): Promise<Run> {
  return run(['revoke', '--file', path('revoked.yaml'), '--reason', 'laptop lost', ...args]);
}

const byFingerprint = (digit: string): readonly string[] => ['--fingerprint', digit.repeat(64)];

function fingerprintsIn(text: string): readonly string[] {
  const result = loadRevocationList(text);
  if (result.kind === 'invalid') throw new Error(result.issues.map(({ message }) => message).join('\n'));
  return result.list.fingerprints.map(({ sha256, reason }) => `${sha256} ${reason}`);
}

describe('revoke', () => {
  it.each<[string, () => readonly string[]]>([
    ['a certificate file, of a chain its first', () => ['--cert', path('alice.pem')]],
    ['a kubeconfig', () => ['--kubeconfig', path('alice.kubeconfig')]],
    [
      'a kubeconfig that names a file beside it',
      () => ['--kubeconfig', path('file.kubeconfig'), '--context', 'one'],
    ],
    ['a fingerprint', () => ['--fingerprint', alice.certificate.fingerprint]],
    [
      'a credential id of an audit log',
      () => ['--fingerprint', `X509SHA256=${alice.certificate.fingerprint}`],
    ],
    [
      'what openssl prints',
      () => [
        '--fingerprint',
        `sha256 Fingerprint=${alice.certificate.fingerprint.toUpperCase().match(/../g)!.join(':')}`,
      ],
    ],
  ])('begins a list with the certificate of %s', async (_, args) => {
    const { code, stdout, stderr } = await revoke(...args());
    expect([code, stderr]).toEqual([0, '']);
    expect(fingerprintsIn(read())).toEqual([`${alice.certificate.fingerprint} laptop lost`]);
    expect(stdout).toContain(`X509SHA256=${alice.certificate.fingerprint} (laptop lost)`);
    expect(statSync(path('revoked.yaml')).mode & 0o777).toBe(0o644);
  });

  it('says when it bites', async () => {
    const before = Date.now();
    const { stdout } = await revoke('--cert', path('alice.pem'));
    const times = [...stdout.matchAll(/by (\S+Z) \(/g)].map(([, time]) => Date.parse(time!) - before);
    expect(stdout).toContain('unauthorizedTTL, 30s by default');
    expect(stdout).toContain('--authentication-token-webhook-cache-ttl, 2m by default');
    expect(times).toHaveLength(2);
    expect(times[0]! / 1000).toBeCloseTo(90, -1.5);
    expect(times[1]! / 1000).toBeCloseTo(190, -1.5);
  });

  it('keeps comments, order and what else is there', async () => {
    const text = `# kept by the platform team
apiVersion: kube-x509-authn.dev/v1alpha1
kind: RevocationList   # of all clusters

# people who left
fingerprints:
  # bob
  - sha256: "${'a'.repeat(64)}"
    reason: 'left'
serials:
  - {serial: "0a1b", issuerName: my-ca}
`;
    write('revoked.yaml', text);
    expect((await revoke('--cert', path('alice.pem'))).code).toBe(0);
    const lines = read().split('\n');
    for (const comment of ['# kept by the platform team', '# people who left', '  # bob'])
      expect(lines).toContain(comment);
    expect(read()).toContain('# of all clusters');
    expect(lines.findIndex((line) => line.includes('serials:'))).toBeGreaterThan(
      lines.findIndex((line) => line.includes(alice.certificate.fingerprint)),
    );
    expect(fingerprintsIn(read())).toEqual([
      `${'a'.repeat(64)} left`,
      `${alice.certificate.fingerprint} laptop lost`,
    ]);
  });

  it.each([
    ['with its lines indented', '\n', '  '],
    ['with the line breaks of Windows', '\r\n', ''],
  ])('changes no byte of a list %s', async (_, lineBreak, indent) => {
    const lines = [
      'apiVersion:   kube-x509-authn.dev/v1alpha1',
      'kind: "RevocationList"',
      'fingerprints:   # people who left',
      `${indent}- {sha256: ${'a'.repeat(64)} , reason: x}`,
      '',
      '# nobody yet',
      'serials: []',
    ];
    write('revoked.yaml', lines.join(lineBreak));
    expect((await revoke(...byFingerprint('b'))).code).toBe(0);
    const added = [
      `${indent}# revoked ${new Date().toISOString().slice(0, 10)}`,
      `${indent}- sha256: "${'b'.repeat(64)}"`,
      `${indent}  reason: "laptop lost"`,
    ];
    expect(read()).toBe([...lines.slice(0, 4), ...added, ...lines.slice(4), ''].join(lineBreak));
  });

  it.each([
    ['on one line', `fingerprints: [{sha256: ${'a'.repeat(64)}, reason: x}]\n`],
    ['on several', `fingerprints: [\n  {sha256: ${'a'.repeat(64)},\n  reason: x}\n]\n`],
    ['at its end', `serials: []\nfingerprints:\n- reason: x\n  sha256: ${'a'.repeat(64)}`],
    [
      'in quotes over lines that look like items',
      `fingerprints:\n- reason: x\n  "sha256": "\\\n- ${'a'.repeat(64)}"\n`,
    ],
  ])('adds to a list in brackets or lines %s', async (title, body) => {
    const text = `apiVersion: kube-x509-authn.dev/v1alpha1\nkind: RevocationList\n${body}`;
    const isList = loadRevocationList(text).kind === 'list';
    expect([title, isList]).toEqual([title, !title.includes('quotes')]);
    write('revoked.yaml', text);
    expect((await revoke(...byFingerprint('b'))).code).toBe(isList ? 0 : 1);
    if (isList)
      expect(fingerprintsIn(read())).toEqual([`${'a'.repeat(64)} x`, `${'b'.repeat(64)} laptop lost`]);
    else expect(read()).toBe(text);
  });

  it('leaves a remark on whose certificate it is, in which a name can begin no line', async () => {
    await revoke('--cert', path('alice.pem'));
    const remarks = read()
      .split('\n')
      .filter((line) => line.startsWith('#'));
    expect(remarks).toHaveLength(1);
    expect(remarks[0]).toMatch(
      /^# "alice\\n- \\u00e9vil", serial [0-9a-f]+, valid until \S+Z; revoked \d{4}-\d\d-\d\d$/,
    );
  });
  it.each([
    ['a fingerprint that YAML would take for a number', '1'],
    ['a fingerprint that YAML would take for a float', '1e'],
  ])('quotes %s', async (_, digits) => {
    const sha256 = digits.repeat(64).slice(0, 64);
    expect((await revoke('--fingerprint', sha256)).code).toBe(0);
    expect(fingerprintsIn(read())).toEqual([`${sha256} laptop lost`]);
  });
  it.each(['no', '1', 'a: b #c', '"quoted"', "it's", '[x]', 'Überfall'])(
    'takes the reason %s as it is',
    async (reason) => {
      const { code } = await run([
        'revoke',
        '--file',
        path('revoked.yaml'),
        '--reason',
        reason,
        ...byFingerprint('b'),
      ]);
      expect(code).toBe(0);
      expect(fingerprintsIn(read())).toEqual([`${'b'.repeat(64)} ${reason}`]);
    },
  );
  it('keeps a list in JSON in JSON', async () => {
    write('revoked.yaml', '{"apiVersion":"kube-x509-authn.dev/v1alpha1","kind":"RevocationList"}');
    expect((await revoke('--cert', path('alice.pem'))).code).toBe(0);
    expect(JSON.parse(read()).fingerprints).toEqual([
      { sha256: alice.certificate.fingerprint, reason: 'laptop lost' },
    ]);
  });
  it('writes through a link, keeps the file’s mode, and leaves nothing behind', async () => {
    write('revoked.target', 'apiVersion: kube-x509-authn.dev/v1alpha1\nkind: RevocationList\n');
    chmodSync(path('revoked.target'), 0o640);
    symlinkSync('revoked.target', path('revoked.yaml'));
    expect((await revoke('--cert', path('alice.pem'))).code).toBe(0);
    expect(lstatSync(path('revoked.yaml')).isSymbolicLink()).toBe(true);
    expect(statSync(path('revoked.target')).mode & 0o777).toBe(0o640);
    expect(fingerprintsIn(read('revoked.target'))).toHaveLength(1);
    expect(readdirSync(directory).filter((name) => /tmp|lock/.test(name))).toEqual([]);
  });
  it('keeps who may read the file, whatever the mask of who revokes', async () => {
    write('revoked.yaml', 'apiVersion: kube-x509-authn.dev/v1alpha1\nkind: RevocationList\n');
    chmodSync(path('revoked.yaml'), 0o644);
    const isRoot = process.getuid?.() === 0;
    if (isRoot) chownSync(path('revoked.yaml'), 65_532, 65_531);
    const mask = process.umask(0o077);
    const { code } = await revoke(...byFingerprint('a')).finally(() => process.umask(mask));
    const { mode, uid, gid } = statSync(path('revoked.yaml'));
    expect([code, mode & 0o777]).toEqual([0, 0o644]);
    if (isRoot) expect([uid, gid]).toEqual([65_532, 65_531]);
  });
  it('loses none of several at once: each is in the list, or was told to come back', async () => {
    const runs = await Promise.all([...'abcdef'].map((digit) => revoke(...byFingerprint(digit))));
    const done = runs.filter(({ code }) => code === 0).length;
    expect(done).toBeGreaterThan(0);
    expect(fingerprintsIn(read())).toHaveLength(done);
    for (const { code, stderr } of runs)
      if (code !== 0)
        expect([code, stderr]).toEqual([2, expect.stringContaining('another command is changing')]);
  });

  it('warns of what a revocation does not reach', async () => {
    const { code, stderr } = await revoke('--cert', path('admin.pem'));
    expect(code).toBe(0);
    expect(stderr).toContain(
      'warning: the certificate is of the group system:masters, about which kube-apiserver asks no webhook',
    );
    expect(stderr).toContain('warning: the certificate expired at');
    expect((await revoke('--cert', path('ca.pem'))).stderr).toContain(
      'warning: the certificate is an authority',
    );
  });
});

describe('revoke refuses', () => {
  it('what is in the list already, and says why it is', async () => {
    await revoke('--cert', path('alice.pem'));
    const before = read();
    const { code, stderr } = await revoke('--fingerprint', alice.certificate.fingerprint.toUpperCase());
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining(
        `X509SHA256=${alice.certificate.fingerprint} is revoked in ${path('revoked.yaml')} already: "laptop lost"`,
      ),
    ]);
    expect(read()).toBe(before);
  });
  it.each([
    ['is no list', 'apiVersion: v1\nkind: ConfigMap\n', 'revoked.yaml:1:'],
    [
      'has a mistake',
      'apiVersion: kube-x509-authn.dev/v1alpha1\nkind: RevocationList\nfingerprint: []\n',
      'unknown field "fingerprint"',
    ],
    ['is no YAML', 'a: [', 'did not find expected node content'],
  ])('a file that %s, and leaves it as it is', async (_, text, message) => {
    write('revoked.yaml', text);
    const { code, stderr } = await revoke('--cert', path('alice.pem'));
    expect([code, stderr]).toEqual([1, expect.stringContaining(message)]);
    expect(read()).toBe(text);
  });
  it.each<[string, () => readonly string[], string]>([
    ['no certificate', () => [], 'give one of --cert, --fingerprint and --kubeconfig'],
    [
      'two of them',
      () => ['--cert', path('alice.pem'), ...byFingerprint('a')],
      'give one of --cert, --fingerprint and --kubeconfig',
    ],
    [
      'a context without a kubeconfig',
      () => [...byFingerprint('a'), '--context', 'x'],
      '--context goes with --kubeconfig',
    ],
    [
      'a fingerprint that is none',
      () => ['--fingerprint', 'abc'],
      '--fingerprint: "abc" is not the SHA-256 of a certificate',
    ],
    ['a SHA-1', () => ['--fingerprint', 'a'.repeat(40)], 'expected 64 hexadecimal digits'],
    ['a file without a certificate', () => ['--cert', path('alice.kubeconfig')], 'no certificate in it'],
    ['a file that is not there', () => ['--cert', path('nobody.pem')], '--cert: cannot read'],
    [
      'a kubeconfig with a token',
      () => ['--kubeconfig', path('token.kubeconfig')],
      'has no client certificate',
    ],
    [
      'a kubeconfig of a file that is not there',
      () => ['--kubeconfig', path('missing.kubeconfig')],
      'missing.crt',
    ],
    ['a kubeconfig that is not there', () => ['--kubeconfig', path('nothing')], '--kubeconfig: cannot read'],
    [
      'a context that is not there',
      () => ['--kubeconfig', path('alice.kubeconfig'), '--context', 'two'],
      'has no context "two"',
    ],
    [
      'a reason of two lines',
      () => [...byFingerprint('a'), '--reason', 'a\nb'],
      '--reason: must be one line',
    ],
    ['no reason', () => [...byFingerprint('a'), '--reason', ' '], '--reason: must not be empty'],
  ])('%s, and says what would be right', async (_, args, message) => {
    const { code, stdout, stderr } = await revoke(...args());
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(stderr).not.toContain('secret-token');
    expect(existsSync(path('revoked.yaml'))).toBe(false);
  });
  it('a directory that is not there', async () => {
    const { code, stderr } = await run([
      'revoke',
      '--file',
      path('no/revoked.yaml'),
      '--reason',
      'x',
      ...byFingerprint('a'),
    ]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('no/revoked.yaml')]);
  });
});
