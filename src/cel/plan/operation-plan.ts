import { type Attribute, type Qualifier, qualify } from './attribute.ts';
import { CelError } from '../error.ts';
import { goTypeOf } from './go-type.ts';
import {
  planEquality,
  planLogic,
  planMembership,
  planNotStrictlyFalse,
  planOptionalOr,
} from './logic-plan.ts';
import type { Overload } from '../overload.ts';
import { type Plan, PlanError, attributeOf, attributePlan } from './plan-part.ts';
import { isKey } from './qualifier.ts';

/**
 * Plans the operators and functions that do more, or less, than evaluate their arguments and compute; undefined for all
 * others. `id` is the overload's where the types leave but one.
 */
export function planOperation(name: string, args: readonly Plan[], id: string | undefined): Plan | undefined {
  const [first, second, third] = args as [Plan, Plan, Plan];
  switch (name) {
    case '_&&_':
      return planLogic(false, [first, second]);
    case '_||_':
      return planLogic(true, [first, second]);
    case '@not_strictly_false':
      return planNotStrictlyFalse(first);
    case '_==_':
      return planEquality(true, [first, second]);
    case '_!=_':
      return planEquality(false, [first, second]);
    case '_?_:_': {
      const [accepted, refused] = [attributeOf(second), attributeOf(third)];
      return attributePlan({ kind: 'conditional', condition: first.step, accepted, refused });
    }
    case '_[_]':
      return planIndex('plain', [first, second]);
    case '_[?_]':
    case '_?._':
      return planIndex('optional', [first, second]);
    case '@in':
      return id === 'in_list' ? planMembership(first, second) : undefined;
    case 'or':
    case 'orValue':
      return planOptionalOr(name, [first, second]);
    default:
      return undefined;
  }
}

function planIndex(form: Qualifier['form'], [operand, index]: readonly [Plan, Plan]): Plan {
  return attributePlan(qualify(attributeOf(operand), { key: keyOf(index), form }));
}

function keyOf(index: Plan): Qualifier['key'] {
  const { constant } = index;
  if (constant === undefined) return attributeOf(index) satisfies Attribute;
  if (constant instanceof CelError) throw new PlanError(constant.message);
  if (!isKey(constant)) throw new PlanError(`invalid qualifier type: ${goTypeOf(constant)}`);
  return { kind: 'constant', value: constant };
}

/** Whether a regular expression is known; it is compiled then when the program is made. */
export function hasKnownPattern(overload: Overload | undefined, args: readonly Plan[]): boolean {
  const pattern = overload?.pattern;
  const text = pattern === undefined ? undefined : args[pattern.index]?.constant;
  if (typeof text !== 'string') return false;
  const problem = pattern?.problem(text);
  if (problem !== undefined) throw new PlanError(problem);
  return true;
}
