import { compileNativePolicy } from '../src/authenticator/compile-native-policy.ts';
import type { NativePolicy } from '../src/authenticator/native-policy.ts';
import type { Issue } from '../src/config/issue.ts';
import { loadNativePolicy } from '../src/config/native-certificate-policy.ts';

/** Files that a policy under test names, by path. */
export type PolicyFiles = Readonly<Record<string, string | Buffer>>;

/** What compiling a policy gives; a path that ends in `/` stands for the files below it. */
export function compilePolicy(
  fields: string,
  files: PolicyFiles = {},
): {
  readonly policy?: NativePolicy;
  readonly warnings: readonly Issue[];
  readonly errors: readonly Issue[];
} {
  const text = `apiVersion: kube-x509-authn.dev/v1alpha1\nkind: NativeCertificatePolicy\n${fields}`;
  const loaded = loadNativePolicy(text);
  if (loaded.kind === 'invalid') return { warnings: [], errors: loaded.issues };
  const compiled = compileNativePolicy(loaded.policy, {
    readFile: (path) => {
      const content = files[path];
      if (content === undefined) throw new Error(`ENOENT: no such file or directory, open '${path}'`);
      return Buffer.from(content);
    },
    findFiles: (pattern) =>
      pattern.endsWith('/')
        ? { files: Object.keys(files).filter((path) => path.startsWith(pattern)), by: 'search' }
        : { files: [pattern], by: 'name' },
  });
  if (compiled.kind === 'invalid') return { warnings: [], errors: compiled.issues };
  return { policy: compiled.policy, warnings: [...loaded.warnings, ...compiled.warnings], errors: [] };
}

/** The policy of fields given as YAML. */
export function policyOf(fields: string, files: PolicyFiles = {}): NativePolicy {
  const { policy, errors } = compilePolicy(fields, files);
  if (policy === undefined) throw new Error(errors.map(({ message }) => message).join('\n'));
  return policy;
}

/** A RevocationList of items given as YAML. */
export function revocationListOf(items: string): string {
  return `apiVersion: kube-x509-authn.dev/v1alpha1\nkind: RevocationList\n${items}`;
}
