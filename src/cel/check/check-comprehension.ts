import { isAssignable } from './assignability.ts';
import type { CheckerState } from './checker-state.ts';
import { Scope } from './scope.ts';
import type { Comprehension, Expr } from '../syntax/expr.ts';
import { BOOL, DYN, ERROR, INT, type Type, describeType } from '../type.ts';

/** The type of a comprehension: of its result, where its accumulator is known and its variables no longer are. */
export function checkComprehension(state: CheckerState, expr: Comprehension): Type {
  const range = state.resolved(expr.range);
  const accumulator = state.check(expr.initial);
  const outer = state.scope;
  const around = new Scope(outer);
  around.declare(expr.accumulator, accumulator);
  const loop = new Scope(around);
  declareVariables(state, expr, { range, loop });
  state.scope = loop;
  assertType(state, expr.condition, BOOL);
  assertType(state, expr.step, accumulator);
  state.scope = around;
  const result = state.resolved(expr.result);
  state.scope = outer;
  return result;
}

function declareVariables(
  state: CheckerState,
  expr: Comprehension,
  { range, loop }: { readonly range: Type; readonly loop: Scope },
): void {
  const { element, key, value } = iterationTypes(state, expr, range);
  const second = expr.secondVariable;
  loop.declare(expr.variable, second === undefined ? element : key);
  if (second !== undefined) loop.declare(second, value);
}

/** What one variable stands for, and what the two of the other form do. */
interface IterationTypes {
  readonly element: Type;
  readonly key: Type;
  readonly value: Type;
}

function iterationTypes(state: CheckerState, expr: Comprehension, range: Type): IterationTypes {
  const [first, second] = range.parameters as [Type, Type];
  if (range.kind === 'list') return { element: first, key: INT, value: first };
  if (range.kind === 'map') return { element: first, key: first, value: second };
  if (range.kind === 'dyn' || range.kind === 'error' || range.kind === 'param') {
    isAssignable(state.substitution, DYN, range);
    return { element: DYN, key: DYN, value: DYN };
  }
  const described = describeType(range);
  state.report(
    expr.range,
    `expression of type '${described}' cannot be range of a comprehension (must be list, map, or dynamic)`,
  );
  return { element: ERROR, key: ERROR, value: ERROR };
}

function assertType(state: CheckerState, expr: Expr, expected: Type): void {
  const type = state.check(expr);
  if (!isAssignable(state.substitution, expected, type)) state.mismatch(expr, expected, type);
}
