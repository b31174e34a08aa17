import { decodeDocument } from './decode-document.ts';
import type { Issue } from './issue.ts';
import { child, list, text } from './node-fields.ts';
import { readOwnKind } from './own-kind.ts';
import { nativePolicySchema } from './schema.ts';
import { toRevocation, toRule } from './to-config.ts';
import type { ConfigSource, Revocation, ValidationRule } from './types.ts';
import type { ValueNode } from './value-node.ts';

/** The kind of the file, as it is written there. */
export const NATIVE_POLICY_KIND = 'NativeCertificatePolicy';

/** A NativeCertificatePolicy file after strict decoding and defaulting. The policies are as written: `compileNativePolicy` knows their values. */
export interface NativeCertificatePolicy {
  readonly userValidationRules: readonly ValidationRule[];
  readonly revocation: Revocation;
  /** Files, directories and patterns of files. */
  readonly certificates: readonly string[];
  readonly certificateValidationRules: readonly ValidationRule[];
  readonly unknownCertificates: string;
  readonly evaluationFailurePolicy: string;
  readonly source: ConfigSource;
}

/** A file's policy, or everything that is wrong with the file. */
export type NativePolicyResult =
  | { readonly kind: 'policy'; readonly policy: NativeCertificatePolicy; readonly warnings: readonly Issue[] }
  | { readonly kind: 'invalid'; readonly issues: readonly Issue[] };

/** As for the AuthenticationConfiguration: twice what a ConfigMap holds. */
const MAX_LENGTH = 2 * 1024 * 1024;

/** Decodes a NativeCertificatePolicy, YAML or JSON, as strictly as an AuthenticationConfiguration. */
export function loadNativePolicy(text: string): NativePolicyResult {
  const readKind = (root: ValueNode) => readOwnKind(root, NATIVE_POLICY_KIND, nativePolicySchema);
  const result = decodeDocument(text, { readKind, maxLength: MAX_LENGTH });
  if (result.kind === 'invalid') return result;
  const { root, source, warnings } = result;
  return { kind: 'policy', policy: { ...toPolicy(root), source }, warnings };
}

function toPolicy(root: ValueNode): Omit<NativeCertificatePolicy, 'source'> {
  return {
    userValidationRules: list(root, 'userValidationRules', toRule),
    revocation: toRevocation(child(root, 'revocation')),
    certificates: list(root, 'certificates', (item) => (item.kind === 'string' ? item.value : '')),
    certificateValidationRules: list(root, 'certificateValidationRules', toRule),
    unknownCertificates: text(root, 'unknownCertificates') || 'Allow',
    evaluationFailurePolicy: text(root, 'evaluationFailurePolicy') || 'Open',
  };
}
