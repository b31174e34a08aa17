import type { ApiserverBundle } from '../authenticator/advise/subject.ts';
import { parseBundleFile } from '../authenticator/bundle-file.ts';
import { Failure } from './failure.ts';
import { readFlagFile } from './read-file.ts';

/**
 * A bundle that a flag names, such as kube-apiserver's.
 *
 * @throws Failure naming the flag and the file.
 */
export function readApiserverBundle(flag: string, file: string): ApiserverBundle {
  const parsed = parseBundleFile(readFlagFile(flag, file));
  if (!parsed.ok) throw new Failure(`${flag}: ${file}: ${parsed.error}`);
  return { file, bundle: parsed.bundle };
}
