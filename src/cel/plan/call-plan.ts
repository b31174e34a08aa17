import type { CallReference } from '../check/checked.ts';
import { CelError, EvaluationPanic, noSuchOverload } from '../error.ts';
import type { Frame, Step } from '../frame.ts';
import { undeclaredNegations } from '../library/arithmetic.ts';
import type { CostRule, Overload } from '../overload.ts';
import { type Plan, PlanError, constantPlan } from './plan-part.ts';
import { type TypeGuard, guardOf } from './runtime-type.ts';
import { type CelResult, type CelValue, Duration, Timestamp, Uint, typeNameOf } from '../value.ts';

/** Functions that convert between types: a call of one with a constant is evaluated when the program is made. */
const CONVERSIONS: ReadonlySet<string> = new Set([
  'bool',
  'bytes',
  'double',
  'dyn',
  'duration',
  'int',
  'string',
  'timestamp',
  'type',
  'uint',
]);

/** Functions that read no more of their arguments than a part, however large those are, or cost what they read. */
const UNMETERED: ReadonlySet<string> = new Set([
  '@in',
  'size',
  'dyn',
  'type',
  'first',
  'last',
  'hasValue',
  'value',
  'optional.of',
]);

/** A function as it is called at one place. */
export interface Callee {
  readonly name: string;
  /** The frame is there but when a constant is folded. */
  readonly evaluate: (args: CelValue[], frame?: Frame) => CelResult;
  readonly cost: CostRule | undefined;
  /**
   * `eager` evaluates all arguments before it looks for errors among them; `stepwise` stops at the first error, and charges
   * nothing for the call unless that was the last argument's. cel-go's calls are of either kind.
   */
  readonly order: 'eager' | 'stepwise';
}

/** Plans a call of a function whose arguments are all values. */
export function planCall(callee: Callee, args: readonly Plan[]): Plan {
  const [only] = args;
  if (args.length === 1 && only?.constant !== undefined && CONVERSIONS.has(callee.name)) {
    const value = only.constant instanceof CelError ? only.constant : callee.evaluate([only.constant]);
    if (value instanceof CelError) throw new PlanError(value.message);
    return constantPlan(value);
  }
  const evaluated =
    callee.order === 'stepwise' || args.length > 2 ? stepwise(callee, args) : eager(callee, args);
  return { step: args.length > 0 && args.every(isKnown) ? onceEvaluated(evaluated) : evaluated };
}

function isKnown({ constant }: Plan): boolean {
  return constant !== undefined && !(constant instanceof CelError);
}

/** Lists and texts of more parts are made anew each time, so that programs do not hold them. */
const MAX_KEPT = 1000;

/** A call with constants, such as `cidr("10.0.0.0/8")`: it gives the same each time, and costs as much each time. */
function onceEvaluated(step: Step): Step {
  let kept: { readonly value: CelResult; readonly cost: number } | undefined;
  return (frame) => {
    if (kept !== undefined) {
      frame.charge(kept.cost);
      return kept.value;
    }
    const before = frame.cost;
    const value = step(frame);
    const isLarge = (typeof value === 'string' || Array.isArray(value)) && value.length > MAX_KEPT;
    if (!isLarge) kept = { value, cost: frame.cost - before };
    return value;
  };
}

/** The function that a call refers to; which overload is decided at run time where the static types leave it open. */
export function calleeOf(reference: CallReference, declared: readonly Overload[]): Callee {
  const [only, another] = reference.overloads;
  if (only !== undefined && another === undefined) {
    const guards = only.guards === 'none' ? [] : only.parameters.map(guardOf);
    const evaluate = (args: CelValue[]): CelResult =>
      accepts(guards, args) ? only.evaluate(...args) : noMatch(reference.name, args);
    return { name: reference.name, evaluate, cost: panicking(only), order: 'eager' };
  }
  return dispatch(reference.name, declared);
}

/** The argument for which cel-go's cost rule of a function takes nothing but a value, and panics over an error. */
const VALUES_ONLY: ReadonlyMap<string, number> = new Map([
  ['sort', 0],
  ['distinct', 0],
  ['@sortByAssociatedKeys', 1],
  ['flatten', 1],
]);

function panicking({ name, cost }: Overload): CostRule | undefined {
  const index = VALUES_ONLY.get(name);
  if (index === undefined || cost === undefined) return cost;
  return (args, result) => {
    if (args[index] instanceof CelError) {
      throw new EvaluationPanic('interface conversion: *types.Err is not traits.Lister: missing method Add');
    }
    return cost(args, result);
  };
}

/** Functions whose cost depends on the overload alone, and is 1 where that is not known. */
const COST_BY_OVERLOAD: ReadonlySet<string> = new Set([
  '_+_',
  '_<_',
  '_<=_',
  '_>_',
  '_>=_',
  '@in',
  'string',
  'bytes',
  'sort',
  '@sortByAssociatedKeys',
]);

