import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FINDING_KINDS } from '../../src/authenticator/advise/finding-kinds.ts';
import { explainAll } from '../../src/cli/lint/explain.ts';
import { DAY, mintAuthority } from '../pki.ts';
import { type Run, run } from './program.ts';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
const HEAD = 'apiVersion: apiserver.config.k8s.io/v1beta1\nkind: AuthenticationConfiguration\n';
const CLEAN = `${HEAD}x509:
- issuer:
    name: my-ca
  userValidationRules:
  - expression: '!user.username.startsWith("system:") && user.groups.all(g, !g.startsWith("system:"))'
    message: this CA is for people
`;
const WARNING = CLEAN.replace(
  'message: this',
  'message: this too\n  - expression: \'user.groups[0] == "dev"\'\n    message: this',
);
const ERROR = CLEAN.replace('name: my-ca', 'nmae: my-ca');
const INFO = CLEAN.replace('    message: this CA is for people\n', '');

let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lint-'));
  const times = { notBefore: Date.now() - DAY, notAfter: Date.now() + 3650 * DAY };
  const [ca, other] = [await mintAuthority('my-ca', times), await mintAuthority('other', times)];
  write('ca.pem', ca.pem);
  write('other.pem', other.pem);
  write('root/etc/ca.pem', ca.pem);
  write('clean.yaml', CLEAN);
  write('warning.yaml', WARNING);
  write('error.yaml', ERROR);
  write('info.yaml', INFO);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string | Buffer): string {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
  return path;
}

/** Runs `lint` in the folder. */
function lint(...args: readonly string[]): Promise<Run> {
  return run(['lint', ...args], { cwd: folder });
}

function stdin(input: string, ...args: readonly string[]): Promise<Run> {
  return run(['lint', '-', ...args], { cwd: folder, input });
}

interface Finding {
  readonly file: string;
  readonly id: string;
  readonly line: number;
  readonly column: number;
}

async function findings(...args: readonly string[]): Promise<readonly Finding[]> {
  const { stdout } = await lint(...args, '--format', 'json');
  return JSON.parse(stdout);
}

describe('the exit status of lint', () => {
  it.each<[string, readonly string[], number]>([
    ['of a clean file', ['clean.yaml', '--certificate-authority-file', 'ca.pem'], 0],
    ['of a clean file whose anchors nobody gave', ['clean.yaml'], 0],
    ['of what is only to know', ['info.yaml'], 0],
    ['of a warning', ['warning.yaml'], 1],
    ['of an error', ['error.yaml'], 1],
    ['of a warning, where errors alone fail', ['warning.yaml', '--fail-on', 'error'], 0],
    ['of an error, where errors alone fail', ['error.yaml', '--fail-on', 'error'], 1],
    ['of what is only to know, where that fails', ['info.yaml', '--fail-on', 'info'], 1],
    ['of as many warnings as are allowed', ['warning.yaml', '--fail-on', 'error', '--max-warnings', '1'], 0],
    ['of one warning too many', ['warning.yaml', '--fail-on', 'error', '--max-warnings', '0'], 1],
    ['of a file that is not there', ['nowhere.yaml'], 2],
    ['of a folder without configurations', ['root'], 2],
    ['of a glob that nothing matches', ['*.yml'], 2],
    ['of a flag that is not known', ['clean.yaml', '--strict'], 2],
    ['of a format that is not known', ['clean.yaml', '--format', 'html'], 2],
    ['of a severity that is not known', ['clean.yaml', '--fail-on', 'fatal'], 2],
    ['of a version that is not known', ['clean.yaml', '--target-kubernetes', '1.29'], 2],
    ['of a bundle that is none', ['clean.yaml', '--apiserver-client-ca-file', 'clean.yaml'], 2],
    ['of a bundle that is not there', ['clean.yaml', '--certificate-authority-file', 'nowhere.pem'], 2],
    ['of a root that is not there', ['clean.yaml', '--root', 'nowhere'], 2],
    ['of a root that is a file', ['clean.yaml', '--root', 'ca.pem'], 2],
    ['of a time that is not RFC 3339', ['clean.yaml', '--now', '5'], 2],
    ['of a time that is none', ['clean.yaml', '--now', 'yesterday'], 2],
    ['of a baseline that is none', ['clean.yaml', '--baseline', 'clean.yaml'], 2],
    ['of an output that cannot be written', ['clean.yaml', '--format', 'json=no/such/folder.json'], 2],
  ])('%s', async (_, args, status) => {
    const { code, stdout, stderr } = await lint(...args);
    expect([args, code]).toEqual([args, status]);
    if (status === 2) expect([stdout, stderr]).toEqual(['', expect.not.stringMatching(/^\s+at /m)]);
    else expect(stderr).toBe('');
  });
});

