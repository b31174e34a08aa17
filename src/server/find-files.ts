import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { FoundFiles } from '../authenticator/read-inventory.ts';
import type { ListDirectory } from './file-source.ts';

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
  if (/[*?]/.test(pattern)) return { files: expand(pattern, list).filter(isFile).sort(), by: 'search' };
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
    found = /[*?]/.test(segment)
      ? found.flatMap((directory) => findNames(directory, segment, list).map((name) => join(directory, name)))
      : found.map((directory) => join(directory, segment));
  }
  return found;
}

function findNames(directory: string, segment: string, list: ListDirectory): readonly string[] {
  const names = list(directory === '' ? '.' : directory) ?? [];
  return names.filter((name) => name.startsWith('.') === segment.startsWith('.') && matches(name, segment));
}

function listDirectory(path: string): readonly string[] | undefined {
  try {
    return readdirSync(path);
  } catch {
    return undefined;
  }
}

/** Whether a whole name fits a segment. Goes back to the last `*` alone, so that the work is the product of their lengths at most. */
function matches(name: string, segment: string): boolean {
  let at = 0;
  let next = 0;
  let star = -1;
  let starAt = 0;
  while (at < name.length) {
    if (next < segment.length && segment[next] === '*') {
      star = next;
      starAt = at;
      next += 1;
    } else if (next < segment.length && (segment[next] === '?' || segment[next] === name[at])) {
      at += 1;
      next += 1;
    } else if (star >= 0) {
      starAt += 1;
      at = starAt;
      next = star + 1;
    } else return false;
  }
  return /^\**$/.test(segment.slice(next));
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
