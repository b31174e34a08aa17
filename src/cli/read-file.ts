import { closeSync, openSync, readSync } from 'node:fs';
import { reasonOf } from '../server/reason-of.ts';
import { Failure } from './failure.ts';

/** A revocation list of a few million certificates is near 100 MiB; nothing else that is read whole comes close. */
const SIZE_LIMIT = 256 * 1024 * 1024;

const CHUNK = 64 * 1024;

/**
 * The bytes of a file that a flag names.
 *
 * @throws Failure naming the flag and the file.
 */
export function readFlagFile(flag: string, path: string): Buffer {
  try {
    return readWholeFile(path);
  } catch (error) {
    throw new Failure(`${flag}: cannot read ${path}: ${reasonOf(error)}`);
  }
}

/**
 * The bytes of a file that a person named, which may be a pipe, as a shell's `<(…)` is, and is not without end.
 *
 * @throws the file system's error, or one that says that the file is too long.
 */
export function readWholeFile(path: string): Buffer {
  const descriptor = openSync(path, 'r');
  try {
    const chunks: Buffer[] = [];
    let length = 0;
    for (;;) {
      const chunk = Buffer.allocUnsafe(CHUNK);
      const read = readSync(descriptor, chunk);
      if (read === 0) return Buffer.concat(chunks);
      length += read;
      if (length > SIZE_LIMIT) throw new Error(`it is longer than ${SIZE_LIMIT} bytes`);
      chunks.push(chunk.subarray(0, read));
    }
  } finally {
    closeSync(descriptor);
  }
}
