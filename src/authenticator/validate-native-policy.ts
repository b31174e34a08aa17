import type { NativeCertificatePolicy } from '../config/native-certificate-policy.ts';
import type { ValidationRule } from '../config/types.ts';
import { type FieldError, invalid, required, tooMany } from './field-error.ts';
import { FAILURE_POLICIES, validateChoice, validateRevocation, validateRules } from './validate-x509.ts';

/** Files, directories and patterns in one policy; a directory holds any number of files. */
const MAX_CERTIFICATE_PATHS = 64;

const UNKNOWN_POLICIES: readonly string[] = ['Allow', 'Deny'];

/** A rule with its place: `path` is the rule's, `kind` decides the variable that it sees. */
export interface NativeRule {
  readonly kind: 'user' | 'certificate';
  readonly path: string;
  readonly rule: ValidationRule;
}

/** What validating needs from elsewhere; each is called in its turn, so that errors stand in the fields' order. */
export interface NativePolicyChecks {
  /** Compiles a rule that is otherwise fine; gives the error of one that does not compile. */
  readonly compileRule: (rule: NativeRule) => FieldError | undefined;
  /** Reads the revocation files. */
  readonly readRevocations: () => readonly FieldError[];
  /** Reads what one path of the inventory stands for. */
  readonly readCertificates: (path: string, pattern: string) => FieldError | undefined;
}

/** Validates a NativeCertificatePolicy, in the words of the `x509` entries' validator. */
export function validateNativePolicy(
  policy: NativeCertificatePolicy,
  checks: NativePolicyChecks,
): readonly FieldError[] {
  const rulesOf = (kind: NativeRule['kind'], rules: readonly ValidationRule[]): readonly FieldError[] =>
    validateRules(`${kind}ValidationRules`, rules, (path, rule) => checks.compileRule({ kind, path, rule }));
  // Read first, since the inventory has the issuers of CRLs.
  const certificates = validateCertificates(policy, checks);
  const revocation = validateRevocation('revocation', policy.revocation);
  return [
    ...rulesOf('user', policy.userValidationRules),
    ...(revocation.length === 0 ? checks.readRevocations() : revocation),
    ...certificates,
    ...rulesOf('certificate', policy.certificateValidationRules),
    ...validateUnknown(policy),
    ...validateChoice('evaluationFailurePolicy', policy.evaluationFailurePolicy, FAILURE_POLICIES),
  ];
}

function validateCertificates(
  { certificates }: NativeCertificatePolicy,
  { readCertificates }: NativePolicyChecks,
): readonly FieldError[] {
  if (certificates.length > MAX_CERTIFICATE_PATHS) {
    return [tooMany('certificates', certificates.length, MAX_CERTIFICATE_PATHS)];
  }
  return certificates.flatMap((pattern, index) => {
    const path = `certificates[${index}]`;
    return (pattern === '' ? required(path) : readCertificates(path, pattern)) ?? [];
  });
}

/** What would deny every certificate, or judge none, is a mistake. */
function validateUnknown({
  certificates,
  certificateValidationRules,
  unknownCertificates,
}: NativeCertificatePolicy): readonly FieldError[] {
  const errors = [...validateChoice('unknownCertificates', unknownCertificates, UNKNOWN_POLICIES)];
  if (certificates.length > 0) return errors;
  if (unknownCertificates === 'Deny') {
    errors.push(
      invalid(
        'unknownCertificates',
        'Deny',
        'needs certificates: without an inventory every certificate is unknown',
      ),
    );
  }
  if (certificateValidationRules.length > 0) {
    errors.unshift(
      required('certificates', 'certificateValidationRules judge the certificates of the inventory alone'),
    );
  }
  return errors;
}
