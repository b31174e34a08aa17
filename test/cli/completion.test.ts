import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from './program.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

let directory: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'completion-'));
  writeFileSync(join(directory, 'authn.yaml'), '');
  for (const shell of SHELLS) {
    const { stdout, stderr } = await run(['completion', shell]);
    if (stderr !== '') throw new Error(stderr);
    writeFileSync(join(directory, `script.${shell}`), stdout);
  }
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Whether a shell is there; CI installs all three. */
function hasShell(shell: string): boolean {
  const isThere = spawnSync(shell, ['-c', 'true']).status === 0;
  if (!isThere && process.env['CI'] === 'true') throw new Error(`${shell} is missing: .ci/run installs it`);
  return isThere;
}

async function ask(shell: string, ...args: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)(shell, [...args], { cwd: directory });
  return stdout.split('\n').filter(Boolean);
}

const completeInBash = (...words: readonly string[]): Promise<readonly string[]> =>
  ask(
    'bash',
    '-c',
    `source script.bash; COMP_WORDS=(kube-x509-authn "$@"); COMP_CWORD=$#; _kube_x509_authn; printf '%s\\n' "\${COMPREPLY[@]}"`,
    'bash',
    ...words,
  );

const completeInFish = async (line: string): Promise<readonly string[]> => {
  const lines = await ask(
    'fish',
    '--no-config',
    '-c',
    `source script.fish; complete -C 'kube-x509-authn ${line}'`,
  );
  return lines.map((each) => each.split('\t')[0] ?? '');
};

/** A line, what completes it. */
const CASES: readonly (readonly [string, readonly string[]])[] = [
  ['serv', ['serve']],
  ['serve --audit-log-', ['--audit-log-path', '--audit-log-maxsize', '--audit-log-maxbackup']],
  ['serve --caller-require ', ['any', 'all']],
  ['serve --config auth', ['authn.yaml']],
  ['serve --audience ', []],
  ['version --output ', ['text', 'json']],
  ['completion ', ['bash', 'zsh', 'fish']],
];

describe.skipIf(!hasShell('bash'))('bash', () => {
  it.each(CASES)('completes "%s"', async (line, expected) => {
    expect((await completeInBash(...line.split(' '))).toSorted()).toEqual(expected.toSorted());
  });
});

describe.skipIf(!hasShell('fish'))('fish', () => {
  it.each(CASES)('completes "%s"', async (line, expected) => {
    expect((await completeInFish(line)).toSorted()).toEqual(expected.toSorted());
  });
});

describe.skipIf(!hasShell('zsh'))('zsh', () => {
  it('takes the script, and has the flags of every command in it', async () => {
    await expect(ask('zsh', '-n', 'script.zsh')).resolves.toEqual([]);
    const specs = await ask(
      'zsh',
      '-f',
      '-c',
      `compdef() { }; _arguments() { print -rl -- "$@" }; source script.zsh; words=(kube-x509-authn serve ''); CURRENT=3; _kube-x509-authn`,
    );
    expect(specs).toContainEqual(expect.stringMatching(/^\*--config\[.*\]:value:_files$/));
    expect(specs).toContainEqual(expect.stringMatching(/^\*--caller-require\[.*\]:value:\(any all\)$/));
    expect(specs).toContainEqual(expect.stringMatching(/^\*--log-identities\[.*\]$/));
  });
});

describe('every command and flag', () => {
  it('stands in every script', { timeout: 60_000 }, async () => {
    const { stdout: help } = await run(['--help']);
    const commands = [...help.matchAll(/^ {2}([a-z-]+) /gm)].map(([, name = '']) => name);
    expect(commands.length).toBeGreaterThan(4);
    const helps = await Promise.all(commands.map((command) => run([command, '--help'])));
    const flags = helps.flatMap(({ stdout }) =>
      [...stdout.matchAll(/^ {2}(?:-\w, )?--([\w-]+)/gm)].map(([, flag = '']) => flag),
    );
    for (const shell of SHELLS) {
      const script = readFileSync(join(directory, `script.${shell}`), 'utf8');
      for (const word of [...commands.filter((name) => name !== 'help'), ...flags])
        expect(script).toContain(word);
    }
  });
});

describe('version', () => {
  it('-o json is JSON', async () => {
    const { code, stdout } = await run(['version', '-o', 'json']);
    expect([code, JSON.parse(stdout)]).toEqual([
      0,
      {
        version: expect.stringMatching(/^\d+\.\d+\.\d+/),
        kubernetesVersion: '1.36',
        nodeVersion: process.versions.node,
        platform: `${process.platform}/${process.arch}`,
      },
    ]);
  });

  it.each([
    ['completion', 'tcsh'],
    ['version', '-o', 'xml'],
  ])('%s with %s is a mistake', async (...args) => {
    expect(await run(args)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Allowed choices are'),
    });
  });
});
