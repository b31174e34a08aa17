import { hash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { reasonOf } from './reason-of.ts';
import { readRegularFile } from './read-regular-file.ts';

/** Reads a file that the value is made from; whatever it reads is watched. Throws where the file cannot be read. */
export type ReadFile = (path: string) => Buffer;

/** The names in a directory, which is watched too; `undefined`: it cannot be listed. */
export type ListDirectory = (path: string) => readonly string[] | undefined;

/** What files were made into, or everything that is wrong with them. */
export type Loaded<T> =
  | { readonly kind: 'loaded'; readonly value: T; readonly warnings: readonly string[] }
  | { readonly kind: 'invalid'; readonly problem: string };

/** Something made from files: under what name it is reported, and how it is made. */
export interface FileSource<T> {
  readonly name: string;
  /** Makes the value of the files as they are now. The first file that it reads gives the value's version its name. */
  readonly load: (read: ReadFile, list?: ListDirectory) => Loaded<T>;
  /**
   * Whether the last good version of the first file stands in for a bad one when the others change, so that a broken
   * configuration does not hold up a revocation. `never` where the files belong together, as certificate and key do.
   */
  readonly firstFileStandsIn: 'when-bad' | 'never';
}

/** The bytes of files and the names in directories, as digests by path; `undefined`: it could not be read. */
export type Fingerprint = ReadonlyMap<string, string | undefined>;

/** A file whose bytes are given instead of read. */
export interface FirstFile {
  readonly path: string;
  readonly bytes: Buffer;
}

/** What one attempt to load a source gave, and what it read for it. */
export interface Attempt<T> {
  readonly loaded: Loaded<T>;
  readonly fingerprint: Fingerprint;
  readonly firstFile: FirstFile | undefined;
}

/** Loads a source from its files, or with `standIn` in its file's place. An exception in there is a problem like any other. */
export function attempt<T>(source: FileSource<T>, standIn?: FirstFile): Attempt<T> {
  const fingerprint = new Map<string, string | undefined>();
  let firstFile: FirstFile | undefined;
  const read = (path: string): Buffer => {
    fingerprint.set(path, undefined);
    const bytes = path === standIn?.path ? standIn.bytes : readRegularFile(path);
    fingerprint.set(path, digestOf(bytes));
    firstFile ??= { path, bytes };
    return bytes;
  };
  const list = (path: string): readonly string[] | undefined => {
    const names = namesIn(path);
    fingerprint.set(path, names && digestOfNames(names));
    return names;
  };
  try {
    return { loaded: source.load(read, list), fingerprint, firstFile };
  } catch (error) {
    return { loaded: { kind: 'invalid', problem: reasonOf(error) }, fingerprint, firstFile };
  }
}

/** Whether all the files could be read. */
export function isReadable(fingerprint: Fingerprint): boolean {
  return ![...fingerprint.values()].includes(undefined);
}

/** The fingerprint of files as they are now. */
export function fingerprintOf(paths: Iterable<string>): Fingerprint {
  return new Map([...paths].map((path) => [path, digestOfPath(path)]));
}

/** Whether two fingerprints are of the same files with the same bytes. */
export function isSameFingerprint(one: Fingerprint, other: Fingerprint): boolean {
  return (
    one.size === other.size &&
    [...one].every(([path, digest]) => other.has(path) && other.get(path) === digest)
  );
}

/** `sha256:` and the hex digest of raw bytes, as kube-apiserver names the versions of a configuration file. */
export function digestOf(bytes: Buffer): string {
  return `sha256:${hash('sha256', bytes, 'hex')}`;
}

function digestOfPath(path: string): string | undefined {
  const names = namesIn(path);
  if (names !== undefined) return digestOfNames(names);
  try {
    return digestOf(readRegularFile(path));
  } catch {
    return undefined;
  }
}

function namesIn(path: string): readonly string[] | undefined {
  try {
    return readdirSync(path).sort();
  } catch {
    return undefined;
  }
}

function digestOfNames(names: readonly string[]): string {
  return digestOf(Buffer.from(JSON.stringify(names)));
}
