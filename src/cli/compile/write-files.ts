import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { reasonOf } from '../../server/reason-of.ts';
import { Failure } from '../failure.ts';
import { replaceFile } from '../replace-file.ts';

/** A private key, or another secret that somebody put into a file by hand. */
const SECRET = /PRIVATE KEY-----|^\s*-?\s*(?:client-key-data|token|password):/m;

/** What was done about a file. */
export type Written = 'written' | 'unchanged';

/**
 * Writes files below a folder: those alone that differ, each by a rename, so that whoever follows one never sees half of it.
 *
 * @throws Failure before anything is written where a file that is there holds a key, or cannot be read.
 */
export function writeFiles(
  folder: string,
  files: readonly { readonly path: string; readonly text: string }[],
): ReadonlyMap<string, Written> {
  const present = new Map(files.map(({ path }) => [path, readExisting(join(folder, path))]));
  for (const [path, text] of present) {
    if (text !== undefined && SECRET.test(text)) {
      throw new Failure(
        `--out-dir: ${join(folder, path)} holds a key or another secret, which is never overwritten: move it away`,
      );
    }
  }
  const done = new Map<string, Written>();
  for (const { path, text } of files) {
    if (present.get(path) !== text) write(join(folder, path), text);
    done.set(path, present.get(path) === text ? 'unchanged' : 'written');
  }
  return done;
}

function readExisting(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return undefined;
    throw new Failure(`--out-dir: cannot read ${path}: ${reasonOf(error)}`);
  }
}

function write(path: string, text: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    replaceFile(path, text);
  } catch (error) {
    throw new Failure(`--out-dir: cannot write ${path}: ${reasonOf(error)}`);
  }
}
