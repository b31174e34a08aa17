import type { Issue, Severity } from '../../config/issue.ts';
import { loadNativePolicy, type NativeCertificatePolicy } from '../../config/native-certificate-policy.ts';
import { isMissing } from '../anchors.ts';
import { compileNativePolicy } from '../compile-native-policy.ts';
import type { FindFiles } from '../read-inventory.ts';
import type { Finding } from './advice.ts';
import { applySuppressions, type LintResult, renameRevocation } from './lint-text.ts';
import { findStoppingRules } from './native-witnesses.ts';

/** What a policy is linted with. */
export interface NativeLintInputs {
  readonly at: number;
  readonly readFile: (path: string) => Buffer;
  readonly findFiles: FindFiles;
}

/**
 * Lints the text of a NativeCertificatePolicy: what the server would refuse, all of it at once, and where there is nothing of that, what it
 * would better not be given. Files that are not there are passed over.
 */
export function lintNativePolicy(text: string, inputs: NativeLintInputs): LintResult {
  const loaded = loadNativePolicy(text);
  if (loaded.kind === 'invalid') return { issues: loaded.issues, suppressed: [] };
  const { policy } = loaded;
  const compiled = compileNativePolicy(policy, { ...inputs, absentFiles: 'unknown' });
  if (compiled.kind === 'invalid')
    return { issues: [...loaded.warnings, ...compiled.issues.map(renameRevocation)], suppressed: [] };
  const toIssues = (id: string, severity: Severity, findings: readonly Finding[]): readonly Issue[] =>
    findings.map(({ path, message }) => ({ id, severity, path, message, ...policy.source.locate(path) }));
  const advice = [
    ...toIssues('native/stops-cluster', 'warning', findStoppingRules(compiled.policy)),
    ...toIssues('file/absent', 'info', findAbsent(policy, inputs)),
  ];
  return applySuppressions([...loaded.warnings, ...compiled.warnings, ...advice], policy.source);
}

function findAbsent(
  { revocation, certificates }: NativeCertificatePolicy,
  { readFile, findFiles }: NativeLintInputs,
): readonly Finding[] {
  const revocations = revocation.files.flatMap(({ file, issuerFile }, index) => {
    const path = `revocation.files[${index}]`;
    return [
      { path: `${path}.file`, name: file, look: () => void readFile(file) },
      ...(issuerFile === ''
        ? []
        : [{ path: `${path}.issuerFile`, name: issuerFile, look: () => void readFile(issuerFile) }]),
    ];
  });
  const inventory = certificates.map((name, index) => ({
    path: `certificates[${index}]`,
    name,
    look: () => void findFiles(name),
  }));
  return [...revocations, ...inventory]
    .filter(({ look }) => isMissing(look))
    .map(({ path, name }) => ({
      path,
      message: `${path}: ${name} is not here: what depends on it was not checked`,
    }));
}
