import type { Config, JwtAuthenticator, ValidationRule } from '../config/types.ts';
import { duplicate, type FieldError, required, tooMany } from './field-error.ts';
import type { CompileField, JwtChecks, RuleKind } from './jwt-checks.ts';
import { validateAnonymous } from './validate-anonymous.ts';
import { validateClaimMappings } from './validate-claim-mappings.ts';
import { validateClaimRules } from './validate-claim-rules.ts';
import { validateIssuer } from './validate-issuer.ts';

const MAX_ENTRIES = 64;

const USER_RULE: RuleKind = { environment: 'user', expects: 'bool' };

/**
 * Validates what is kube-apiserver's own, `jwt` and `anonymous`, as Kubernetes 1.36 does: the same errors in the same
 * order and words (kubernetes/apiserver pkg/apis/apiserver/validation).
 */
export function validateKubernetesFields(
  { jwt, anonymous }: Pick<Config, 'jwt' | 'anonymous'>,
  checks: JwtChecks,
): readonly FieldError[] {
  if (jwt.length > MAX_ENTRIES) return [tooMany('jwt', jwt.length, MAX_ENTRIES)];
  const errors: FieldError[] = [];
  const seen = { urls: new Set<string>(), discoveryUrls: new Set<string>() };
  for (const [index, entry] of jwt.entries()) {
    const path = `jwt[${index}]`;
    errors.push(...validateJwtAuthenticator(path, entry, checks));
    errors.push(...findDuplicates(`${path}.issuer`, entry, seen));
  }
  return anonymous === undefined ? errors : [...errors, ...validateAnonymous('anonymous', anonymous)];
}

function validateJwtAuthenticator(
  path: string,
  entry: JwtAuthenticator,
  checks: JwtChecks,
): readonly FieldError[] {
  const compile = checks.compile;
  const issuer = validateIssuer(`${path}.issuer`, entry.issuer, checks);
  const rules = validateClaimRules(`${path}.claimValidationRules`, entry.claimValidationRules, compile);
  const mappings = validateClaimMappings(`${path}.claimMappings`, entry.claimMappings, {
    compile,
    rules: rules.selected,
  });
  const users = validateUserRules(`${path}.userValidationRules`, entry.userValidationRules, compile);
  return [...issuer, ...rules.errors, ...mappings, ...users];
}

function findDuplicates(
  path: string,
  { issuer }: JwtAuthenticator,
  seen: { readonly urls: Set<string>; readonly discoveryUrls: Set<string> },
): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (seen.urls.has(issuer.url)) errors.push(duplicate(`${path}.url`, issuer.url));
  seen.urls.add(issuer.url);
  if (issuer.discoveryURL === '') return errors;
  if (seen.discoveryUrls.has(issuer.discoveryURL)) {
    errors.push(duplicate(`${path}.discoveryURL`, issuer.discoveryURL));
  }
  seen.discoveryUrls.add(issuer.discoveryURL);
  return errors;
}

function validateUserRules(
  path: string,
  rules: readonly ValidationRule[],
  compile: CompileField,
): readonly FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [index, { expression }] of rules.entries()) {
    const itemPath = `${path}[${index}].expression`;
    if (expression === '') {
      errors.push(required(itemPath));
    } else if (seen.has(expression)) {
      errors.push(duplicate(itemPath, expression));
    } else {
      seen.add(expression);
      const result = compile(itemPath, expression, USER_RULE);
      if (!result.ok) errors.push(result.error);
    }
  }
  return errors;
}
