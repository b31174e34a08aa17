import { createNativeJudge, type NativeJudge } from '../authenticator/native-judge.ts';
import { readNativePolicy } from '../authenticator/read-native-policy.ts';
import { type CertificateRevocationList, findRollback } from '../x509/crl.ts';
import type { FileSource } from './file-source.ts';
import { findFiles } from './find-files.ts';
import { describeErrors, describeIssue } from './issue-text.ts';

/**
 * The judge of native client certificates: policy, revocation files, inventory. A new version is a new judge, who remembers nothing; one
 * with a CRL that is older than that in force would bring back the revoked.
 */
export function nativePolicySource(file: string): FileSource<NativeJudge> {
  let inForce: readonly CertificateRevocationList[] = [];
  return {
    name: 'native-policy',
    firstFileStandsIn: 'when-bad',
    load(readFile, list) {
      const source = { readFile, findFiles: (pattern: string) => findFiles(pattern, list) };
      const read = readNativePolicy(readFile(file), source);
      if (read.kind === 'invalid') return { kind: 'invalid', problem: describeErrors(file, read.issues) };
      const crls = [...read.policy.revocations.crls.values()].flat();
      const rollback = findRollback(crls, inForce);
      if (rollback !== undefined)
        return { kind: 'invalid', problem: `${file}: a CRL is older than the one in force: ${rollback}` };
      inForce = crls;
      const warnings = read.warnings.map((issue) => describeIssue(file, issue));
      return { kind: 'loaded', value: createNativeJudge(read.policy), warnings };
    },
  };
}