/** What cel-go's operators do beyond their declarations, where the types are not known before. */
const UNDECLARED: ReadonlyMap<string, readonly Overload[]> = new Map([['-_', undeclaredNegations]]);

/** Operators of the standard library dispatch within one implementation, so that all arguments are evaluated. */
function dispatch(name: string, declared: readonly Overload[]): Callee {
  const all = [...declared, ...(UNDECLARED.get(name) ?? [])];
  const candidates = all.map((overload) => ({ overload, guards: overload.parameters.map(guardOf) }));
  const evaluate = (args: CelValue[]): CelResult => {
    for (const { overload, guards } of candidates) {
      if (guards.length === args.length && accepts(guards, args)) return overload.evaluate(...args);
    }
    return noMatch(name, args);
  };
  const cost = COST_BY_OVERLOAD.has(name) ? undefined : declared.at(-1)?.cost;
  return { name, evaluate, cost, order: /^[_@!-]/.test(name) ? 'eager' : 'stepwise' };
}

function accepts(guards: readonly TypeGuard[], args: readonly CelValue[]): boolean {
  for (let index = 0; index < guards.length; index++) {
    if (!(guards[index] as TypeGuard)(args[index] as CelValue)) return false;
  }
  return true;
}

/** Functions that look at their arguments themselves; what they cannot take has no name in the error. */
const UNNAMED: ReadonlySet<string> = new Set(['!_', '@in', 'startsWith', 'endsWith', 'contains', 'matches']);

const SORTS: ReadonlySet<string> = new Set(['sort', '@sortByAssociatedKeys']);

/** The error of cel-go: operators are named where their left side has no such operator at all. */
function noMatch(name: string, args: readonly CelValue[]): CelError {
  if (UNNAMED.has(name)) return noSuchOverload();
  if (name === 'size') return noSuchOverload(name);
  if (SORTS.has(name)) return new CelError('list elements must be comparable');
  const [left] = args;
  if (!/^[_-]/.test(name)) return noSuchOverload(`${name}(${args.map(typeNameOf).join(', ')})`);
  return left !== undefined && isOperand(name, left) ? noSuchOverload() : noSuchOverload(name);
}

/** Texts and times answer for themselves; other values where some operator of theirs has this name. */
function isOperand(name: string, value: CelValue): boolean {
  if (typeof value === 'string' || value instanceof Timestamp || value instanceof Duration) return true;
  if (typeof value === 'boolean') return /[<>]/.test(name);
  if (Array.isArray(value)) return name === '_+_';
  if (value instanceof Uint8Array) return /[<>+]/.test(name);
  if (typeof value === 'number') return name !== '_%_';
  return typeof value === 'bigint' || (value instanceof Uint && name !== '-_');
}

/** None, one or two arguments, all evaluated. */
function eager(callee: Callee, args: readonly Plan[]): Step {
  const [first, second] = args.map((arg) => arg.step);
  const run = runOf(callee);
  const charge = chargeOf(callee);
  if (first === undefined) return (frame) => run(frame, []);
  if (second === undefined) {
    return (frame) => {
      const value = first(frame);
      return value instanceof CelError ? charge(frame, [value], value) : run(frame, [value]);
    };
  }
  return (frame) => {
    const left = first(frame);
    const right = second(frame);
    if (left instanceof CelError) return charge(frame, [left, right], left);
    if (right instanceof CelError) return charge(frame, [left, right], right);
    return run(frame, [left, right]);
  };
}

function stepwise(callee: Callee, args: readonly Plan[]): Step {
  const steps = args.map((arg) => arg.step);
  const run = runOf(callee);
  const charge = chargeOf(callee);
  return (frame) => {
    const values: CelValue[] = [];
    for (const step of steps) {
      const value = step(frame);
      if (value instanceof CelError) {
        const isLast = values.length === steps.length - 1;
        return isLast ? charge(frame, [...values, value], value) : value;
      }
      values.push(value);
    }
    return run(frame, values);
  };
}

type Charge = (frame: Frame, args: readonly CelResult[], result: CelResult) => CelResult;

function chargeOf({ cost }: Callee): Charge {
  return (frame, args, result) => {
    frame.charge(cost === undefined ? 1 : cost(args, result));
    return result;
  };
}

/** Evaluates the function and charges for it. */
function runOf(callee: Callee): (frame: Frame, args: CelValue[]) => CelResult {
  const charge = chargeOf(callee);
  const { evaluate } = callee;
  const isMetered = !UNMETERED.has(callee.name);
  return (frame, args) => {
    if (isMetered) for (const arg of args) frame.read(arg);
    return charge(frame, args, evaluate(args, frame));
  };
}
