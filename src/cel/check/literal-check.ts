import { isEquivalentType } from './assignability.ts';
import { calleeOf } from '../plan/call-plan.ts';
import type { CheckedExpr } from './checked.ts';
import type { Declarations } from './declarations.ts';
import { CelError } from '../error.ts';
import { type Report, checkFormat } from './format-check.ts';
import type { CompileIssue, Source } from '../syntax/source.ts';
import { type Call, type Expr, type ListExpr, type MapExpr, childrenOf } from '../syntax/expr.ts';
import { type Type, describeType } from '../type.ts';

/** The calls whose first argument, where it is a literal, is tried when the expression is loaded. */
const TRIED: readonly string[] = ['duration', 'timestamp', 'matches'];

/**
 * What Kubernetes' validators find in a checked expression: literals whose parts are not all of one type, durations,
 * timestamps and regular expressions that are written out and wrong, and format strings that their arguments do not fit.
 */
export function checkLiterals(
  checked: CheckedExpr,
  source: Source,
  declarations: Declarations,
): readonly CompileIssue[] {
  const nodes = withDescendants(checked.expr);
  const issues: CompileIssue[] = [];
  const report: Report = (node, message) => {
    issues.push({ ...source.location(node.offset), message });
  };
  const exempt = new Set<Expr>();
  for (const node of nodes) if (isFormatCall(node)) withDescendants(node, exempt);
  for (const node of nodes) if (node.kind === 'list' && !exempt.has(node)) checkList(node, checked, report);
  for (const node of nodes) if (node.kind === 'map' && !exempt.has(node)) checkMap(node, checked, report);
  for (const name of TRIED) {
    for (const node of nodes) {
      const argument =
        node.kind === 'call' ? wrongArgument(name, node, { checked, declarations }) : undefined;
      if (argument !== undefined) report(argument, `invalid ${name} argument`);
    }
  }
  for (const node of nodes) if (node.kind === 'call') checkFormat(node, checked, report);
  return issues;
}

/** The arguments of `format` may be of several types. */
function isFormatCall(node: Expr): boolean {
  return node.kind === 'call' && node.name === 'format';
}

/** The literal that the named function refuses, or that is no regular expression. */
function wrongArgument(
  name: string,
  call: Call,
  { checked, declarations }: { checked: CheckedExpr; declarations: Declarations },
): Expr | undefined {
  const [argument] = call.args;
  const reference = checked.calls.get(call);
  if (reference?.name !== name || argument?.kind !== 'literal') return undefined;
  const declared = declarations.functions.get(name) ?? [];
  if (name === 'matches' && typeof argument.value === 'string') {
    const problem = declared[0]?.pattern?.problem(argument.value);
    return problem === undefined ? undefined : argument;
  }
  const result = calleeOf(reference, declared).evaluate([argument.value]);
  return result instanceof CelError ? argument : undefined;
}

function mismatch(expected: Type, found: Type): string {
  return `expected type '${describeType(expected)}' but found '${describeType(found)}'`;
}

function checkList({ elements, optionals }: ListExpr, { types }: CheckedExpr, report: Report): void {
  let first: Type | undefined;
  for (const [index, element] of elements.entries()) {
    const type = ownType(types.get(element) as Type, optionals.has(index));
    first ??= type;
    if (isEquivalentType(first, type)) continue;
    report(element, mismatch(first, type));
    return;
  }
}

function checkMap({ entries }: MapExpr, { types }: CheckedExpr, report: Report): void {
  let first: { readonly key: Type; readonly value: Type } | undefined;
  for (const { key, value, isOptional } of entries) {
    const own = { key: types.get(key) as Type, value: ownType(types.get(value) as Type, isOptional) };
    first ??= own;
    if (!isEquivalentType(first.key, own.key)) report(key, mismatch(first.key, own.key));
    if (!isEquivalentType(first.value, own.value)) report(value, mismatch(first.value, own.value));
  }
}

/** The type of what an element adds; `?x` adds what its optional holds. */
function ownType(type: Type, isOptional: boolean): Type {
  return isOptional ? (type.parameters[0] ?? type) : type;
}

/** The node and all below it, each once and parents first, besides those that were found before. */
function withDescendants(expr: Expr, found: Set<Expr> = new Set()): ReadonlySet<Expr> {
  if (found.has(expr)) return found;
  found.add(expr);
  for (const child of childrenOf(expr)) withDescendants(child, found);
  return found;
}
