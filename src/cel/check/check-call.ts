import { Substitution, areAssignable, isAssignable, substitute, unwrapOptional } from './assignability.ts';
import { fieldType, qualifiedName, withoutDot } from './check-name.ts';
import type { CheckerState } from './checker-state.ts';
import type { Overload } from '../overload.ts';
import type { Call, Expr } from '../syntax/expr.ts';
import {
  BOOL,
  DYN,
  ERROR,
  type Type,
  describeCall,
  isDyn,
  isExactType,
  optionalType,
  paramType,
} from '../type.ts';

/** A function as a call names it. */
interface Callee {
  readonly name: string;
  readonly hasTarget: boolean;
}

/** The type of a call, by the overloads that take its arguments. `a.b.f()` is first looked for as the function `a.b.f`. */
export function checkCall(state: CheckerState, expr: Call): Type {
  if (expr.name === '_?._') return checkOptionalSelect(state, expr);
  for (const arg of expr.args) state.check(arg);
  const { target } = expr;
  if (target === undefined) {
    const callee = { name: withoutDot(expr.name), hasTarget: false };
    return resolve(state, expr, callee) ?? state.undeclared(expr, expr.name);
  }
  const path = qualifiedName(target);
  if (path !== undefined) {
    const callee = { name: `${withoutDot(path)}.${expr.name}`, hasTarget: false };
    const type = resolve(state, expr, callee);
    if (type !== undefined) return type;
  }
  state.check(target);
  return resolve(state, expr, { name: expr.name, hasTarget: true }) ?? state.undeclared(expr, expr.name);
}

function checkOptionalSelect(state: CheckerState, expr: Call): Type {
  const [operand, key] = expr.args as [Expr, Expr];
  const field = key.kind === 'literal' && typeof key.value === 'string' ? key.value : '';
  state.check(key);
  state.calls.set(expr, { name: expr.name, overloads: [], hasTarget: false });
  const type = fieldType(state, expr, { operand, field });
  const { isOptional } = unwrapOptional(state.resolved(operand));
  return state.settle(isOptional ? type : optionalType(type));
}

/** The type of a call of a declared function; undefined where there is no such function. */
function resolve(state: CheckerState, expr: Call, callee: Callee): Type | undefined {
  const overloads = state.declarations.functions.get(callee.name);
  if (overloads === undefined) return undefined;
  if (callee.name === '_&&_' || callee.name === '_||_') return checkLogic(state, expr, overloads);
  const { args, target } = expr;
  const values = callee.hasTarget && target !== undefined ? [target, ...args] : args;
  const types = values.map((value) => state.check(value));
  const fitting: Overload[] = [];
  let result: Type | undefined;
  for (const overload of overloads) {
    if (overload.isMember !== callee.hasTarget) continue;
    const type = apply(state, overload, types);
    if (type === undefined) continue;
    fitting.push(overload);
    if (result === undefined) result = type;
    else if (!isDyn(result) && !isExactType(type, result)) result = DYN;
  }
  if (result === undefined) return noMatch(state, expr, { callee, types });
  state.calls.set(expr, { ...callee, overloads: fitting });
  return result;
}

function noMatch(
  state: CheckerState,
  expr: Call,
  { callee, types }: { readonly callee: Callee; readonly types: readonly Type[] },
): Type {
  const known = types.map((type) => substitute(state.substitution, type, 'dyn'));
  const applied = describeCall(known, callee.hasTarget);
  state.report(expr, `found no matching overload for '${callee.name}' applied to '${applied}'`);
  return ERROR;
}

/** `&&` and `||` say which of their sides is no bool. */
function checkLogic(state: CheckerState, expr: Call, overloads: readonly Overload[]): Type {
  let result = BOOL;
  for (const arg of expr.args) {
    const type = state.check(arg);
    if (isAssignable(state.substitution, type, BOOL)) continue;
    state.mismatch(arg, BOOL, type);
    result = ERROR;
  }
  state.calls.set(expr, { name: expr.name, overloads, hasTarget: false });
  return result;
}

/** The result of an overload where it takes these types, its own type parameters fresh for this call. */
function apply(state: CheckerState, overload: Overload, types: readonly Type[]): Type | undefined {
  const { parameters, result, typeParameters } = overload;
  if (parameters.length !== types.length) return undefined;
  if (typeParameters.length === 0) {
    return areAssignable(state.substitution, types, parameters) ? result : undefined;
  }
  const fresh = new Substitution();
  for (const name of typeParameters) fresh.bind(paramType(name), state.freshVariable());
  const instantiated = parameters.map((parameter) => substitute(fresh, parameter, 'keep'));
  if (!areAssignable(state.substitution, types, instantiated)) return undefined;
  return state.settle(substitute(fresh, result, 'keep'));
}
