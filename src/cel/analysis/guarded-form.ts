import type { Environment } from '../environment.ts';
import { type Call, childrenOf, type Expr } from '../syntax/expr.ts';
import type { Type } from '../type.ts';
import { type ExaminedExpression, examine } from './examined-expression.ts';
import { type FailureSite, findFailureSites } from './failure-sites.ts';

/** Guards are added one at a time; an expression that needs more of them wants to be written anew. */
const MAX_GUARDS = 8;

/** What stands for a value that is not there. */
const DEFAULTS: Readonly<Record<string, string>> = {
  string: '""',
  list: '[]',
  map: '{}',
  int: '0',
  uint: '0u',
  double: '0.0',
  bool: 'false',
};

/** Tests after which a conversion has a value, with `$` for the text. */
const TESTS: Readonly<Record<string, string>> = {
  int: '$.matches("^[0-9]{1,18}$")',
  uint: '$.matches("^[0-9]{1,18}$")',
  double: '$.matches("^[0-9]{1,15}$")',
  duration: '$.matches("^[0-9]{1,6}s$")',
  ip: 'isIP($)',
  isCanonical: 'isIP($)',
  containsIP: 'isIP($)',
  cidr: 'isCIDR($)',
  containsCIDR: 'isCIDR($)',
  url: 'isURL($)',
  quantity: 'isQuantity($)',
  semver: 'isSemver($)',
  asInteger: '$.isInteger()',
};

/**
 * An expression that cannot fail and lets nobody pass whom this one denies: where this one would fail, a part of it is false or
 * sees an empty value. undefined where none is found. What is given has been compiled, and its parts looked at again.
 */
export function guardedForm(examined: ExaminedExpression, environment: Environment): string | undefined {
  let current = examined;
  for (let guards = 0; guards < MAX_GUARDS; guards += 1) {
    const sites = findFailureSites(current);
    const [first] = sites;
    if (first === undefined) return guards === 0 ? undefined : current.text;
    const better = candidatesFor(current, first)
      .map((text) => examine(text, environment))
      .find((next) => next?.typeOf(next.root).kind === 'bool' && isBetter(next, current, sites));
    if (better === undefined) return undefined;
    current = better;
  }
  return undefined;
}

function isBetter(
  next: ExaminedExpression,
  current: ExaminedExpression,
  sites: readonly FailureSite[],
): boolean {
  const keysOf = (of: ExaminedExpression, list: readonly FailureSite[]): readonly string[] =>
    list.map(({ expr }) => of.keyOf(expr));
  const before = new Set(keysOf(current, sites));
  const after = keysOf(next, findFailureSites(next));
  return after.length < sites.length || !after.every((key) => before.has(key));
}

/** Texts to try, the one that reads best first. */
function candidatesFor(examined: ExaminedExpression, site: FailureSite): readonly string[] {
  const ancestors = ancestorsOf(examined.root, site.expr);
  const chained = chainedForm(examined, site, ancestors);
  const valued = valuedForm(examined, site);
  const guard = guardOf(examined, site);
  const guarded = guard === undefined ? [] : guardedForms(examined, guard, [...ancestors, site.expr]);
  return [chained, valued, ...guarded].filter((text) => text !== undefined);
}

/** The parts that a part is within, the outermost first. */
function ancestorsOf(root: Expr, target: Expr): readonly Expr[] {
  const find = (expr: Expr): readonly Expr[] | undefined => {
    if (expr === target) return [];
    for (const child of childrenOf(expr)) {
      const path = find(child);
      if (path !== undefined) return [expr, ...path];
    }
    return undefined;
  };
  return find(root) ?? [];
}

function replace(text: string, { start, end }: { start: number; end: number }, by: string): string {
  return text.slice(0, start) + by + text.slice(end);
}

