import type {
  ClaimMappings,
  ClaimOrExpression,
  ExtraMapping,
  PrefixedClaimOrExpression,
} from '../config/types.ts';
import { duplicate, type FieldError, invalid, required } from './field-error.ts';
import type { CompileField, RuleKind } from './jwt-checks.ts';
import { validateExtraKey } from './validate-extra-key.ts';

const BOTH_SET = "claim and expression can't both be set";

/** What a compiled expression selects from claims. */
export type Selected = ReadonlySet<string>;

/** What validating a part found: its errors, and what its expressions select from claims. */
export interface Validated {
  readonly errors: readonly FieldError[];
  readonly selected: readonly Selected[];
}

const MAPPING: RuleKind = { environment: 'claims', expects: 'any' };

const EMAIL = 'claims.email';
const EMAIL_VERIFIED = 'claims.email_verified';

/** A `jwt` entry's claim mappings, as kube-apiserver validates them; `rules` is what its claim rules select. */
export function validateClaimMappings(
  path: string,
  mappings: ClaimMappings,
  { compile, rules }: { readonly compile: CompileField; readonly rules: readonly Selected[] },
): readonly FieldError[] {
  const username = validateUsername(`${path}.username`, mappings.username, compile);
  const groups = validatePrefixed(`${path}.groups`, mappings.groups, compile);
  const uid = validateUid(`${path}.uid`, mappings.uid, compile);
  const extra = validateExtra(`${path}.extra`, mappings.extra, compile);
  const errors = [...username.errors, ...groups.errors, ...uid.errors, ...extra.errors];
  const selects = (parts: readonly Selected[], field: string): boolean =>
    parts.some((part) => part.has(field));
  const isVerified = selects([...rules, ...username.selected, ...extra.selected], EMAIL_VERIFIED);
  if (!selects(username.selected, EMAIL) || isVerified) return errors;
  return [...errors, emailError(`${path}.username.expression`, mappings.username.expression)];
}

function emailError(path: string, expression: string): FieldError {
  const detail =
    'claims.email_verified must be used in claimMappings.username.expression or claimMappings.extra[*].valueExpression or ' +
    'claimValidationRules[*].expression when claims.email is used in claimMappings.username.expression';
  return invalid(path, expression, detail);
}

function validateUsername(
  path: string,
  mapping: PrefixedClaimOrExpression,
  compile: CompileField,
): Validated {
  if (mapping.claim === '' && mapping.expression === '') {
    return { errors: [required(path, 'claim or expression is required')], selected: [] };
  }
  const { errors, selected } = validatePrefixed(path, mapping, compile);
  // An expression with an error beside it is compiled, but what it selects does not count.
  return { errors, selected: errors.length > 0 ? [] : selected };
}

function validatePrefixed(
  path: string,
  mapping: PrefixedClaimOrExpression,
  compile: CompileField,
): Validated {
  const { claim, expression, prefix } = mapping;
  if (claim !== '' && expression !== '') return { errors: [invalid(path, '', BOTH_SET)], selected: [] };
  if (expression !== '') {
    const prefixErrors =
      prefix === undefined
        ? []
        : [invalid(`${path}.prefix`, prefix, 'may not be specified when expression is set')];
    const compiled = compileMapping(`${path}.expression`, expression, compile);
    return { errors: [...prefixErrors, ...compiled.errors], selected: compiled.selected };
  }
  if (claim === '' || prefix !== undefined) return { errors: [], selected: [] };
  const detail =
    'prefix is required when claim is set. It can be set to an empty string to disable prefixing';
  return { errors: [required(`${path}.prefix`, detail)], selected: [] };
}

function validateUid(
  path: string,
  { claim, expression }: ClaimOrExpression,
  compile: CompileField,
): Validated {
  if (claim !== '' && expression !== '') return { errors: [invalid(path, '', BOTH_SET)], selected: [] };
  return expression === ''
    ? { errors: [], selected: [] }
    : compileMapping(`${path}.expression`, expression, compile);
}

function validateExtra(path: string, mappings: readonly ExtraMapping[], compile: CompileField): Validated {
  const errors: FieldError[] = [];
  const selected: Selected[] = [];
  const seen = new Set<string>();
  for (const [index, { key, valueExpression }] of mappings.entries()) {
    const itemPath = `${path}[${index}]`;
    errors.push(...validateExtraKey(`${itemPath}.key`, key));
    if (seen.has(key)) {
      errors.push(duplicate(`${itemPath}.key`, key));
      continue;
    }
    seen.add(key);
    if (valueExpression === '') {
      errors.push(required(`${itemPath}.valueExpression`));
    } else {
      const compiled = compileMapping(`${itemPath}.valueExpression`, valueExpression, compile);
      errors.push(...compiled.errors);
      selected.push(...compiled.selected);
    }
  }
  return { errors, selected };
}

function compileMapping(path: string, expression: string, compile: CompileField): Validated {
  const result = compile(path, expression, MAPPING);
  return result.ok ? { errors: [], selected: [result.selects] } : { errors: [result.error], selected: [] };
}
