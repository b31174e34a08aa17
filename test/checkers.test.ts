import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const PROJECT = fileURLToPath(new URL('..', import.meta.url));
const CONFIGURATION = ['.oxlintrc.json', 'biome.json', 'knip.json', 'package.json', 'tsconfig.json'];

const CLEAN: Readonly<Record<string, string>> = {
  'src/index.ts': "export { answer } from './x509/answer.ts';\n",
  'src/x509/answer.ts': 'export const answer: number = 42;\n',
  'src/cli/main.ts': "import { answer } from '../x509/answer.ts';\n\nprocess.exitCode = answer;\n",
  'src/cel/other.ts': 'export const other: number = 1;\n',
};

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'checkers-'));
  for (const file of CONFIGURATION) cpSync(join(PROJECT, file), join(directory, file));
  symlinkSync(join(PROJECT, 'node_modules'), join(directory, 'node_modules'));
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** What a checker says of a small project: empty where it is content. */
function check(command: readonly string[], files: Readonly<Record<string, string>>): string {
  rmSync(join(directory, 'src'), { recursive: true, force: true });
  for (const [path, text] of Object.entries({ ...CLEAN, ...files })) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
  const [program = '', ...args] = command;
  try {
    execFileSync(join(PROJECT, 'node_modules/.bin', program), args, { cwd: directory, stdio: 'pipe' });
    return '';
  } catch (error) {
    const { stdout, stderr } = error as { stdout: Buffer; stderr: Buffer };
    return `${stdout}${stderr}`;
  }
}

const LINT = ['oxlint', '--type-aware', '--deny-warnings', 'src'];
const TYPES = ['tsc', '-p', 'tsconfig.json'];
const FORMAT = ['biome', 'format', 'src'];
const UNUSED = ['knip', '--include', 'files,exports'];

describe('each checker', () => {
  it.each([
    ['the linter', LINT],
    ['the compiler', TYPES],
    ['the formatter', FORMAT],
  ])('%s is content with a clean project', (_, command) => {
    expect(check(command, {})).toBe('');
  });

  const layers: [string, string][] = [
    ['x509', 'cel'],
    ['config', 'x509'],
    ['identity', 'config'],
    ['cel', 'config'],
    ['credential', 'identity'],
    ['authenticator', 'credential'],
    ['server', 'cel'],
    ['kube', 'x509'],
    ['authenticator', 'kube'],
  ];
  it.each(layers)('the linter finds %s/ importing %s/', (from, to) => {
    const fault = `import { x } from '../${to}/x.ts';\n\nexport const y: number = x;\n`;
    const files = { [`src/${from}/fault.ts`]: fault, [`src/${to}/x.ts`]: 'export const x: number = 1;\n' };
    expect(check(LINT, files)).toContain('no-restricted-imports');
  });

  it.each([
    [
      'a floating promise',
      'no-floating-promises',
      "export function f(): void {\n  Promise.resolve('x');\n}\n",
    ],
    [
      'a switch that forgets a case',
      'switch-exhaustiveness-check',
      "export function f(x: 'a' | 'b'): void {\n  switch (x) {\n    case 'a':\n      break;\n  }\n}\n",
    ],
    [
      'a file over 300 lines',
      'max-lines',
      'export const x: number = 1;\n'.replace('\n', '\n// more\n'.repeat(301)),
    ],
    [
      'four parameters',
      'max-params',
      'export function f(a: number, b: number, c: number, d: number): number {\n  return a + b + c + d;\n}\n',
    ],
    ['any', 'no-explicit-any', 'export const x: any = 1;\n'],
  ])('the linter finds %s', (_, rule, text) => {
    expect(check(LINT, { 'src/x509/fault.ts': text })).toContain(rule);
  });

  it('the linter finds an import cycle', () => {
    const files = {
      'src/x509/a.ts': "import { b } from './b.ts';\n\nexport const a: () => number = () => b();\n",
      'src/x509/b.ts': "import { a } from './a.ts';\n\nexport const b: () => number = () => a();\n",
    };
    expect(check(LINT, files)).toContain('no-cycle');
  });

  it('the compiler finds an unchecked index', () => {
    expect(
      check(TYPES, { 'src/x509/fault.ts': 'export const first = (xs: number[]): number => xs[0];\n' }),
    ).toContain('TS2322');
  });
  it('the formatter finds a line that is not as it would write it', () => {
    expect(check(FORMAT, { 'src/x509/fault.ts': 'export   const x = 1\n' })).toContain('fault.ts');
  });
  it('the search for unused code finds a file that nothing imports', () => {
    expect(check(UNUSED, {})).toContain('src/cel/other.ts');
  });
});
