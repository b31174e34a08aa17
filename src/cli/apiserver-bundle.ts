import type { ApiserverBundle } from '../authenticator/advise/subject.ts';
import { parseTrustBundle } from '../x509/trust-bundle.ts';
import { Failure } from './failure.ts';
import { readFlagFile } from './read-file.ts';

/**
 * A bundle that a flag names, such as kube-apiserver's.
 *
 * @throws Failure naming the flag and the file.
 */
export function readApiserverBundle(flag: string, file: string): ApiserverBundle {
  const parsed = parseTrustBundle(readFlagFile(flag, file).toString('utf8'));
  if (!parsed.ok) throw new Failure(`${flag}: ${file}: ${parsed.error}`);
  return { file, bundle: parsed.bundle };
}
