import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { isAbsent } from '../../authenticator/anchors.ts';
import { reasonOf } from '../../server/reason-of.ts';
import { Failure } from '../failure.ts';
import { parseGlobs } from './glob.ts';

/** A file to be linted. */
export interface LintInput {
  readonly file: string;
  readonly bytes: Buffer;
  /** `named`: it was asked for by name, so that it ought to be a configuration. */
  readonly how: 'named' | 'found';
}

const EXTENSIONS = /\.(?:ya?ml|json)$/i;

/** Folders in which nobody keeps configurations of their own. */
const PASSED_OVER: ReadonlySet<string> = new Set(['node_modules', 'vendor']);

/** As many files are looked at; a mistaken argument such as / should end. */
const MAX_FILES = 100_000;

/**
 * The files that arguments name: files, folders with everything YAML or JSON below them, globs, and `-` for the standard input.
 *
 * @throws Failure for what is not there and for a glob that nothing matches.
 */
export function readLintInputs(args: readonly string[]): readonly LintInput[] {
  const inputs = new Map<string, LintInput>();
  for (const arg of args.length === 0 ? ['.'] : args) {
    for (const input of inputsOf(arg)) {
      const path = normalize(input.file);
      if (!inputs.has(path)) inputs.set(path, input);
    }
  }
  return [...inputs.values()];
}

function inputsOf(arg: string): readonly LintInput[] {
  if (arg === '-') return [{ file: '-', bytes: readBytes(0, 'the standard input'), how: 'named' }];
  const kind = kindOf(arg);
  if (kind === 'folder')
    return filesBelow(arg)
      .filter((file) => EXTENSIONS.test(file))
      .map(readFound);
  if (kind === 'file') return [{ file: arg, bytes: readBytes(arg, arg), how: 'named' }];
  const globs = parseGlobs(arg);
  if (globs.length === 0) throw new Failure(`lint: ${arg} is not there`);
  const files = globs.flatMap(({ folder, matches }) =>
    kindOf(folder) === 'folder' ? filesBelow(folder).filter(matches) : [],
  );
  if (files.length === 0) throw new Failure(`lint: no file matches ${arg}`);
  return files.map(readFound);
}

function readFound(file: string): LintInput {
  return { file, bytes: readBytes(file, file), how: 'found' };
}

function kindOf(path: string): 'file' | 'folder' | 'absent' {
  try {
    return statSync(path).isDirectory() ? 'folder' : 'file';
  } catch (error) {
    if (isAbsent(error)) return 'absent';
    throw new Failure(`lint: cannot read ${path}: ${reasonOf(error)}`);
  }
}

function readBytes(source: string | number, name: string): Buffer {
  try {
    return readFileSync(source);
  } catch (error) {
    throw new Failure(`lint: cannot read ${name}: ${reasonOf(error)}`);
  }
}

/** The files below a folder, in the order of their names. */
function filesBelow(folder: string): readonly string[] {
  const files: string[] = [];
  const visit = (path: string): void => {
    const entries = readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      if (entry.isDirectory()) {
        if (!entry.name.startsWith('.') && !PASSED_OVER.has(entry.name)) visit(join(path, entry.name));
      } else if (entry.isFile()) files.push(join(path, entry.name));
      if (files.length > MAX_FILES) throw new Failure(`lint: more than ${MAX_FILES} files below ${folder}`);
    }
  };
  try {
    visit(folder);
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(`lint: cannot read ${folder}: ${reasonOf(error)}`);
  }
  return files;
}
