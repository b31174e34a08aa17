import {
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readdirSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';

/** When a file is put aside for a new one, and how many of those are kept; 0 keeps them all. */
export interface Rotation {
  readonly maxBytes: number;
  readonly maxBackups: number;
}

/**
 * A file that is appended to, and renamed to `name-<time>.ext` before it would grow over a size, as kube-apiserver rotates its audit log.
 * Every method throws the file system's errors and may be called again after one.
 */
export class RotatingFile {
  readonly #path: string;
  readonly #rotation: Rotation;
  #descriptor: number;
  #size: number;
  /** Whether the last write was cut short in the middle of a line. */
  #isTorn = false;

  constructor(path: string, rotation: Rotation) {
    this.#path = path;
    this.#rotation = rotation;
    this.#descriptor = openSync(path, 'a', 0o600);
    this.#size = fstatSync(this.#descriptor).size;
  }

  /** Appends whole lines. `at`: milliseconds since the epoch, for the name of what is put aside. */
  append(lines: string, at: number): void {
    const bytes = Buffer.from(this.#isTorn ? `\n${lines}` : lines);
    if (this.#size > 0 && this.#size + bytes.length > this.#rotation.maxBytes) this.#rotate(at);
    let written = 0;
    try {
      while (written < bytes.length) written += writeSync(this.#descriptor, bytes, written);
      this.#isTorn = false;
    } catch (error) {
      this.#isTorn ||= written > 0;
      throw error;
    } finally {
      this.#size += written;
    }
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #rotate(at: number): void {
    const { stem, extension } = this.#parts();
    const time = new Date(at).toISOString().replaceAll(':', '-');
    // It is not there where an earlier rotation could not open the new one.
    if (existsSync(this.#path))
      renameSync(this.#path, join(dirname(this.#path), `${stem}-${time}${extension}`));
    const descriptor = openSync(this.#path, 'a', 0o600);
    closeSync(this.#descriptor);
    this.#descriptor = descriptor;
    this.#size = fstatSync(descriptor).size;
    this.#isTorn = false;
    this.#removeOldest();
  }

  #removeOldest(): void {
    const { maxBackups } = this.#rotation;
    if (maxBackups === 0) return;
    const { stem, extension } = this.#parts();
    const backups = readdirSync(dirname(this.#path))
      .filter((name) => isBackup(name.slice(0, name.length - extension.length), stem))
      .filter((name) => name.endsWith(extension))
      .sort();
    for (const name of backups.slice(0, -maxBackups)) unlinkSync(join(dirname(this.#path), name));
  }

  #parts(): { readonly stem: string; readonly extension: string } {
    const extension = extname(this.#path);
    return { stem: basename(this.#path, extension), extension };
  }
}

/** Whether a name is one that a rotation gave; nobody else's files are removed. */
function isBackup(name: string, stem: string): boolean {
  return (
    name.startsWith(`${stem}-`) &&
    /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}Z$/.test(name.slice(stem.length + 1))
  );
}
