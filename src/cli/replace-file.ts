import {
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs';

/** For files that did not exist: readable by all, as revocation lists and configuration are no secrets, unless the process's mask forbids. */
const NEW_FILE_MODE = 0o644;

/**
 * Puts a text in a file's place at once, so that a reader sees the old one or the new one, and neither half; a link stays a link, and
 * an existing file keeps its mode, and its owner where that is allowed: else the server could no longer read what root has replaced.
 *
 * @throws the file system's errors; the file is then as it was.
 */
export function replaceFile(path: string, text: string): void {
  const present = statSync(path, { throwIfNoEntry: false });
  const target = present === undefined ? path : realpathSync(path);
  const temporary = `${target}.${process.pid}.tmp`;
  // What a killed process left, or somebody else put there, has the mode and the owner that it has.
  rmSync(temporary, { force: true });
  const file = openSync(temporary, 'wx', present === undefined ? NEW_FILE_MODE : present.mode & 0o777);
  try {
    // Whatever the length: a single write may stop short where the disk is full.
    writeFileSync(file, text);
    if (present !== undefined) keepAccess(file, present);
    fsyncSync(file);
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
}

function keepAccess(file: number, { uid, gid, mode }: Stats): void {
  try {
    fchownSync(file, uid, gid);
  } catch {
    // Only root may give a file away; to others it is theirs from now on.
  }
  // After the owner, whose change takes bits of it away.
  fchmodSync(file, mode & 0o777);
}
