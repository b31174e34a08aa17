import { CelError, noSuchOverload, unhashable } from '../error.ts';
import { contains, equal } from '../equality.ts';
import type { Frame, Step } from '../frame.ts';
import { type Plan, constantPlan, knownValue } from './plan-part.ts';
import { comparisonCost } from '../size.ts';
import { type CelList, type CelResult, type CelValue, OpaqueValue, Optional, Uint } from '../value.ts';

/** `&&` and `||`: the deciding value on either side wins; without one, the left error does. They cost nothing. */
export function planLogic(decisive: boolean, [left, right]: readonly [Plan, Plan]): Plan {
  const first = left.step;
  const second = right.step;
  const step = (frame: Frame): CelResult => {
    const a = first(frame);
    if (a === decisive) return decisive;
    const b = second(frame);
    if (b === decisive) return decisive;
    if (typeof a !== 'boolean') return a instanceof CelError ? a : noSuchOverload();
    if (typeof b !== 'boolean') return b instanceof CelError ? b : noSuchOverload();
    return !decisive;
  };
  return { step };
}

/** What `all` and `exists` go on by: anything but false, an error too. */
export function planNotStrictlyFalse({ step: evaluate }: Plan): Plan {
  const step = (frame: Frame): CelResult => {
    const value = evaluate(frame);
    frame.charge(1);
    return value !== false;
  };
  return { step };
}

/** `==` and `!=`. For `!=` an error of the comparison counts as unequal. */
export function planEquality(wanted: boolean, [left, right]: readonly [Plan, Plan]): Plan {
  const first = left.step;
  const second = right.step;
  const step = (frame: Frame): CelResult => {
    const a = first(frame);
    const b = second(frame);
    frame.charge(wanted ? equalityCost(a, b) : comparisonCost(a, b));
    if (a instanceof CelError) return a;
    if (b instanceof CelError) return b;
    frame.read(a);
    const result = equal(a, b);
    return wanted ? result : result !== true;
  };
  return { step };
}

/** Kubernetes charges 1 for its own types, whatever their size. */
function equalityCost(a: CelResult, b: CelResult): number {
  return a instanceof OpaqueValue ? 1 : comparisonCost(a, b);
}

/** `x in [constants]`: cel-go makes a set of the list, and charges nothing for looking it up. */
export function planMembership(value: Plan, list: Plan): Plan | undefined {
  const known = knownValue(list);
  if (!Array.isArray(known)) return undefined;
  const elements = known as CelList;
  if (elements.length === 0) return constantPlan(false);
  if (!elements.every(isHashable)) return undefined;
  const has = membershipTest(elements);
  const { step: evaluate } = value;
  const step: Step = (frame) => {
    const found = evaluate(frame);
    if (found instanceof Uint8Array) throw unhashable();
    return found instanceof CelError ? found : has(found);
  };
  return { step };
}

function membershipTest(elements: CelList): (value: CelValue) => boolean {
  const strings = new Set(elements);
  const areStrings = elements.every((element) => typeof element === 'string');
  return areStrings ? (value) => strings.has(value) : (value) => contains(elements, value);
}

function isHashable(value: CelValue): boolean {
  return ['boolean', 'bigint', 'number', 'string'].includes(typeof value) || value instanceof Uint;
}

/** `or` and `orValue` evaluate their argument only where the optional is empty, and cost nothing. */
export function planOptionalOr(form: 'or' | 'orValue', [left, right]: readonly [Plan, Plan]): Plan {
  const first = left.step;
  const second = right.step;
  const step = (frame: Frame): CelResult => {
    const optional = first(frame);
    if (!(optional instanceof Optional)) return optional;
    if (optional.value === undefined) return second(frame);
    return form === 'or' ? optional : optional.value;
  };
  return { step };
}
