import {
  type Attempt,
  attempt,
  digestOf,
  type FileSource,
  type Fingerprint,
  type FirstFile,
  fingerprintOf,
  isReadable,
  isSameFingerprint,
} from './file-source.ts';
import { reasonOf } from './reason-of.ts';
import { WatchedFiles } from './watched-files.ts';

/** What one look at changed files came to. */
export type ReloadEvent =
  | {
      readonly kind: 'reloaded';
      readonly source: string;
      readonly version: string;
      readonly warnings: readonly string[];
    }
  | {
      readonly kind: 'kept';
      readonly source: string;
      readonly problem: string;
      /** Whether these bytes, or this trouble in reading them, were not told of before. */
      readonly isNews: boolean;
    };

/** What is to happen besides. Times are milliseconds. */
export interface ReloadOptions<T> {
  readonly onEvent: (event: ReloadEvent) => void;
  /** A directory without file events; the poll goes on. */
  readonly onTrouble: (directory: string, error: unknown) => void;
  /** Puts a new value to use where holding it is not enough. Where it throws the former value stays, and it is tried again. */
  readonly apply?: (value: T) => void;
  readonly pollMs?: number;
  readonly quietMs?: number;
}

export type Opened<T> =
  | { readonly kind: 'opened'; readonly reloadable: Reloadable<T>; readonly warnings: readonly string[] }
  | { readonly kind: 'unreadable' | 'invalid'; readonly problem: string };

/** Which version is in force, and why a newer one is not. */
export interface ReloadStatus {
  /** The digest of the source's first file. */
  readonly version: string;
  readonly problem?: string;
}

/** What is known of a reloadable whatever it is of. */
export type FollowedFiles = Pick<Reloadable<unknown>, 'name' | 'status' | 'look' | 'close'>;

/** The value in force and what it was made of. */
interface Held<T> {
  readonly value: T;
  readonly fingerprint: Fingerprint;
  readonly firstFile: FirstFile;
}

/**
 * A value that follows the files it is made from. A new version is taken whole or not at all; a bad one leaves the last
 * good one in force, whatever is wrong with it. As in kube-apiserver, a version that was read and found invalid is final
 * until some byte changes, and what could not be read is tried again at every look.
 */
export class Reloadable<T> {
  readonly #source: FileSource<T>;
  readonly #options: ReloadOptions<T>;
  readonly #files: WatchedFiles;
  #held: Held<T>;
  /** The last bytes that were looked at for good, and what was wrong with them. */
  #final: { readonly fingerprint: Fingerprint; readonly problem: string | undefined };
  #problem: string | undefined;
  #told = '';

  /** Makes the first value; from then on the files are watched until `close`. */
  static open<T>(source: FileSource<T>, options: ReloadOptions<T>): Opened<T> {
    const { loaded, fingerprint, firstFile } = attempt(source);
    if (loaded.kind === 'invalid' || firstFile === undefined) {
      const problem = loaded.kind === 'invalid' ? loaded.problem : `${source.name} is made from no file`;
      return { kind: isReadable(fingerprint) ? 'invalid' : 'unreadable', problem };
    }
    const reloadable = new Reloadable(source, options, { value: loaded.value, fingerprint, firstFile });
    return { kind: 'opened', reloadable, warnings: loaded.warnings };
  }

  private constructor(source: FileSource<T>, options: ReloadOptions<T>, first: Held<T>) {
    this.#source = source;
    this.#options = options;
    this.#held = first;
    this.#final = { fingerprint: first.fingerprint, problem: undefined };
    const { onTrouble, pollMs, quietMs } = options;
    this.#files = new WatchedFiles({
      onChange: () => this.look(),
      onTrouble,
      ...(pollMs !== undefined && { pollMs }),
      ...(quietMs !== undefined && { quietMs }),
    });
    this.#files.watch([...first.fingerprint.keys()]);
  }

  get name(): string {
    return this.#source.name;
  }

  /** The value in force. */
  get current(): T {
    return this.#held.value;
  }

  get status(): ReloadStatus {
    const version = digestOf(this.#held.firstFile.bytes);
    return { version, ...(this.#problem !== undefined && { problem: this.#problem }) };
  }

  /** Looks at the files at once, and takes what is new. */
  look(): void {
    const { fingerprint, problem } = this.#final;
    if (isSameFingerprint(fingerprint, fingerprintOf(fingerprint.keys()))) {
      this.#settle(fingerprint, problem);
      return;
    }
    const fresh = attempt(this.#source);
    const fault = this.#take(fresh);
    if (fault === undefined) this.#settle(fresh.fingerprint, undefined);
    else this.#keep(fresh, fault);
  }

  close(): void {
    this.#files.close();
  }

  /** Puts in force what an attempt made, or says why it cannot be. */
  #take({ loaded, fingerprint, firstFile }: Attempt<T>): Fault | undefined {
    if (loaded.kind === 'invalid') return { problem: loaded.problem, isFinal: isReadable(fingerprint) };
    try {
      this.#options.apply?.(loaded.value);
    } catch (error) {
      return { problem: reasonOf(error), isFinal: false };
    }
    this.#held = { value: loaded.value, fingerprint, firstFile: firstFile ?? this.#held.firstFile };
    const { version } = this.status;
    this.#options.onEvent({ kind: 'reloaded', source: this.name, version, warnings: loaded.warnings });
    return undefined;
  }

  /** Keeps the last good version of the first file in force; what else is new is taken together with that. */
  #keep(fresh: Attempt<T>, fault: Fault): void {
    const others = withoutFile(this.#held.fingerprint, this.#held.firstFile.path);
    const othersNow = fingerprintOf(others.keys());
    const mayStandIn =
      this.#source.firstFileStandsIn === 'when-bad' &&
      fresh.firstFile?.bytes.equals(this.#held.firstFile.bytes) !== true &&
      !isSameFingerprint(others, othersNow);
    const second = mayStandIn ? attempt(this.#source, this.#held.firstFile) : undefined;
    const secondFault = second && this.#take(second);
    const problem = [fault, secondFault]
      .flatMap((found) => found?.problem ?? [])
      .join('; with the last good version: ');
    const seen = new Map([...othersNow, ...(second?.fingerprint ?? []), ...fresh.fingerprint]);
    if (fault.isFinal && (secondFault?.isFinal ?? true)) this.#settle(seen, problem);
    else this.#files.watch([...seen.keys()]);
    this.#problem = problem;
    const told = JSON.stringify([problem, ...fresh.fingerprint]);
    this.#options.onEvent({ kind: 'kept', source: this.name, problem, isNews: told !== this.#told });
    this.#told = told;
  }

  /** These bytes need not be looked at again. */
  #settle(fingerprint: Fingerprint, problem: string | undefined): void {
    this.#final = { fingerprint, problem };
    this.#problem = problem;
    if (problem === undefined) this.#told = '';
    this.#files.watch([...fingerprint.keys()]);
  }
}

/** Why a version is not in force. `isFinal`: it was read, and it is no good until some byte of it changes. */
interface Fault {
  readonly problem: string;
  readonly isFinal: boolean;
}

function withoutFile(fingerprint: Fingerprint, path: string): Fingerprint {
  return new Map([...fingerprint].filter(([each]) => each !== path));
}
