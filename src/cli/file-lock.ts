import { closeSync, openSync, rmSync } from 'node:fs';
import { reasonOf } from '../server/reason-of.ts';
import { Failure } from './failure.ts';

/**
 * Does something while no other command does the same to a file: of two that read and then replace it, one would undo the other's work.
 *
 * @throws Failure where another is at it, or was killed while it was.
 */
export function withFileLock<T>(path: string, action: () => T): T {
  const lock = `${path}.lock`;
  try {
    closeSync(openSync(lock, 'wx'));
  } catch (error) {
    const isHeld = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    if (!isHeld) throw new Failure(`cannot lock ${path}: ${reasonOf(error)}`);
    throw new Failure(`${lock} exists: another command is changing ${path}; if none is, remove it`);
  }
  try {
    return action();
  } finally {
    rmSync(lock, { force: true });
  }
}