/** `m[k][0]` as `m[?k][0].orValue("")`: the selections after an optional one are optional, too. */
function chainedForm(
  examined: ExaminedExpression,
  { expr }: FailureSite,
  ancestors: readonly Expr[],
): string | undefined {
  if (expr.kind !== 'select' && !(expr.kind === 'call' && expr.name === '_[_]')) return undefined;
  let chain: Expr = expr;
  for (const parent of ancestors.toReversed()) {
    if (!isLink(parent, chain)) break;
    chain = parent;
  }
  const value = defaultOf(examined.typeOf(chain));
  const { start, end } = examined.spans.spanOf(chain);
  const { text } = examined;
  const optional = `${text.slice(start, expr.offset + 1)}?${text.slice(expr.offset + 1, end)}`;
  return value === undefined ? undefined : replace(text, { start, end }, `${optional}.orValue(${value})`);
}

/** Whether a part goes on from another by an index or a selection. */
function isLink(parent: Expr, operand: Expr): boolean {
  if (parent.kind === 'select') return parent.operand === operand && !parent.isTest;
  return parent.kind === 'call' && parent.name === '_[_]' && parent.args[0] === operand;
}

/** `o.value()` as `o.orValue("")` */
function valuedForm(examined: ExaminedExpression, { expr, kind }: FailureSite): string | undefined {
  if (kind !== 'no-value' || expr.kind !== 'call' || expr.target === undefined) return undefined;
  const value = defaultOf(examined.typeOf(expr));
  if (value === undefined) return undefined;
  const span = examined.spans.spanOf(expr);
  return replace(examined.text, span, `${examined.spans.textOf(expr.target)}.orValue(${value})`);
}

function defaultOf({ kind }: Type): string | undefined {
  return DEFAULTS[kind];
}

/** A condition under which a function has a value. */
function guardOf(examined: ExaminedExpression, { expr, kind }: FailureSite): string | undefined {
  if (expr.kind !== 'call') return undefined;
  const args = examined.argumentsOf(expr);
  const [first, last] = [args[0], args.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const text = (part: Expr): string => examined.spans.textOf(part);
  switch (kind) {
    case 'conversion':
      return TESTS[expr.name]?.replace('$', () => text(last));
    case 'division-by-zero':
      return `${text(last)} != ${examined.typeOf(last).kind === 'uint' ? '0u' : '0'}`;
    case 'empty-list':
      return `size(${text(first)}) > 0`;
    case 'out-of-range':
      return rangeGuard(examined, expr, first);
    case 'missing-key':
    case 'overflow':
    case 'no-value':
    case 'invalid-argument':
    case 'unknown-type':
      return undefined;
  }
}

function rangeGuard(examined: ExaminedExpression, expr: Call, sequence: Expr): string | undefined {
  const position = examined.constantOf(expr.args.at(-1) as Expr);
  if (typeof position !== 'bigint') return undefined;
  const least = expr.name === '_[_]' || expr.name === 'charAt' ? position + 1n : position;
  return `size(${examined.spans.textOf(sequence)}) >= ${least}`;
}

/** The guard before each condition that the part is within, the innermost first: where it does not hold that one is false. */
function guardedForms(
  examined: ExaminedExpression,
  guard: string,
  parts: readonly Expr[],
): readonly string[] {
  return grantingParts(examined, parts).map((part) => {
    const span = examined.spans.spanOf(part);
    const text = examined.text.slice(span.start, span.end);
    const isLoose = part.kind === 'call' && (part.name === '_||_' || part.name === '_?_:_');
    const joined = `${guard} && ${isLoose ? `(${text})` : text}`;
    return replace(examined.text, span, part === examined.root ? joined : `(${joined})`);
  });
}

/**
 * The conditions among nested parts, the innermost first, that can only make the whole true by being true themselves: to make one
 * of these false lets nobody pass, where one within `!(…)` would.
 */
function grantingParts(examined: ExaminedExpression, parts: readonly Expr[]): readonly Expr[] {
  const granting: Expr[] = [];
  for (const [index, part] of parts.entries()) {
    if (examined.typeOf(part).kind === 'bool') granting.unshift(part);
    const inner = parts[index + 1];
    if (inner !== undefined && !isGranting(part, inner)) break;
  }
  return granting;
}

function isGranting(part: Expr, inner: Expr): boolean {
  if (part.kind === 'comprehension') return part.step === inner;
  if (part.kind !== 'call') return false;
  return part.name === '_&&_' || part.name === '_||_' || (part.name === '_?_:_' && part.args[0] !== inner);
}
