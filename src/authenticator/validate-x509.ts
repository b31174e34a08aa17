import type { Revocation, ValidationRule, X509Entry, X509Issuer } from '../config/types.ts';
import {
  duplicate,
  type FieldError,
  invalid,
  required,
  tooLong,
  tooMany,
  unsupported,
} from './field-error.ts';

/** Our limits; every entry is tried for each certificate and every rule evaluated. */
const MAX_ENTRIES = 64;
const MAX_RULES = 64;
const MAX_FILES = 64;
const MAX_EXPRESSION_BYTES = 10 * 1024;
const MAX_MESSAGE_BYTES = 1024;

const FAILURE_POLICIES: readonly string[] = ['Closed', 'Open'];
const STALE_POLICIES: readonly string[] = ['Allow', 'Deny'];

/** A rule with its place: `path` is the rule's, `kind` decides the variables that it sees. */
export interface PlacedRule {
  readonly kind: 'request' | 'user';
  readonly path: string;
  readonly rule: ValidationRule;
}

/** What validating needs from elsewhere; called for each field in its turn, so that errors stand in the fields' order. */
export interface X509Checks {
  /** Compiles a rule that is otherwise fine; gives the error of one that does not compile. */
  readonly compileRule: (rule: PlacedRule) => FieldError | undefined;
  /** Reads an entry's anchors; gives the error of those that cannot be used. */
  readonly readAnchors: (index: number, entry: X509Entry) => FieldError | undefined;
}

/** Validates `x509` entries, in the words and the order of kube-apiserver's validator. */
export function validateX509(entries: readonly X509Entry[], checks: X509Checks): readonly FieldError[] {
  if (entries.length > MAX_ENTRIES) return [tooMany('x509', entries.length, MAX_ENTRIES)];
  return entries.flatMap((entry, index) => validateX509Entry(index, entry, checks));
}

function validateX509Entry(index: number, entry: X509Entry, checks: X509Checks): readonly FieldError[] {
  const path = `x509[${index}]`;
  const rulesOf = (kind: PlacedRule['kind'], rules: readonly ValidationRule[]): readonly FieldError[] =>
    validateRules(`${path}.${kind}ValidationRules`, rules, (rulePath, rule) =>
      checks.compileRule({ kind, path: rulePath, rule }),
    );
  const issuer = validateIssuer(`${path}.issuer`, entry.issuer);
  const anchors = issuer.length === 0 ? checks.readAnchors(index, entry) : undefined;
  return [
    ...issuer,
    ...(anchors === undefined ? [] : [anchors]),
    ...rulesOf('request', entry.requestValidationRules),
    ...rulesOf('user', entry.userValidationRules),
    ...validateRevocation(`${path}.revocation`, entry.revocation),
    ...validateChoice(`${path}.evaluationFailurePolicy`, entry.evaluationFailurePolicy, FAILURE_POLICIES),
  ];
}

function validateIssuer(path: string, issuer: X509Issuer): readonly FieldError[] {
  const { name, certificateAuthority, certificateAuthorityFile } = issuer;
  const errors: FieldError[] = [];
  if (name === '' && certificateAuthority === '' && certificateAuthorityFile === '') {
    const detail = 'name is required unless certificateAuthority or certificateAuthorityFile is set';
    errors.push(required(`${path}.name`, detail));
  }
  if (certificateAuthority !== '' && certificateAuthorityFile !== '') {
    const detail = 'may not be specified when certificateAuthority is set';
    errors.push(invalid(`${path}.certificateAuthorityFile`, certificateAuthorityFile, detail));
  }
  return errors;
}

function validateRules(
  path: string,
  rules: readonly ValidationRule[],
  compile: (path: string, rule: ValidationRule) => FieldError | undefined,
): readonly FieldError[] {
  if (rules.length > MAX_RULES) return [tooMany(path, rules.length, MAX_RULES)];
  const seen = new Set<string>();
  return rules.flatMap((rule, index) => {
    const rulePath = `${path}[${index}]`;
    const fault =
      validateExpression(`${rulePath}.expression`, rule.expression, seen) ?? compile(rulePath, rule);
    const message = validateMessage(`${rulePath}.message`, rule.message);
    return [fault, message].filter((error) => error !== undefined);
  });
}

function validateExpression(path: string, expression: string, seen: Set<string>): FieldError | undefined {
  if (expression === '') return required(path);
  if (Buffer.byteLength(expression) > MAX_EXPRESSION_BYTES) return tooLong(path, MAX_EXPRESSION_BYTES);
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

function validateRevocation(path: string, { files, onStale }: Revocation): readonly FieldError[] {
  const choice = validateChoice(`${path}.onStale`, onStale, STALE_POLICIES);
  if (files.length > MAX_FILES) return [tooMany(`${path}.files`, files.length, MAX_FILES), ...choice];
  const missing = files.flatMap(({ file }, index) =>
    file === '' ? [required(`${path}.files[${index}].file`)] : [],
  );
  return [...missing, ...choice];
}

function validateChoice(path: string, value: string, choices: readonly string[]): readonly FieldError[] {
  return choices.includes(value) ? [] : [unsupported(path, value, choices)];
}
