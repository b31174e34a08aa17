import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { FoundFiles } from '../authenticator/read-inventory.ts';
import type { ListDirectory } from './file-source.ts';
import { fitsPattern, isPattern } from './name-pattern.ts';

/** Names of the files that are read of a directory. */
const CERTIFICATE_FILE = /\.(?:pem|crt|cer)$/;

/**
 * The files that a path stands for, sorted: itself; of a directory the .pem, .crt and .cer files in it; of a pattern (`*` for any
 * characters of a name, `?` for one) every file that it matches. Names that begin with a dot are found only by a pattern that does too,
 * which leaves out what Kubernetes keeps beside a projected volume's files. `list` sees every directory that was looked into.
 *
 * @throws the file system's errors, for a path that is no pattern.
 */
export function findFiles(pattern: string, list: ListDirectory = listDirectory): FoundFiles {
  if (isPattern(pattern)) return { files: expand(pattern, list).filter(isFile).sort(), by: 'search' };
  if (!statSync(pattern).isDirectory()) return { files: [pattern], by: 'name' };
  const names = (list(pattern) ?? []).filter((name) => CERTIFICATE_FILE.test(name) && !name.startsWith('.'));
  const files = names.map((name) => join(pattern, name)).filter(isFile);
  return { files: files.sort(), by: 'search' };
}

/** Goes down the pattern's segments; a directory that cannot be read has nothing in it. */
function expand(pattern: string, list: ListDirectory): readonly string[] {
  const segments = pattern.split('/').filter((segment) => segment !== '');
  let found: readonly string[] = [pattern.startsWith('/') ? '/' : ''];
  for (const segment of segments) {
    found = isPattern(segment)
      ? found.flatMap((directory) => findNames(directory, segment, list).map((name) => join(directory, name)))
      : found.map((directory) => join(directory, segment));
  }
  return found;
}

function findNames(directory: string, segment: string, list: ListDirectory): readonly string[] {
  const names = list(directory === '' ? '.' : directory) ?? [];
  return names.filter((name) => fitsPattern(name, segment));
}

function listDirectory(path: string): readonly string[] | undefined {
  try {
    return readdirSync(path);
  } catch {
    return undefined;
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
