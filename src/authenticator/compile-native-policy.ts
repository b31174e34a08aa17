import { compileExpression, type Program } from '../cel/compile.ts';
import { environments } from '../cel/environment.ts';
import type { Issue } from '../config/issue.ts';
import type { NativeCertificatePolicy } from '../config/native-certificate-policy.ts';
import type { ValidationRule } from '../config/types.ts';
import type { Certificate } from '../x509/certificate.ts';
import { createCertificateInventory } from '../x509/certificate-inventory.ts';
import { createRevocations } from '../x509/revocation.ts';
import type { Rule } from './authenticator.ts';
import { type FieldError, invalid, toIssue } from './field-error.ts';
import { toIdleIssuers } from './idle-fields.ts';
import { toExpressionError } from './jwt-checks.ts';
import type { NativePolicy } from './native-policy.ts';
import { type InventorySource, readInventoryPart } from './read-inventory.ts';
import {
  NO_REVOCATION_SOURCES,
  type RevocationSources,
  readRevocationFiles,
} from './read-revocation-files.ts';
import { type NativeRule, validateNativePolicy } from './validate-native-policy.ts';

export type CompiledNativePolicy =
  | { readonly kind: 'compiled'; readonly policy: NativePolicy; readonly warnings: readonly Issue[] }
  | { readonly kind: 'invalid'; readonly issues: readonly Issue[] };

/** Certificates in one inventory: at about 6 KB each, what fits the memory of a small control plane. */
const MAX_CERTIFICATES = 20_000;

/** Compiles a policy with its revocation files and its inventory into what judges, or reports every error there is. */
export function compileNativePolicy(
  policy: NativeCertificatePolicy,
  source: InventorySource,
): CompiledNativePolicy {
  const { errors, warnings, parts } = compileParts(policy, source);
  if (errors.length > 0)
    return { kind: 'invalid', issues: errors.map((error) => toIssue(error, policy.source)) };
  return { kind: 'compiled', policy: toNativePolicy(policy, parts), warnings };
}

/** What compiling makes: rules' programs by field path, the inventory's certificates, what revokes them. */
interface Parts {
  readonly programs: ReadonlyMap<string, Program>;
  readonly certificates: readonly Certificate[];
  readonly revocation: RevocationSources;
}

interface Compiling {
  readonly errors: readonly FieldError[];
  readonly warnings: readonly Issue[];
  readonly parts: Parts;
}

function compileParts(policy: NativeCertificatePolicy, source: InventorySource): Compiling {
  const programs = new Map<string, Program>();
  const certificates: Certificate[] = [];
  const warnings: Issue[] = [];
  let revocation = NO_REVOCATION_SOURCES;
  const errors = validateNativePolicy(policy, {
    compileRule({ kind, path, rule }) {
      const result = compileRule({ kind, path, rule });
      if (!result.ok) return result.error;
      programs.set(path, result.program);
      return undefined;
    },
    readCertificates(path, pattern) {
      const part = readInventoryPart(path, pattern, source);
      if (!part.ok) return part.error;
      for (const certificate of part.certificates) certificates.push(certificate);
      warnings.push(...part.problems.map((problem) => toWarning(policy, path, problem)));
      return undefined;
    },
    readRevocations() {
      const read = readRevocationFiles('revocation.files', policy.revocation.files, {
        readFile: source.readFile,
        absentFiles: source.absentFiles ?? 'refused',
        issuers: certificates,
      });
      revocation = read.sources;
      warnings.push(...toIdleIssuers(read.idleIssuers, policy.source));
      return read.errors;
    },
  });
  const all = [...errors, ...findInventoryErrors(policy, certificates, source)];
  if (policy.certificates.length === 0 && needsInventory(revocation)) {
    const problem =
      'serial numbers, public keys and CRLs revoke the certificates of the inventory alone, and there is none';
    warnings.push(toWarning(policy, 'revocation.files', problem));
  }
  return { errors: all, warnings, parts: { programs, certificates, revocation } };
}

/** Whether something is revoked that a fingerprint alone does not tell. */
function needsInventory({ lists, crls }: RevocationSources): boolean {
  return crls.length > 0 || lists.some(({ serials, publicKeys }) => serials.length + publicKeys.length > 0);
}

type CompiledRule =
  | { readonly ok: true; readonly program: Program }
  | { readonly ok: false; readonly error: FieldError };

function compileRule({ kind, path, rule }: NativeRule): CompiledRule {
  const environment = kind === 'user' ? environments.user : environments.cert;
  const result = compileExpression(rule.expression, environment, 'bool');
  if (result.ok) return result;
  return { ok: false, error: toExpressionError(`${path}.expression`, rule.expression, result) };
}

function findInventoryErrors(
  { certificates: paths, unknownCertificates }: NativeCertificatePolicy,
  certificates: readonly Certificate[],
  { absentFiles }: InventorySource,
): readonly FieldError[] {
  if (certificates.length > MAX_CERTIFICATES) {
    return [
      invalid(
        'certificates',
        paths.join(' '),
        `has ${certificates.length} certificates; at most ${MAX_CERTIFICATES} are read`,
      ),
    ];
  }
  if (unknownCertificates !== 'Deny' || paths.length === 0 || certificates.length > 0) return [];
  if (absentFiles === 'unknown') return [];
  const detail =
    'has no certificate in it: with unknownCertificates: Deny every certificate would be refused';
  return [invalid('certificates', paths.join(' '), detail)];
}

function toWarning({ source }: NativeCertificatePolicy, path: string, problem: string): Issue {
  return {
    id: 'inventory/incomplete',
    path,
    severity: 'warning',
    message: `${path}: ${problem}`,
    ...source.locate(path),
  };
}

function toNativePolicy(
  policy: NativeCertificatePolicy,
  { programs, certificates, revocation }: Parts,
): NativePolicy {
  const toRules = (list: string, rules: readonly ValidationRule[]): readonly Rule[] =>
    rules.map(({ expression, message }, index) => {
      const program = programs.get(`${list}[${index}]`);
      if (program === undefined) throw new Error(`${list}[${index}] was not compiled`);
      return Object.freeze({ expression, message, program });
    });
  return Object.freeze({
    userRules: toRules('userValidationRules', policy.userValidationRules),
    certificateRules: toRules('certificateValidationRules', policy.certificateValidationRules),
    evaluationFailurePolicy: policy.evaluationFailurePolicy === 'Closed' ? 'Closed' : 'Open',
    inventory: createCertificateInventory(certificates, revocation.issuers),
    unknownCertificates: policy.unknownCertificates === 'Deny' ? 'Deny' : 'Allow',
    revocations: createRevocations(revocation),
    onStale: policy.revocation.onStale === 'Allow' ? 'Allow' : 'Deny',
  });
}
