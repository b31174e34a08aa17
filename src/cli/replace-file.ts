import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';

/** For files that did not exist: readable by all, as revocation lists and configuration are no secrets. */
const NEW_FILE_MODE = 0o644;

/**
 * Puts a text in a file's place at once, so that a reader sees the old one or the new one, and neither half; a link stays a link, and
 * an existing file keeps its mode.
 *
 * @throws the file system's errors; the file is then as it was.
 */
export function replaceFile(path: string, text: string): void {
  const target = existsSync(path) ? realpathSync(path) : path;
  const mode = existsSync(target) ? statSync(target).mode & 0o777 : NEW_FILE_MODE;
  const temporary = `${target}.${process.pid}.tmp`;
  const file = openSync(temporary, 'wx', mode);
  try {
    writeSync(file, text);
    fsyncSync(file);
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
}
