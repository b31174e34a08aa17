import { chmodSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/** Writes a file so that nobody reads half of it, and gives it a mode whatever the process's mask. Throws the file system's errors. */
export function writeAtomically(path: string, text: string, mode: number): void {
  const temporary = `${path}.${process.pid}.tmp`;
  // What a killed process left, or somebody else put there, has the mode and the owner that it has.
  rmSync(temporary, { force: true });
  writeFileSync(temporary, text, { mode, flag: 'wx' });
  chmodSync(temporary, mode);
  renameSync(temporary, path);
}
