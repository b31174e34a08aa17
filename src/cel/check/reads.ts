import type { CheckedExpr } from './checked.ts';
import { type Expr, childrenOf } from '../syntax/expr.ts';

/**
 * What an expression reads of its variables: `request.remoteaddr` where a field is selected, `user` where the variable is
 * used as a whole. Sorted, each once; what is never evaluated counts too.
 */
export function readsOf(checked: CheckedExpr): readonly string[] {
  const reads = new Set<string>();
  const seen = new Set<Expr>();
  const visit = (expr: Expr): void => {
    if (seen.has(expr)) return;
    seen.add(expr);
    const path = pathOf(expr, checked);
    if (path !== undefined) reads.add(path);
    else for (const child of childrenOf(expr)) visit(child);
  };
  visit(checked.expr);
  return [...reads].sort();
}

/** The variable, or the variable's field, that the node reads. */
function pathOf(expr: Expr, checked: CheckedExpr): string | undefined {
  const variable = variableOf(expr, checked);
  if (variable !== undefined) return variable;
  if (expr.kind === 'select') return joinPath(variableOf(expr.operand, checked), expr.field);
  if (expr.kind !== 'call' || (expr.name !== '_?._' && expr.name !== '_[_]' && expr.name !== '_[?_]')) {
    return undefined;
  }
  const [operand, key] = expr.args as [Expr, Expr];
  const field = key.kind === 'literal' && typeof key.value === 'string' ? key.value : undefined;
  return field === undefined ? undefined : joinPath(variableOf(operand, checked), field);
}

function joinPath(variable: string | undefined, field: string): string | undefined {
  return variable === undefined ? undefined : `${variable}.${field}`;
}

function variableOf(expr: Expr, { names }: CheckedExpr): string | undefined {
  if (expr.kind !== 'ident' && expr.kind !== 'select') return undefined;
  const reference = names.get(expr);
  return reference?.kind === 'variable' ? reference.name : undefined;
}
