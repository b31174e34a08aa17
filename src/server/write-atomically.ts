import { chmodSync, renameSync, writeFileSync } from 'node:fs';

/** Writes a file so that nobody reads half of it, and gives it a mode whatever the process's mask. Throws the file system's errors. */
export function writeAtomically(path: string, text: string, mode: number): void {
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, text, { mode });
  chmodSync(temporary, mode);
  renameSync(temporary, path);
}
