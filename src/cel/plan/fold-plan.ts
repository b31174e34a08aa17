import { CelError } from '../error.ts';
import type { Frame, Step } from '../frame.ts';
import { goTypeOf } from './go-type.ts';
import { plainList } from '../input-value.ts';
import type { Plan } from './plan-part.ts';
import { select } from './qualifier.ts';
import { type CelList, CelMap, type CelResult, type CelValue, ObjectValue } from '../value.ts';

/** Where a comprehension keeps its variables among a frame's slots. */
export interface FoldSlots {
  readonly accumulator: number;
  readonly variable: number;
  /** With two variables the second one's. */
  readonly second: number | undefined;
}

/** The parts of a comprehension, planned. */
export interface FoldParts {
  readonly range: Step;
  readonly condition: Step;
  readonly step: Step;
  readonly result: Step;
}

/**
 * A comprehension. It costs what its parts cost. An error in the accumulator does not end the loop: only a condition that
 * is false does.
 */
export function planFold(parts: FoldParts, slots: FoldSlots): Step {
  const { range, condition, step, result } = parts;
  const bind = slots.second === undefined ? bindOne(slots) : bindTwo(slots, slots.second);
  return (frame) => {
    const over = range(frame);
    if (over instanceof CelError) return over;
    const items = slots.second === undefined ? itemsOf(over) : pairsOf(over);
    if (items instanceof CelError) return items;
    frame.slots[slots.accumulator] = undefined;
    for (const item of items) {
      bind(frame, item as never);
      const goesOn = condition(frame);
      if (goesOn === false) break;
      frame.slots[slots.accumulator] = step(frame);
    }
    return result(frame);
  };
}

function bindOne({ variable }: FoldSlots): (frame: Frame, item: CelValue) => void {
  return (frame, item) => {
    frame.slots[variable] = item;
  };
}

function bindTwo(
  { variable }: FoldSlots,
  second: number,
): (frame: Frame, item: readonly [CelValue, CelResult]) => void {
  return (frame, [key, value]) => {
    frame.slots[variable] = key;
    frame.slots[second] = value;
  };
}

/** The elements of a list, the keys of a map, and, as kube-apiserver has it, the values of an object. */
function itemsOf(range: CelValue): Iterable<CelValue> | CelError {
  if (Array.isArray(range)) return plainList(range as CelList);
  if (range instanceof CelMap) return range.keys();
  if (range instanceof ObjectValue) return range.values();
  return new CelError(`got '${goTypeOf(range)}', expected iterable type`);
}

function pairsOf(range: CelValue): Iterable<readonly [CelValue, CelResult]> | CelError {
  if (Array.isArray(range)) return indexed(range as CelList);
  if (range instanceof CelMap) return range.pairs();
  if (range instanceof ObjectValue) return valuesAsKeys(range);
  return new CelError(`unsupported comprehension range type: ${goTypeOf(range)}`);
}

function* indexed(list: CelList): Generator<readonly [CelValue, CelValue]> {
  for (let index = 0; index < list.length; index++) yield [BigInt(index), list[index] as CelValue];
}

function* valuesAsKeys(object: ObjectValue): Generator<readonly [CelValue, CelResult]> {
  for (const value of object.values()) yield [value, select(object, value)];
}

/** Reads the accumulator; the first reader evaluates what it starts as. */
export function readAccumulator(slot: number, initial: Step): Step {
  return (frame) => {
    const current = frame.slots[slot];
    if (current !== undefined) return current;
    const value = initial(frame);
    frame.slots[slot] = value;
    return value;
  };
}

/**
 * `accumulator + [element]` in a comprehension that began with an empty list: the list grows in place, since nothing else
 * can hold it, where a new list for each element would make the work quadratic. Costs what the parts would.
 */
export function planAppend(read: Step, added: Plan): Step {
  return (frame) => {
    const list = read(frame);
    frame.charge(1);
    const elements = added.step(frame);
    frame.charge(1);
    if (list instanceof CelError) return list;
    if (elements instanceof CelError) return elements;
    for (const element of elements as CelList) (list as CelValue[]).push(element);
    return list;
  };
}
