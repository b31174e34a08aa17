import { type Attribute, planAttribute } from './attribute.ts';
import { CelError } from '../error.ts';
import type { Frame, Step } from '../frame.ts';
import { type CelResult, Optional } from '../value.ts';

/** The plan of a sub-expression. */
export interface Plan {
  /** Evaluates it and charges its cost. */
  readonly step: Step;
  /** Its value, where that is known without evaluating; it costs nothing then. */
  readonly constant?: CelResult;
  /** Where it is a selection or a variable: what a selection after it goes on from. */
  readonly attribute?: Attribute;
}

/** Thrown by the planner for what Kubernetes refuses when it instantiates the program. */
export class PlanError extends Error {}

export function constantPlan(value: CelResult): Plan {
  return { step: () => value, constant: value };
}

/**
 * A variable or a selection: 1 besides its selections. A condition as such costs nothing. The step is made when it is asked
 * for, since most selections are but the start of longer ones.
 */
export function attributePlan(attribute: Attribute): Plan {
  let made: Step | undefined;
  return {
    attribute,
    get step(): Step {
      return (made ??= attributeStep(attribute));
    },
  };
}

function attributeStep(attribute: Attribute): Step {
  const resolve = planAttribute(attribute);
  if (attribute.kind === 'conditional') return resolve;
  return (frame) => {
    const value = resolve(frame);
    frame.charge(1);
    return value;
  };
}

/**
 * `has(…)`: whether the attribute's last selection finds something. It costs what the selections cost; Kubernetes takes back
 * the 1 of the attribute, and takes it back from a condition too, which never cost it.
 */
export function presencePlan(attribute: Attribute): Plan {
  const resolve = planAttribute(attribute);
  const surcharge = attribute.kind === 'conditional' ? -1 : 0;
  const step = (frame: Frame): CelResult => {
    const value = resolve(frame);
    frame.charge(surcharge);
    return value instanceof Optional ? value.value !== undefined : value;
  };
  return { step };
}

/** The plan as the start of a path of selections. */
export function attributeOf(plan: Plan): Attribute {
  return plan.attribute ?? { kind: 'path', root: plan.step, qualifiers: [] };
}

/** The value of a plan that is constant and no error. */
export function knownValue(plan: Plan): Exclude<CelResult, CelError> | undefined {
  return plan.constant instanceof CelError ? undefined : plan.constant;
}
