import { type FSWatcher, watch } from 'node:fs';
import { basename } from 'node:path';
import { findWatchPoints } from './watch-points.ts';

/** How a set of files is watched. Times are milliseconds. */
export interface Watching {
  /** Something about the files may have changed: look at them. */
  readonly onChange: () => void;
  /** Events cannot be had for a directory; the poll goes on. */
  readonly onTrouble: (directory: string, error: unknown) => void;
  /** Kubernetes' own interval, for what no event tells: a network file system, a mount, an inotify limit. */
  readonly pollMs?: number;
  /** Events are gathered until none came for so long, so that a file is not read half-written … */
  readonly quietMs?: number;
  /** … but a change is not held back longer than this. */
  readonly patienceMs?: number;
}

/**
 * Watches files by path, whatever becomes of them: written in place, replaced by a rename, reached over links that are
 * swapped, deleted and back again, their directories too. By file events, and by a poll that sets the events up anew.
 * Only says that something may have changed; whoever reads the files compares.
 */
export class WatchedFiles {
  readonly #watching: Required<Watching>;
  readonly #poll: NodeJS.Timeout;
  #paths: readonly string[] = [];
  #watchers: readonly FSWatcher[] = [];
  #quiet: NodeJS.Timeout | undefined;
  #firstEventAt = 0;

  constructor(watching: Watching) {
    this.#watching = { pollMs: 60_000, quietMs: 100, patienceMs: 1000, ...watching };
    this.#poll = setInterval(() => this.#look(), this.#watching.pollMs);
    this.#poll.unref();
  }

  /** Watches these files and no others from now on. What happened to them before is found by looking once more soon. */
  watch(paths: readonly string[]): void {
    const isSame = paths.length === this.#paths.length && paths.every((path) => this.#paths.includes(path));
    if (isSame) return;
    this.#paths = [...paths];
    this.#arm();
    this.#expectChange();
  }

  close(): void {
    clearInterval(this.#poll);
    clearTimeout(this.#quiet);
    for (const watcher of this.#watchers) watcher.close();
    this.#watchers = [];
    this.#paths = [];
  }

  #look(): void {
    clearTimeout(this.#quiet);
    this.#quiet = undefined;
    this.#arm();
    this.#watching.onChange();
  }

  /** Events come for a directory as it was when they were asked for, so they are asked for anew at each look, the new before the old end. */
  #arm(): void {
    const former = this.#watchers;
    this.#watchers = [...namesByDirectory(this.#paths)].flatMap(([directory, names]) => {
      const watcher = this.#open(directory, names);
      return watcher === undefined ? [] : [watcher];
    });
    for (const watcher of former) watcher.close();
  }

  #open(directory: string, names: ReadonlySet<string>): FSWatcher | undefined {
    try {
      const watcher = watch(directory, { persistent: false }, (_, name) => {
        // An event about the directory itself bears the directory's own name.
        if (name === null || names.has(name) || name === basename(directory)) this.#expectChange();
      });
      watcher.on('error', (error) => {
        watcher.close();
        this.#watching.onTrouble(directory, error);
      });
      return watcher;
    } catch (error) {
      this.#watching.onTrouble(directory, error);
      return undefined;
    }
  }

  #expectChange(): void {
    const { quietMs, patienceMs } = this.#watching;
    const at = performance.now();
    if (this.#quiet === undefined) this.#firstEventAt = at;
    clearTimeout(this.#quiet);
    const delay = Math.min(quietMs, Math.max(0, this.#firstEventAt + patienceMs - at));
    this.#quiet = setTimeout(() => this.#look(), delay);
    this.#quiet.unref();
  }
}

function namesByDirectory(paths: readonly string[]): ReadonlyMap<string, ReadonlySet<string>> {
  const names = new Map<string, Set<string>>();
  for (const { directory, name } of paths.flatMap(findWatchPoints)) {
    const known = names.get(directory) ?? new Set();
    names.set(directory, known.add(name));
  }
  return names;
}