describe('what lint looks at', () => {
  it('files, folders and globs, each file once', async () => {
    const all = ['error.yaml', 'info.yaml', 'warning.yaml'];
    expect((await findings('.')).map(({ file }) => file)).toEqual(all);
    expect((await findings()).map(({ file }) => file)).toEqual(all);
    expect((await findings('*.yaml', 'info.yaml', '{error,warning}.yaml')).map(({ file }) => file)).toEqual(
      all,
    );
    expect((await findings('**/{e,i}*.yaml')).map(({ file }) => file)).toEqual(['error.yaml', 'info.yaml']);
  });

  it('the standard input', async () => {
    const { code, stdout } = await stdin(ERROR);
    expect(code).toBe(1);
    expect(stdout).toContain('-:5:5: error: strict decoding error: unknown field "x509[0].issuer.nmae"');
  });

  it('JSON', async () => {
    const { stdout } = await stdin(
      '{"apiVersion":"apiserver.config.k8s.io/v1","kind":"AuthenticationConfiguration","jtw":[]}',
    );
    expect(stdout).toContain('unknown field "jtw"');
  });

  it('the configurations among the documents of a file, in their place', async () => {
    const other = 'apiVersion: v1\nkind: ConfigMap\ndata:\n  a: |\n    kind: AuthenticationConfiguration\n';
    const path = write(
      'several/documents.yaml',
      `# several\n${other}---\n${INFO}---\n${ERROR}...\n---\n${other}`,
    );
    const found = await findings(path);
    expect(found.map(({ id, line }) => [id, line])).toEqual([
      ['rule/no-message', 14],
      ['decode/further-document', 15],
      ['decode/unknown-field', 20],
    ]);
  });

  it.each<[string, string]>([
    ['other kinds', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {}\n'],
    [
      'other kinds of the group',
      'apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources: []\n',
    ],
    ['lists', '- 1\n- 2\n'],
    ['templates', '{{- if .Values.a }}\nkind: {{ .Values.kind }}\n{{- end }}\n'],
    ['what is no text', '\u0000\u0001'],
  ])('passes over %s in a folder', async (_, text) => {
    const path = write('others/thing.yaml', text);
    write('others/clean.yaml', CLEAN);
    expect((await lint(join(path, '..'))).stdout).toContain(
      '1 configuration in 1 file: 0 errors, 0 warnings, 0 to know',
    );
  });

  it.each<[string, string, string]>([
    ['a file without a kind', 'jwt: []\n', 'decode/kind'],
    ['an empty file', '', 'decode/empty'],
    ['a kind that is not spelled right', HEAD.replace('Configuration', 'Config'), 'decode/kind'],
    [
      'a group that is not spelled right',
      HEAD.replace('apiserver.config', 'apiserver-config'),
      'decode/kind',
    ],
    ['a file that is no YAML', `${HEAD}x509: [`, 'decode/syntax'],
  ])('takes %s for a configuration, where it is named', async (_, text, id) => {
    expect((await findings(write('named.yaml', text))).map((finding) => finding.id)).toEqual([id]);
  });

  it('nothing that is large and names no configuration, unless it is named itself', async () => {
    const data = write('large/data.json', `${'[1,'.repeat(1_000_000)}1${']'.repeat(1_000_000)}`);
    const bundle = 'a: b\n---\n'.repeat(250_000);
    write('large/bundle.yaml', bundle + ERROR);
    expect((await findings('large')).map(({ id, file }) => [id, file])).toEqual([
      ['decode/unknown-field', 'large/bundle.yaml'],
    ]);
    expect((await findings(data)).map(({ id }) => id)).toEqual(['decode/too-large']);
    rmSync(join(folder, 'large'), { recursive: true });
  });

  it('UTF-16, and says what is no text where it is named', async () => {
    const path = write('utf16.yaml', Buffer.from(`\ufeff${INFO}`, 'utf16le'));
    expect((await findings(path)).map(({ id, line }) => [id, line])).toEqual([['rule/no-message', 7]]);
    expect((await findings(write('bytes.yaml', Buffer.of(0x6b, 0xff, 0xfe)))).map(({ id }) => id)).toEqual([
      'decode/encoding',
    ]);
  });

  it('files below --root, and none that is not regular', async () => {
    const text = CLEAN.replace('name: my-ca', 'certificateAuthorityFile: /etc/ca.pem');
    const path = write('rooted.yaml', text);
    expect((await findings(path)).map(({ id }) => id)).toEqual(['file/absent']);
    expect(await findings(path, '--root', 'root')).toEqual([]);
    const device = write('device.yaml', text.replace('/etc/ca.pem', '/dev/zero'));
    expect((await lint(device)).stdout).toContain('/dev/zero is not a regular file');
  });
});

describe('the flags of lint', () => {
  it('give it what else there is to know', async () => {
    const ids = async (...args: readonly string[]): Promise<readonly string[]> =>
      (await findings('clean.yaml', '--certificate-authority-file', 'ca.pem', ...args)).map(({ id }) => id);
    expect(await ids('--apiserver-client-ca-file', 'ca.pem')).toEqual(['apiserver/client-ca']);
    expect(await ids('--apiserver-client-ca-file', 'other.pem')).toEqual([]);
    expect(await ids('--requestheader-client-ca-file', 'ca.pem')).toEqual(['apiserver/requestheader-ca']);
    expect(await ids('--target-kubernetes', '1.36', '--target-kubernetes', 'v1.37.2')).toEqual([
      'target/x509',
      'target/x509',
    ]);
    expect(await ids('--audience', 'https://kubernetes.default.svc')).toEqual(['audience/well-known']);
    expect(await ids('--now', '2100-01-01T00:00:00Z')).toEqual(['anchor/expired']);
    expect(await ids('--revocation-file', write('broken.crl', 'x'))).toEqual(['revocation/malformed']);
  });

  it('--disallowed-issuer names an issuer that no jwt entry may have', async () => {
    const jwt = `${HEAD}jwt:\n- issuer: {url: https://a.example, audiences: [a]}\n  claimMappings: {username: {claim: sub, prefix: ""}}\n`;
    const { stdout } = await stdin(jwt, '--disallowed-issuer', 'https://a.example');
    expect(stdout).toContain(
      'jwt[0].issuer.url: Invalid value: "https://a.example": URL must not overlap with disallowed issuers: [https://a.example]',
    );
    expect((await stdin(jwt)).code).toBe(0);
  });

  it('--explain explains, and knows what was meant', async () => {
    const { code, stdout } = await lint('--explain', 'rule/can-fail');
    expect([code, stdout]).toEqual([0, expect.stringContaining('evaluationFailurePolicy: Closed')]);
    const mistaken = await lint('--explain', 'rule/canfail');
    expect([mistaken.code, mistaken.stderr]).toEqual([
      2,
      expect.stringContaining('did you mean rule/can-fail?'),
    ]);
  });

  it('--baseline passes over what was there before, wherever it is now, and nothing more', async () => {
    await lint('warning.yaml', '--format', 'json=baseline.json');
    expect((await lint('warning.yaml', '--baseline', 'baseline.json')).code).toBe(0);
    cpSync(join(folder, 'warning.yaml'), join(folder, 'warning.old'));
    write('warning.yaml', `# moved\n${WARNING}`);
    expect((await lint('warning.yaml', '--baseline', 'baseline.json')).code).toBe(0);
    write('warning.yaml', WARNING.replace('user.groups[0]', 'user.groups[1]'));
    expect((await lint('warning.yaml', '--baseline', 'baseline.json')).code).toBe(1);
    cpSync(join(folder, 'warning.old'), join(folder, 'warning.yaml'));
  });

  it('all stand in --help, with an example', async () => {
    const { code, stdout } = await lint('--help');
    expect([code, stdout]).toEqual([0, expect.stringContaining('$ kube-x509-authn lint')]);
  });
});

describe('a suppression', () => {
  const suppress = (comment: string, text = WARNING): string =>
    text.replace("  - expression: 'user.groups[0]", `  ${comment}\n  - expression: 'user.groups[0]`);
  const ids = async (text: string): Promise<readonly string[]> =>
    JSON.parse((await stdin(text, '--format', 'json')).stdout).map(({ id }: Finding) => id);
  const GOOD =
    '# kube-x509-authn: ignore rule/can-fail, because every certificate of this CA has an organization';

  it('accepts the finding at the field below it', async () => {
    const { code, stdout } = await stdin(suppress(GOOD));
    expect([code, stdout]).toEqual([0, expect.stringContaining('1 suppressed')]);
  });

  it.each<[string, string]>([
    ['on its own line', WARNING.replace('"dev"\'', `"dev"' ${GOOD}`)],
    ['above what the field is in', WARNING.replace('x509:', `${GOOD}\nx509:`)],
    ['above other comments', suppress(`${GOOD}\n  # and another`)],
    ['of several findings', suppress(GOOD.replace('rule/can-fail', 'rule/no-message, rule/can-fail'))],
  ])('%s, too', async (_, text) => expect(await ids(text)).toEqual([]));

  it.each<[string, string, readonly string[]]>([
    [
      'without a reason',
      suppress('# kube-x509-authn: ignore rule/can-fail'),
      ['rule/can-fail', 'suppression/malformed'],
    ],
    [
      'with an empty reason',
      suppress('# kube-x509-authn: ignore rule/can-fail, because '),
      ['rule/can-fail', 'suppression/malformed'],
    ],
    [
      'without an id',
      suppress('# kube-x509-authn: ignore, because I say so'),
      ['rule/can-fail', 'suppression/malformed'],
    ],
    [
      'of another finding',
      suppress(GOOD.replace('can-fail', 'cost')),
      ['rule/can-fail', 'suppression/unused'],
    ],
    [
      'of a finding that there is not',
      suppress(GOOD.replace('can-fail', 'cna-fail')),
      ['rule/can-fail', 'suppression/malformed'],
    ],
    [
      'at another field',
      WARNING.replace("  - expression: '!user", `  ${GOOD}\n  - expression: '!user`),
      ['rule/can-fail', 'suppression/unused'],
    ],
    [
      'within a text',
      WARNING.replace('message: this too', `message: >-\n      this too\n      ${GOOD}\n`),
      ['rule/can-fail'],
    ],
    ['where nothing is found', CLEAN.replace('x509:', `${GOOD}\nx509:`), ['suppression/unused']],
  ])('%s does not', async (_, text, found) => expect((await ids(text)).toSorted()).toEqual(found));

  it('does not hide what kube-apiserver refuses', async () => {
    const text = ERROR.replace(
      'x509:',
      '# kube-x509-authn: ignore decode/unknown-field, because I like it\nx509:',
    );
    expect(await ids(text)).toEqual(['decode/unknown-field']);
  });
});

describe('what lint prints', () => {
  it('is text with the line and a caret under the part of an expression', async () => {
    const { stdout } = await stdin(WARNING);
    expect(
      stdout,
    ).toBe(`-:9:18: warning: x509[0].userValidationRules[1].expression: user.groups[0] fails where there are fewer elements, and the request passes the rule then: write user.groups[?0].orValue("") == "dev" [rule/can-fail]
 9 |   - expression: 'user.groups[0] == "dev"'
   |                  ^^^^^^^^^^^^^^

1 configuration in 1 file: 0 errors, 1 warning, 0 to know
`);
  });

  it('has its caret right within block scalars, after tabs and wide characters, and in long lines', async () => {
    const rule = (expression: string): string => `${CLEAN}  - message: m\n    expression: ${expression}\n`;
    const frames = await Promise.all(
      [
        '>-\n      user.username == "é" ||\n      user.groups[0] == "dev"',
        `'${'user.uid == "" || '.repeat(20)}user.groups[0] == "dev"'`,
      ].map(async (text) => {
        const { stdout } = await stdin(rule(text));
        const [, shown = '', caret = ''] = stdout.split('\n');
        const at = caret.indexOf('^');
        return shown.slice(at, at + caret.slice(at).length);
      }),
    );
    expect(frames).toEqual(['user.groups[0]', 'user.groups[0]']);
  });

  it('has nothing that a terminal would act on', async () => {
    const { stdout } = await stdin(`${HEAD}x509: []\n"\\u001b[31mred": 1\n`);
    expect(stdout).toContain('unknown field "\\x1b[31mred"');
    expect(stdout).not.toContain('\u001b');
  });

  it('is JSON by its schema', async () => {
    const schema = JSON.parse(readFileSync(join(PROJECT, 'schemas/lint.schema.json'), 'utf8'));
    const validate = new Ajv({ strict: true }).compile(schema);
    const { stdout } = await lint('{clean,error,info,warning}.yaml', '--format', 'json');
    expect([validate(JSON.parse(stdout)), validate.errors]).toEqual([true, null]);
    expect(JSON.parse(stdout).length).toBe(3);
    expect((await lint('clean.yaml', '--format', 'json')).stdout).toBe('[]\n');
  });

  it('is SARIF by its schema, with every finding and every suppression', async () => {
    const schema = JSON.parse(readFileSync(join(PROJECT, 'test/cli/sarif.schema.json'), 'utf8'));
    const validate = new Ajv({ strict: true }).compile(schema);
    write(
      'with space/suppressed.yaml',
      WARNING.replace('x509:', '# kube-x509-authn: ignore rule/can-fail, because of reasons\nx509:'),
    );
    const { stdout } = await lint('.', '--format', 'sarif');
    const log = JSON.parse(stdout);
    expect([validate(log), validate.errors]).toEqual([true, null]);
    const [{ tool, results, artifacts }] = log.runs;
    expect(tool.driver.rules.map(({ id }: { id: string }) => id)).toEqual([...FINDING_KINDS.keys()]);
    for (const { ruleId, ruleIndex, locations } of results) {
      expect(tool.driver.rules[ruleIndex].id).toBe(ruleId);
      const { uri, index } = locations[0].physicalLocation.artifactLocation;
      expect(artifacts[index].location.uri).toBe(uri);
    }
    expect(results.filter(({ suppressions }: { suppressions?: unknown }) => suppressions)).toMatchObject([
      {
        ruleId: 'rule/can-fail',
        suppressions: [{ kind: 'inSource', justification: 'of reasons' }],
        locations: [{ physicalLocation: { artifactLocation: { uri: 'with%20space/suppressed.yaml' } } }],
      },
    ]);
    rmSync(join(folder, 'with space'), { recursive: true });
  });

  it('is commands for GitHub, escaped', async () => {
    const { stdout } = await lint('warning.yaml', '--format', 'github');
    expect(stdout).toBe(
      '::warning file=warning.yaml,line=9,col=18,endLine=9,endColumn=32,title=rule/can-fail::x509[0].userValidationRules[1].expression: user.groups[0] fails where there are fewer elements, and the request passes the rule then: write user.groups[?0].orValue("") == "dev"\n',
    );
    const compile = await stdin(
      `${HEAD}x509:\n- issuer: {name: a}\n  userValidationRules: [{expression: "100 % foo"}]\n`,
      '--format',
      'github',
    );
    expect(compile.stdout).toContain('%0A | 100 %25 foo');
    const escape = await stdin(
      `${HEAD}x509:\n- issuer: {name: a}\n  userValidationRules: [{expression: "1 + \\e[31m"}]\n`,
      '--format',
      'github',
    );
    expect(escape.stdout).toContain('1 + \\x1b[31m');
    expect(escape.stdout).not.toContain('\u001b');
    expect(compile.stdout.split('\n').length).toBe(2);
  });

  it('is JUnit’s XML, escaped', async () => {
    const { stdout } = await lint('{clean,error,info,warning}.yaml', '--format', 'junit');
    expect(stdout).toMatch(
      /^<\?xml version="1.0" encoding="UTF-8"\?>\n<testsuites name="kube-x509-authn lint" tests="\d+" failures="2">/,
    );
    expect(stdout).toContain('<testcase name="no findings" classname="clean.yaml"/>');
    expect(stdout).toContain('user.groups[?0].orValue(&quot;&quot;) == &quot;dev&quot;');
    expect(stdout.match(/<[a-z]+[ >]/g)?.length).toBe((stdout.match(/<\/[a-z]+>|\/>/g) ?? []).length);
  });

  it('is several at once, in files or not', async () => {
    const { stdout } = await lint(
      'warning.yaml',
      '--format',
      'sarif=out.sarif',
      '--format',
      'github',
      '--format',
      'text',
    );
    expect(stdout).toMatch(/^::warning [^\n]*\nwarning\.yaml:9:18/);
    expect(JSON.parse(readFileSync(join(folder, 'out.sarif'), 'utf8')).version).toBe('2.1.0');
  });
});

describe('docs/lint.md', () => {
  it('lists the findings that there are, as --explain explains them', () => {
    const text = readFileSync(join(PROJECT, 'docs/lint.md'), 'utf8');
    const [, listed = ''] = text.split('## The findings\n\n');
    expect(listed).toBe(explainAll());
  });
});

describe('lint', () => {
  it('loads neither what serves nor what issues', async () => {
    const { stdout } = await run(['lint', 'clean.yaml', '--format', 'json'], {
      cwd: folder,
      env: { NODE_DEBUG: 'esm' },
    });
    expect(stdout).toBe('[]\n');
    const { stderr } = await run(['lint', 'clean.yaml'], { cwd: folder, env: { NODE_DEBUG: 'esm' } });
    expect(stderr).toContain('/dist/cli/lint.js');
    for (const name of [
      'express',
      '@peculiar',
      'client-node',
      'pino',
      'prom-client',
      'ajv',
      'node_modules/yaml',
    ]) {
      expect(stderr).not.toContain(`node_modules/${name}`);
    }
  });
});
