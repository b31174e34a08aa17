import { CelError, unhashable } from '../error.ts';
import type { Frame, Step } from '../frame.ts';
import { type Plan, constantPlan } from './plan-part.ts';
import { printKey } from './qualifier.ts';
import { CelMap, type CelResult, type CelValue, type MapKey, Optional, toMapKey } from '../value.ts';

/** What cel-go charges for making a list, a map, a message. */
const LIST_COST = 10;
const MAP_COST = 30;
const STRUCT_COST = 40;

/** A part of a literal; `?x` is there only where its optional has a value. */
export interface ElementPlan {
  readonly plan: Plan;
  readonly isOptional: boolean;
}

export interface EntryPlan {
  readonly key: Plan;
  readonly value: Plan;
  readonly isOptional: boolean;
}

/** A list literal; one of constants is made once and costs nothing. */
export function planList(elements: readonly ElementPlan[]): Plan {
  const steps = elements.map(({ plan, isOptional }) => (isOptional ? unwrapElement(plan.step) : plan.step));
  const build = (frame: Frame): CelResult => {
    const list: CelValue[] = [];
    for (const step of steps) {
      const value = step(frame);
      if (value instanceof CelError) return value;
      if (value !== ABSENT) list.push(value);
    }
    return list;
  };
  return finish(
    build,
    LIST_COST,
    elements.map(({ plan }) => plan),
  );
}

/** A map literal; of two entries with one key the later wins. */
export function planMap(entries: readonly EntryPlan[]): Plan {
  const parts = entries.map(({ key, value, isOptional }) => ({
    key: key.step,
    value: value.step,
    isOptional,
  }));
  const build = (frame: Frame): CelResult => {
    const map = new Map<MapKey, CelValue>();
    for (const { key, value, isOptional } of parts) {
      const at = key(frame);
      if (at instanceof CelError) return at;
      const found = value(frame);
      if (found instanceof CelError) return found;
      const own = isOptional ? optionalEntry(found, printKey(at)) : found;
      if (own instanceof CelError) return own;
      if (at instanceof Uint8Array) throw unhashable();
      if (own === ABSENT) map.delete(toMapKey(at));
      else map.set(toMapKey(at), own);
    }
    return new CelMap(map);
  };
  return finish(
    build,
    MAP_COST,
    entries.flatMap(({ key, value }) => [key, value]),
  );
}

/** A message literal; `make` gets the fields that are there. */
export function planStruct(
  fields: readonly { readonly name: string; readonly value: Plan; readonly isOptional: boolean }[],
  make: (fields: ReadonlyMap<string, CelValue>) => CelResult,
): Plan {
  const build = (frame: Frame): CelResult => {
    const values = new Map<string, CelValue>();
    for (const { name, value, isOptional } of fields) {
      const found = value.step(frame);
      if (found instanceof CelError) return found;
      const own = isOptional ? optionalEntry(found, name) : found;
      if (own instanceof CelError) return own;
      if (own === ABSENT) values.delete(name);
      else values.set(name, own);
    }
    return make(values);
  };
  return { step: charging(build, STRUCT_COST) };
}

/** Stands for an element that an empty optional leaves out; it is never part of a value. */
const ABSENT = new Optional(undefined);

function unwrapElement(step: Step): Step {
  return (frame) => {
    const value = step(frame);
    if (value instanceof Optional) return value.value ?? ABSENT;
    if (value instanceof CelError) return value;
    return new CelError('cannot initialize optional list element from non-optional value');
  };
}

function optionalEntry(value: CelValue, key: string): CelResult {
  if (value instanceof Optional) return value.value ?? ABSENT;
  return new CelError(`cannot initialize optional entry '${key}' from non-optional value`);
}

function finish(build: Step, cost: number, parts: readonly Plan[]): Plan {
  const areConstant = parts.every((part) => part.constant !== undefined);
  return areConstant ? constantPlan(build(NO_FRAME)) : { step: charging(build, cost) };
}

/** Constants look at no frame. */
const NO_FRAME = undefined as unknown as Frame;

function charging(build: Step, cost: number): Step {
  return (frame) => {
    const value = build(frame);
    frame.charge(cost);
    return value;
  };
}
