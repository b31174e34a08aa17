import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SHARED } from '../conformance/files.ts';
import { applyChange, type Change } from './mutant.ts';

/** A copy of the project in which faults are planted. Close it to remove it. */
export interface Workshop {
  /** What is the first to fail: tests of ours, or, where none are named, a suite of foreign vectors where those are there. */
  findNotice(tests?: readonly string[]): string | undefined;
  /** Makes the changes for the time of a call. */
  withChanges<T>(changes: readonly Change[], call: () => T): T;
  close(): void;
}

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
const COPIED = ['src', 'test', 'schemas', 'docs', 'package.json', 'tsconfig.json', 'vitest.config.ts'];

/** The tests that have to do with what faults are planted in; those of the builder are slow, and are not. */
const TESTS = ['run', '--bail', '1', '--exclude', 'test/x509/build.test.ts', 'test/x509', 'test/identity'];

/** Suites of foreign vectors, quickest first, with their files beside the project. */
const SUITES: readonly (readonly string[])[] = [
  ['go-directed', 'limbo/go-directed.json'],
  ['x509-user', 'vectors/x509-user.jsonl'],
  ['limbo', 'limbo/limbo.json'],
  ['go-fuzz', 'limbo/go-fuzz.json.gz'],
];

/** An endless loop is noticed, too. */
const TIMEOUT_MILLISECONDS = 120_000;

/** Copies the project. */
export function createWorkshop(): Workshop {
  const directory = mkdtempSync(join(tmpdir(), 'mutants-'));
  const project = join(directory, 'project');
  for (const name of COPIED.filter((name) => existsSync(join(PROJECT, name)))) {
    cpSync(join(PROJECT, name), join(project, name), { recursive: true });
  }
  symlinkSync(join(PROJECT, 'node_modules'), join(project, 'node_modules'));
  const hasVectors = existsSync(SHARED);
  if (hasVectors) symlinkSync(SHARED, join(directory, 'shared'));

  function succeeds(program: string, args: readonly string[]): boolean {
    const path = join(project, 'node_modules/.bin', program);
    const { status } = spawnSync(path, args, {
      cwd: project,
      timeout: TIMEOUT_MILLISECONDS,
      stdio: 'ignore',
    });
    return status === 0;
  }

  function runSuite([suite = '', file = '']: readonly string[]): boolean {
    return succeeds('tsx', ['test/conformance/main.ts', suite, join(directory, 'shared', file)]);
  }

  return {
    findNotice(tests) {
      if (!succeeds('vitest', tests === undefined ? TESTS : ['run', '--bail', '1', ...tests]))
        return 'our tests';
      return tests === undefined && hasVectors ? SUITES.find((suite) => !runSuite(suite))?.[0] : undefined;
    },
    withChanges(changes, call) {
      const originals = changes.map(
        ({ file }) => [join(project, 'src', file), readFileSync(join(project, 'src', file), 'utf8')] as const,
      );
      try {
        for (const change of changes) {
          const path = join(project, 'src', change.file);
          writeFileSync(path, applyChange(readFileSync(path, 'utf8'), change));
        }
        return call();
      } finally {
        for (const [path, text] of originals) writeFileSync(path, text);
      }
    },
    close() {
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
