import type { ClaimValidationRule } from '../config/types.ts';
import { duplicate, type FieldError, invalid, required } from './field-error.ts';
import type { CompileField, RuleKind } from './jwt-checks.ts';
import type { Selected, Validated } from './validate-claim-mappings.ts';

const CLAIM_RULE: RuleKind = { environment: 'claims', expects: 'bool' };

/** A `jwt` entry's claim rules, as kube-apiserver validates them. */
export function validateClaimRules(
  path: string,
  rules: readonly ClaimValidationRule[],
  compile: CompileField,
): Validated {
  const errors: FieldError[] = [];
  const selected: Selected[] = [];
  const seen = { claims: new Set<string>(), expressions: new Set<string>() };
  for (const [index, rule] of rules.entries()) {
    const itemPath = `${path}[${index}]`;
    if (rule.claim !== '' && rule.expression !== '') {
      errors.push(invalid(itemPath, rule.claim, "claim and expression can't both be set"));
    } else if (rule.claim !== '') {
      errors.push(...validateRequiredClaim(itemPath, rule, seen.claims));
    } else if (rule.expression === '') {
      errors.push(required(itemPath, 'claim or expression is required'));
    } else {
      errors.push(...validateRequiredValue(itemPath, rule));
      const compiled = compileOnce(`${itemPath}.expression`, rule.expression, {
        seen: seen.expressions,
        compile,
      });
      errors.push(...compiled.errors);
      selected.push(...compiled.selected);
    }
  }
  return { errors, selected };
}

function validateRequiredClaim(
  path: string,
  { claim, message }: ClaimValidationRule,
  seen: Set<string>,
): FieldError[] {
  const errors: FieldError[] = [];
  if (message !== '')
    errors.push(invalid(`${path}.message`, message, 'may not be specified when claim is set'));
  if (seen.has(claim)) errors.push(duplicate(`${path}.claim`, claim));
  seen.add(claim);
  return errors;
}

function validateRequiredValue(path: string, { requiredValue }: ClaimValidationRule): FieldError[] {
  if (requiredValue === '') return [];
  return [invalid(`${path}.requiredValue`, requiredValue, 'may not be specified when expression is set')];
}

function compileOnce(
  path: string,
  expression: string,
  { seen, compile }: { readonly seen: Set<string>; readonly compile: CompileField },
): Validated {
  if (seen.has(expression)) return { errors: [duplicate(path, expression)], selected: [] };
  seen.add(expression);
  const result = compile(path, expression, CLAIM_RULE);
  return result.ok ? { errors: [], selected: [result.selects] } : { errors: [result.error], selected: [] };
}
