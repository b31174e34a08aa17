import { readFileSync } from 'node:fs';
import { Failure, reasonOf } from './failure.ts';

/**
 * The bytes of a file that a flag names.
 *
 * @throws Failure naming the flag and the file.
 */
export function readFlagFile(flag: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new Failure(`${flag}: cannot read ${path}: ${reasonOf(error)}`);
  }
}
