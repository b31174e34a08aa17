import { dirname, relative, resolve } from 'node:path';
import { isAbsent } from '../authenticator/anchors.ts';
import type { NativePolicy } from '../authenticator/native-policy.ts';
import type { InventorySource } from '../authenticator/read-inventory.ts';
import { readNativePolicy } from '../authenticator/read-native-policy.ts';
import type { Issue } from '../config/issue.ts';
import { findFiles } from '../server/find-files.ts';
import { describeErrors, describeIssue } from '../server/issue-text.ts';
import { toPrintable } from '../server/printable.ts';
import { Failure } from './failure.ts';
import { readFlagFile, readWholeFile } from './read-file.ts';

/**
 * Loads and compiles the NativeCertificatePolicy that `--native-policy` names, with the files that it names; what is doubtful about it is
 * told on stderr.
 *
 * @throws Failure with every error of the policy, each with its place.
 */
export function loadNativePolicyFile(path: string): NativePolicy {
  const { policy, warnings } = load('--native-policy', path, { readFile: readWholeFile, findFiles });
  for (const warning of warnings)
    process.stderr.write(`kube-x509-authn: warning: ${toPrintable(describeIssue(path, warning))}\n`);
  return policy;
}

/**
 * Loads a NativeCertificatePolicy for cases that are made up: files are named from where it is, and those that are not on this machine are
 * passed over, with a note.
 *
 * @throws Failure with every error of the policy, each with its place.
 */
export function rehearseNativePolicy(
  flag: string,
  path: string,
): { readonly policy: NativePolicy; readonly notes: readonly string[] } {
  const absent = new Set<string>();
  const note =
    <T>(read: (name: string) => T) =>
    (name: string): T => {
      try {
        return read(resolve(dirname(path), name));
      } catch (error) {
        if (isAbsent(error)) absent.add(name);
        throw error;
      }
    };
  const source = { readFile: note(readWholeFile), findFiles: note((name) => findFiles(name)) };
  const { policy, warnings } = load(flag, path, { ...source, absentFiles: 'unknown' });
  return {
    policy,
    notes: [
      ...Array.from(absent, (name) => `${name} is not here: nothing of it is known`),
      ...warnings.map((warning) => describeIssue(relative('', path), warning)),
    ],
  };
}

function load(
  flag: string,
  path: string,
  source: InventorySource,
): { readonly policy: NativePolicy; readonly warnings: readonly Issue[] } {
  const read = readNativePolicy(readFlagFile(flag, path), source);
  if (read.kind === 'invalid') throw new Failure(describeErrors(path, read.issues));
  return read;
}
