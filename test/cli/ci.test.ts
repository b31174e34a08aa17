import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { run } from './program.ts';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
const CI = join(PROJECT, 'config/ci');
const { version } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8'));
const HEAD = 'apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\n';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ci-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const read = (name: string) => parse(readFileSync(join(CI, name), 'utf8'));

/** Runs a command line of `kube-x509-authn`, by whatever it is started there. */
function runLine(line: string, cwd: string) {
  const [, args = ''] = /kube-x509-authn(?:@[\d.]+)? (.*)$/.exec(line) ?? [];
  return run(args.split(' '), { cwd });
}

describe('config/ci', () => {
  it('names the version of this package', () => {
    for (const name of [
      'gitlab-ci.yaml',
      'pre-commit-config.yaml',
      'pre-commit',
      'github/action.yml',
      'github/workflow.yaml',
    ]) {
      const text = readFileSync(join(CI, name), 'utf8');
      for (const [, named] of text.matchAll(/(?:kube-x509-authn@|github@v)(\d+\.\d+\.\d+)/g))
        expect(named).toBe(version);
    }
    expect(read('github/action.yml').inputs.version.default).toBe(version);
  });

  it('has a GitLab job that lints and reports', async () => {
    const job = read('gitlab-ci.yaml')['lint-authentication-configuration'];
    mkdirSync(join(folder, 'gitlab/config'), { recursive: true });
    writeFileSync(join(folder, 'gitlab/config/authn.yaml'), `${HEAD}jtw: []\n`);
    const { code, stdout } = await runLine(job.script[0], join(folder, 'gitlab'));
    expect([code, stdout]).toEqual([1, expect.stringContaining('did you mean "jwt"?')]);
    expect(readFileSync(join(folder, 'gitlab', job.artifacts.reports.junit), 'utf8')).toContain('<failure');
    for (const path of job.artifacts.paths)
      expect(JSON.parse(readFileSync(join(folder, 'gitlab', path), 'utf8')).version).toBe('2.1.0');
  });

  it('has a GitHub Action that lints, and takes its inputs from the environment alone', async () => {
    const { inputs, runs } = read('github/action.yml');
    const step = runs.steps.at(-1);
    expect(step.run).not.toContain('${{');
    for (const value of Object.values(step.env)) expect(String(value)).toMatch(/^\$\{\{ inputs\.(\w+) \}\}$/);
    mkdirSync(join(folder, 'github/bin'), { recursive: true });
    writeFileSync(join(folder, 'github/authn.yaml'), `${HEAD}jtw: []\n`);
    // npx stands in for itself: it runs what was built.
    writeFileSync(
      join(folder, 'github/bin/npx'),
      `#!/bin/sh\nshift 2\nexec ${process.execPath} ${join(PROJECT, 'dist/cli/main.js')} "$@"\n`,
      { mode: 0o755 },
    );
    const defaults = Object.fromEntries(
      Object.keys(step.env).map((name) => [name, String(inputs[name.toLowerCase()].default)]),
    );
    const env = { ...defaults, PATH: `${join(folder, 'github/bin')}:${process.env['PATH']}` };
    const result = promisify(execFile)('bash', ['-e', '-c', step.run], { cwd: join(folder, 'github'), env });
    await expect(result).rejects.toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^::error file=authn\.yaml,line=3,/),
    });
    expect(JSON.parse(readFileSync(join(folder, 'github', inputs.sarif.default), 'utf8')).version).toBe(
      '2.1.0',
    );
    const workflow = read('github/workflow.yaml');
    expect(workflow.jobs.lint.steps[1].uses).toMatch(/\/config\/ci\/github@/);
    expect(workflow.jobs.lint.steps[2].with.sarif_file).toBe(inputs.sarif.default);
  });

  it('has a pre-commit hook that passes over what is no configuration', async () => {
    const [hook] = read('pre-commit-config.yaml').repos[0].hooks;
    mkdirSync(join(folder, 'hook'), { recursive: true });
    writeFileSync(join(folder, 'hook/other.yaml'), 'on: push\n');
    writeFileSync(join(folder, 'hook/authn.yaml'), `${HEAD}jtw: []\n`);
    expect((await runLine(`${hook.entry} other.yaml`, join(folder, 'hook'))).code).toBe(0);
    expect((await runLine(`${hook.entry} other.yaml authn.yaml`, join(folder, 'hook'))).code).toBe(1);
  });

  it('has a git hook that lints what is in the index', async () => {
    const repository = join(folder, 'repository');
    mkdirSync(join(repository, 'with space'), { recursive: true });
    const git = (...args: readonly string[]) =>
      promisify(execFile)('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: repository });
    const hook = async (): Promise<number> => {
      const env = {
        ...process.env,
        KUBE_X509_AUTHN: `${process.execPath} ${join(PROJECT, 'dist/cli/main.js')}`,
      };
      const child = promisify(execFile)(join(CI, 'pre-commit'), { cwd: repository, env });
      return child.then(() => 0).catch((error: { code: number }) => error.code);
    };
    await git('init', '-q');
    expect(await hook()).toBe(0);
    const path = join(repository, 'with space/authn.yaml');
    writeFileSync(path, `${HEAD}jtw: []\n`);
    expect(await hook()).toBe(0);
    await git('add', '.');
    expect(await hook()).toBe(1);
    writeFileSync(path, `${HEAD}jwt: []\n`);
    expect(await hook()).toBe(1);
    await git('add', '.');
    expect(await hook()).toBe(0);
  });
});
