import { childrenOf, type Expr } from './syntax/expr.ts';

/**
 * The fields that an expression selects from plain names, e.g. `claims.email`: by `.`, by `.?` or in `has()`, whatever the
 * name is bound to. An index is no selection. This is what Kubernetes looks for where it wants `claims.email_verified`.
 */
export function selectsOf(expr: Expr): ReadonlySet<string> {
  const selects = new Set<string>();
  const seen = new Set<Expr>();
  const visit = (node: Expr): void => {
    if (seen.has(node)) return;
    seen.add(node);
    const path = selectedPath(node);
    if (path !== undefined) selects.add(path);
    for (const child of childrenOf(node)) visit(child);
  };
  visit(expr);
  return selects;
}

function selectedPath(node: Expr): string | undefined {
  if (node.kind === 'select') return joinPath(node.operand, node.field);
  if (node.kind !== 'call' || node.name !== '_?._') return undefined;
  const [operand, field] = node.args;
  if (operand === undefined || field?.kind !== 'literal' || typeof field.value !== 'string') return undefined;
  return joinPath(operand, field.value);
}

function joinPath(operand: Expr, field: string): string | undefined {
  // A leading dot is gone once the name has been resolved.
  return operand.kind === 'ident' ? `${operand.name.replace(/^\./, '')}.${field}` : undefined;
}
