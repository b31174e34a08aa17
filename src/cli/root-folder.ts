import { statSync } from 'node:fs';
import { Failure } from './failure.ts';

/**
 * The folder that `--root` names.
 *
 * @throws Failure for one that is not there, under which nothing would be found and so nothing be said.
 */
export function checkRoot(root: string | undefined): string | undefined {
  const isFolder = root === undefined || statSync(root, { throwIfNoEntry: false })?.isDirectory() === true;
  if (!isFolder) throw new Failure(`--root: ${root} is not a folder`);
  return root;
}
