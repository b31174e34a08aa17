import type { NativePolicy } from '../authenticator/native-policy.ts';
import { readNativePolicy } from '../authenticator/read-native-policy.ts';
import { findFiles } from '../server/find-files.ts';
import { describeErrors, describeIssue } from '../server/issue-text.ts';
import { Failure } from './failure.ts';
import { readFlagFile, readWholeFile } from './read-file.ts';

/**
 * Loads and compiles the NativeCertificatePolicy that `--native-policy` names, with the files that it names; what is doubtful about it is
 * told on stderr.
 *
 * @throws Failure with every error of the policy, each with its place.
 */
export function loadNativePolicyFile(path: string): NativePolicy {
  const source = { readFile: readWholeFile, findFiles };
  const read = readNativePolicy(readFlagFile('--native-policy', path), source);
  if (read.kind === 'invalid') throw new Failure(describeErrors(path, read.issues));
  for (const issue of read.warnings)
    process.stderr.write(`kube-x509-authn: warning: ${describeIssue(path, issue)}\n`);
  return read.policy;
}
