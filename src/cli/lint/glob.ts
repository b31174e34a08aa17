import { normalize, sep } from 'node:path';
import { fitsPattern, isPattern } from '../../server/name-pattern.ts';

/** As many patterns as braces may stand for. */
const MAX_PATTERNS = 256;

const BRACES = /\{([^{}]*,[^{}]*)\}/;

/** A pattern of paths: `*` and `?` within a name, `**` for any number of folders, `{a,b}` for either. */
export interface Glob {
  /** The folder that everything is below that it can match. */
  readonly folder: string;
  readonly matches: (path: string) => boolean;
}

/** The patterns of an argument, one for each choice of its braces; none where it has no wildcards, or too many choices. */
export function parseGlobs(text: string): readonly Glob[] {
  if (!isPattern(text) && !BRACES.test(text)) return [];
  return expandBraces(text).map(toGlob);
}

function expandBraces(text: string): readonly string[] {
  let patterns: readonly string[] = [text];
  while (patterns.length <= MAX_PATTERNS) {
    const next = patterns.flatMap((pattern) => {
      const [braces, choices] = BRACES.exec(pattern) ?? [];
      if (braces === undefined || choices === undefined) return [pattern];
      // A replacement's $ would have a meaning of its own.
      return choices.split(',').map((choice) => pattern.replace(braces, () => choice));
    });
    if (next.length === patterns.length) return next;
    patterns = next;
  }
  return [];
}

function toGlob(pattern: string): Glob {
  const segments = normalize(pattern).split(sep);
  const first = segments.findIndex(isPattern);
  // Of an absolute path the first segment is empty.
  const above = segments.slice(0, first < 0 ? -1 : first);
  return {
    folder: above.length === 0 ? '.' : `${above.join(sep)}${sep}`,
    matches: (path) => fitsSegments(path.split(sep), segments),
  };
}

/** Each name is held against each segment once at most. */
function fitsSegments(names: readonly string[], segments: readonly string[]): boolean {
  let open = afterFolders(new Set([0]), segments);
  for (const name of names) {
    const next = new Set<number>();
    for (const at of open) {
      const segment = segments[at];
      if (segment === '**') next.add(at);
      else if (segment !== undefined && fitsPattern(name, segment)) next.add(at + 1);
    }
    open = afterFolders(next, segments);
  }
  return open.has(segments.length);
}

/** `**` may be no folder at all. */
function afterFolders(open: ReadonlySet<number>, segments: readonly string[]): ReadonlySet<number> {
  const all = new Set(open);
  for (const at of all) if (segments[at] === '**') all.add(at + 1);
  return all;
}
