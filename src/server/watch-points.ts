import { lstatSync, readlinkSync } from 'node:fs';
import { dirname, isAbsolute, join, parse, resolve, sep } from 'node:path';

/** A name in a directory: what happens to it may change what a path leads to. The directory's path has no links in it. */
export interface WatchPoint {
  readonly directory: string;
  readonly name: string;
}

/** As many links as Linux follows in one path (path_resolution(7)). */
const MAX_LINKS = 40;

/**
 * Where a path can be redirected: every symbolic link on the way and the file itself, or the first part that is missing.
 * Of a projected volume's `/etc/authn/authn.yaml` these are that name (a link to `..data/authn.yaml`), `..data` (which
 * Kubernetes replaces), and the file in the directory that `..data` leads to.
 */
export function findWatchPoints(path: string): readonly WatchPoint[] {
  const points: WatchPoint[] = [];
  const absolute = resolve(path);
  const { root } = parse(absolute);
  let directory = root;
  const parts = partsOf(absolute.slice(root.length));
  for (let name = parts.shift(); name !== undefined; name = parts.shift()) {
    if (name === '..') {
      directory = dirname(directory);
      continue;
    }
    const entry = inspect(join(directory, name));
    if (entry.kind !== 'other' || parts.length === 0) points.push({ directory, name });
    if (entry.kind === 'missing' || points.length > MAX_LINKS) break;
    if (entry.kind === 'other') {
      directory = join(directory, name);
    } else {
      if (isAbsolute(entry.target)) directory = root;
      parts.unshift(...partsOf(entry.target));
    }
  }
  return points;
}

type DirectoryEntry =
  | { readonly kind: 'link'; readonly target: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'other' };

/** What cannot be looked at counts as missing: there is nothing to follow behind it. */
function inspect(path: string): DirectoryEntry {
  try {
    if (!lstatSync(path).isSymbolicLink()) return { kind: 'other' };
    return { kind: 'link', target: readlinkSync(path) };
  } catch {
    return { kind: 'missing' };
  }
}

function partsOf(path: string): string[] {
  return path.split(sep).filter((part) => part !== '' && part !== '.');
}
