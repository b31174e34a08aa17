import { CelError, noSuchOverload } from '../error.ts';
import type { Frame, Step } from '../frame.ts';
import { goTypeOf } from './go-type.ts';
import { find, isKey, select, unwrapOptional } from './qualifier.ts';
import { type CelResult, type CelValue, Optional } from '../value.ts';

/** One selection or index after another value. */
export interface Qualifier {
  /** The key, or what evaluates to it. */
  readonly key: { readonly kind: 'constant'; readonly value: CelValue } | Attribute;
  /** `.?x` and `[?x]` give an optional; `has` says whether the part is there. */
  readonly form: 'plain' | 'optional' | 'test';
}

/**
 * A value with the selections after it, which cel-go evaluates and charges as one: a path from a root, or from either branch
 * of a condition.
 */
export type Attribute =
  | { readonly kind: 'path'; readonly root: Step; readonly qualifiers: readonly Qualifier[] }
  | {
      readonly kind: 'conditional';
      readonly condition: Step;
      readonly accepted: Attribute;
      readonly refused: Attribute;
    };

/** The attribute with one more selection; a condition has it on both branches. */
export function qualify(attribute: Attribute, qualifier: Qualifier): Attribute {
  if (attribute.kind === 'path') return { ...attribute, qualifiers: [...attribute.qualifiers, qualifier] };
  return {
    ...attribute,
    accepted: qualify(attribute.accepted, qualifier),
    refused: qualify(attribute.refused, qualifier),
  };
}

/** Plans an attribute's value. The cost is 1 for each selection; the attribute as a whole is the caller's to charge. */
export function planAttribute(attribute: Attribute): Step {
  if (attribute.kind === 'conditional') return planConditional(attribute);
  const { root, qualifiers } = attribute;
  return planPath(root, qualifiers.map(planQualifier));
}

/** Applies a selection; undefined where an optional one finds nothing. Charges 1, but for nothing found. */
type Apply = (frame: Frame, value: CelValue) => CelResult | undefined;

interface Link {
  readonly isOptional: boolean;
  /** An absent part is an error. */
  readonly always: Apply;
  /** An absent part is undefined. */
  readonly ifPresent: Apply;
}

/**
 * Once a selection is optional, or the root was, all that follow are, and the result is. What is inside an optional root is
 * taken out and put back even where nothing is selected, which is how cel-go makes one optional of several.
 */
function planPath(root: Step, links: readonly Link[]): Step {
  return (frame) => {
    let value = root(frame);
    let isOptional = false;
    if (value instanceof Optional) {
      if (value.value === undefined) return value;
      value = unwrapOptional(value.value);
      isOptional = true;
    }
    for (const link of links) {
      if (value instanceof CelError) return value;
      isOptional ||= link.isOptional;
      const next = isOptional ? link.ifPresent(frame, value) : link.always(frame, value);
      if (next === undefined) return Optional.none;
      value = next;
    }
    return isOptional && !(value instanceof CelError) ? new Optional(value) : value;
  };
}

function planConditional(attribute: Attribute & { readonly kind: 'conditional' }): Step {
  const { condition } = attribute;
  const accepted = planAttribute(attribute.accepted);
  const refused = planAttribute(attribute.refused);
  return (frame) => {
    const verdict = condition(frame);
    if (verdict === true) return accepted(frame);
    if (verdict === false) return refused(frame);
    return verdict instanceof CelError ? verdict : noSuchOverload();
  };
}

function planQualifier({ key, form }: Qualifier): Link {
  const isOptional = form === 'optional';
  if (key.kind === 'constant') return constantLink(key.value, { isOptional, isTest: form === 'test' });
  const keyOf = planKey(key);
  return {
    isOptional,
    always: (frame, value) => {
      const index = keyOf(frame);
      frame.charge(1);
      return index instanceof CelError ? index : select(value, index);
    },
    ifPresent: (frame, value) => {
      const index = keyOf(frame);
      if (index instanceof CelError) return index;
      return charged(frame, find(value, index));
    },
  };
}

function constantLink(key: CelValue, { isOptional, isTest }: { isOptional: boolean; isTest: boolean }): Link {
  const ifPresent: Apply = (frame, value) => charged(frame, find(value, key));
  if (!isTest) {
    const always: Apply = (frame, value) => {
      frame.charge(1);
      return select(value, key);
    };
    return { isOptional, always, ifPresent };
  }
  const always: Apply = (frame, value) => {
    frame.charge(1);
    const found = find(value, key);
    return found instanceof CelError ? found : found !== undefined;
  };
  return { isOptional, always, ifPresent };
}

/** In an optional selection only what is there is charged for. */
function charged(frame: Frame, found: CelResult | undefined): CelResult | undefined {
  if (found !== undefined && !(found instanceof CelError)) frame.charge(1);
  return found;
}

function planKey(attribute: Attribute): Step {
  const evaluate = planAttribute(attribute);
  return (frame) => {
    const key = evaluate(frame);
    if (key instanceof CelError || isKey(key)) return key;
    return new CelError(`invalid qualifier type: ${goTypeOf(key)}`);
  };
}
