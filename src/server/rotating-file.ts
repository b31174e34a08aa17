import {
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readdirSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';

/** When a file is put aside for a new one, and how many of those are kept; 0 keeps them all. */
export interface Rotation {
  readonly maxBytes: number;
  readonly maxBackups: number;
}

/** Milliseconds after which a file that somebody moved or removed is noticed. */
const CHECK_MS = 1000;

/** An open file: how large it is, and by what it is known. */
interface OpenFile {
  readonly descriptor: number;
  readonly inode: number;
  /** A device or a pipe cannot be put aside. */
  readonly isRegular: boolean;
  size: number;
}

/**
 * A file that is appended to, and renamed to `name-<time>.ext` before it would grow over a size, as kube-apiserver rotates its audit log. One that
 * somebody else moved or removed is begun anew. Every method throws the file system's errors and may be called again after one.
 */
export class RotatingFile {
  readonly #path: string;
  readonly #rotation: Rotation;
  #file: OpenFile;
  #checkedAt = 0;
  /** Whether the last write was cut short in the middle of a line. */
  #isTorn = false;

  constructor(path: string, rotation: Rotation) {
    this.#path = path;
    this.#rotation = rotation;
    this.#file = open(path);
  }

  /** Appends whole lines. `at`: milliseconds since the epoch, for the name of what is put aside. */
  append(lines: string, at: number): void {
    const bytes = Buffer.from(this.#isTorn ? `\n${lines}` : lines);
    if (Math.abs(at - this.#checkedAt) >= CHECK_MS) this.#check(at);
    const { size, isRegular } = this.#file;
    if (isRegular && size > 0 && size + bytes.length > this.#rotation.maxBytes) this.#rotate(at);
    const file = this.#file;
    let written = 0;
    try {
      while (written < bytes.length) written += writeSync(file.descriptor, bytes, written);
      this.#isTorn = false;
    } catch (error) {
      this.#isTorn ||= written > 0;
      throw error;
    } finally {
      file.size += written;
    }
  }

  close(): void {
    closeSync(this.#file.descriptor);
  }

  /** Begins anew where the file at the path is not the one that is written to. */
  #check(at: number): void {
    this.#checkedAt = at;
    const inode = statSync(this.#path, { throwIfNoEntry: false })?.ino;
    if (inode !== this.#file.inode) this.#reopen();
  }

  #reopen(): void {
    const file = open(this.#path);
    closeSync(this.#file.descriptor);
    this.#file = file;
    this.#isTorn = false;
  }

  #rotate(at: number): void {
    const { stem, extension } = this.#parts();
    const time = new Date(at).toISOString().replaceAll(':', '-');
    // It is not there where an earlier rotation could not open the new one.
    if (existsSync(this.#path))
      renameSync(this.#path, join(dirname(this.#path), `${stem}-${time}${extension}`));
    this.#reopen();
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

function open(path: string): OpenFile {
  const descriptor = openSync(path, 'a', 0o600);
  const stats = fstatSync(descriptor);
  return { descriptor, inode: stats.ino, isRegular: stats.isFile(), size: stats.size };
}

/** Whether a name is one that a rotation gave; nobody else's files are removed. */
function isBackup(name: string, stem: string): boolean {
  return (
    name.startsWith(`${stem}-`) &&
    /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}Z$/.test(name.slice(stem.length + 1))
  );
}
