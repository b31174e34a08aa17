import type { Revocation, ValidationRule, X509Entry } from '../config/types.ts';
import {
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  required,
  tooLong,
  tooMany,
  unsupported,
} from './field-error.ts';
import type { RuleKind } from './reason.ts';
import { hasAnchors, validateAnchorsSource, validateOwnAnchors } from './validate-anchors-source.ts';
import { validateCertificateMappings } from './validate-certificate-mappings.ts';
import { validateExpression } from './validate-expression.ts';
import { validateWorkload } from './validate-workload.ts';
import type { X509Checks } from './x509-checks.ts';

/** Our limits; every entry is tried for each certificate and every rule evaluated. */
const MAX_ENTRIES = 64;
const MAX_RULES = 64;
const MAX_FILES = 64;
const MAX_MESSAGE_BYTES = 1024;

/** What `evaluationFailurePolicy` may be. */
export const FAILURE_POLICIES: readonly string[] = ['Closed', 'Open'];
const STALE_POLICIES: readonly string[] = ['Allow', 'Deny'];

/** Validates `x509` entries, in the words and the order of kube-apiserver's validator. */
export function validateX509(entries: readonly X509Entry[], checks: X509Checks): readonly FieldError[] {
  if (entries.length > MAX_ENTRIES) return [tooMany('x509', entries.length, MAX_ENTRIES)];
  return entries.flatMap((entry, index) => validateX509Entry(index, entry, checks));
}

function validateX509Entry(index: number, entry: X509Entry, checks: X509Checks): readonly FieldError[] {
  const path = `x509[${index}]`;
  const rulesOf = (kind: RuleKind, rules: readonly ValidationRule[]): readonly FieldError[] =>
    validateRules(`${path}.${kind}ValidationRules`, rules, (rulePath, rule) =>
      checks.compileRule({ kind, path: rulePath, rule }),
    );
  const revocation = validateRevocation(`${path}.revocation`, entry.revocation);
  return [
    ...validateIssuer(`${path}.issuer`, entry, checks),
    ...rulesOf('request', entry.requestValidationRules),
    ...rulesOf('certificate', entry.certificateValidationRules),
    ...validateMapping(path, entry, checks),
    ...rulesOf('user', entry.userValidationRules),
    ...(revocation.length === 0 ? checks.readRevocation(index, entry) : revocation),
    ...validateChoice(`${path}.evaluationFailurePolicy`, entry.evaluationFailurePolicy, FAILURE_POLICIES),
    ...validateSession(`${path}.session`, entry),
  ];
}

function validateIssuer(
  path: string,
  { issuer, workload }: X509Entry,
  { readAnchors }: X509Checks,
): readonly FieldError[] {
  // Whose workloads an authority of a shared pool may name, nobody said.
  const anchors =
    workload === undefined
      ? validateAnchorsSource(path, issuer)
      : validateOwnAnchors(path, issuer, 'with workload');
  if (anchors.length > 0) return anchors;
  if (issuer.name === '' && !hasAnchors(issuer)) {
    const detail = 'name is required unless certificateAuthority or certificateAuthorityFile is set';
    return [required(`${path}.name`, detail)];
  }
  const error = readAnchors(path, issuer);
  return error === undefined ? [] : [error];
}

function validateMapping(
  path: string,
  { claimMappings, workload }: X509Entry,
  { compileMapping, readAnchors }: X509Checks,
): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (claimMappings !== undefined) {
    errors.push(...validateCertificateMappings(`${path}.claimMappings`, claimMappings, compileMapping));
  }
  if (workload === undefined) return errors;
  if (claimMappings !== undefined) {
    errors.push(forbidden(`${path}.workload`, 'may not be set together with claimMappings'));
  }
  return [...errors, ...validateWorkload(`${path}.workload`, workload, readAnchors)];
}

/** Validates the rules of one list; `compile` gives the error of one that does not compile. */
export function validateRules(
  path: string,
  rules: readonly ValidationRule[],
  compile: (path: string, rule: ValidationRule) => FieldError | undefined,
): readonly FieldError[] {
  if (rules.length > MAX_RULES) return [tooMany(path, rules.length, MAX_RULES)];
  const seen = new Set<string>();
  return rules.flatMap((rule, index) => {
    const rulePath = `${path}[${index}]`;
    const expressionPath = `${rulePath}.expression`;
    const fault =
      validateExpression(expressionPath, rule.expression) ??
      findDuplicate(expressionPath, rule.expression, seen) ??
      compile(rulePath, rule);
    const message = validateMessage(`${rulePath}.message`, rule.message);
    return [fault, message].filter((error) => error !== undefined);
  });
}

function findDuplicate(path: string, expression: string, seen: Set<string>): FieldError | undefined {
  if (seen.has(expression)) return duplicate(path, expression);
  seen.add(expression);
  return undefined;
}

function validateMessage(path: string, message: string): FieldError | undefined {
  if (Buffer.byteLength(message) > MAX_MESSAGE_BYTES) return tooLong(path, MAX_MESSAGE_BYTES);
  // It is printed in logs and in answers, where a second line would look like another record.
  return /\p{Cc}|[\u2028\u2029]/u.test(message)
    ? invalid(path, message, 'must be one line without control characters')
    : undefined;
}

/** Validates the fields of a `revocation`; what is in the files is for its reader to say. */
export function validateRevocation(path: string, { files, onStale }: Revocation): readonly FieldError[] {
  const choice = validateChoice(`${path}.onStale`, onStale, STALE_POLICIES);
  if (files.length > MAX_FILES) return [tooMany(`${path}.files`, files.length, MAX_FILES), ...choice];
  const missing = files.flatMap(({ file }, index) =>
    file === '' ? [required(`${path}.files[${index}].file`)] : [],
  );
  return [...missing, ...choice];
}

/** kube-apiserver asks nobody about a JWT that it verifies itself. */
function validateSession(path: string, { session, revocation }: X509Entry): readonly FieldError[] {
  return session.native && revocation.files.length > 0
    ? [forbidden(`${path}.native`, 'may not be true together with revocation: nothing would check it')]
    : [];
}

/** Validates a field that has one of a few values. */
export function validateChoice(
  path: string,
  value: string,
  choices: readonly string[],
): readonly FieldError[] {
  return choices.includes(value) ? [] : [unsupported(path, value, choices)];
}
