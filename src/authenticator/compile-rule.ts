import { compileExpression, type Program } from '../cel/compile.ts';
import { type Environment, environments } from '../cel/environment.ts';
import type { FieldError } from './field-error.ts';
import { toExpressionError } from './jwt-checks.ts';
import type { RuleKind } from './reason.ts';
import type { PlacedRule } from './x509-checks.ts';

/** The program of an expression, or the error of its field. */
export type CompiledExpression =
  | { readonly ok: true; readonly program: Program }
  | { readonly ok: false; readonly error: FieldError };

/** Each kind of rule sees its own variable alone. */
const RULE_ENVIRONMENTS: Readonly<Record<RuleKind, Environment>> = {
  request: environments.request,
  certificate: environments.cert,
  user: environments.user,
};

/** Compiles a rule, which must be bool. */
export function compileRule({ kind, path, rule: { expression } }: PlacedRule): CompiledExpression {
  const result = compileExpression(expression, RULE_ENVIRONMENTS[kind], 'bool');
  if (result.ok) return result;
  return { ok: false, error: toExpressionError(`${path}.expression`, expression, result) };
}
