import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';

/** A revocation list of a few million certificates is near 100 MiB; nothing else that is read comes close. */
const SIZE_LIMIT = 256 * 1024 * 1024;

/**
 * The bytes of a regular file. A pipe or device in its place is refused, not waited for: the server answers nobody meanwhile.
 *
 * @throws the file system's error, or one that says what is wrong with the file.
 */
export function readRegularFile(path: string): Buffer {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw new Error(`${path} is not a regular file`);
    if (stats.size > SIZE_LIMIT) throw new Error(`${path} is ${stats.size} bytes long, over ${SIZE_LIMIT}`);
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
