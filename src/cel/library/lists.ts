import { equal } from '../equality.ts';
import { type CostRule, type Overload, overload } from '../overload.ts';
import { sizeOf } from '../size.ts';
import type { CelList, CelResult, CelValue } from '../value.ts';
import { extreme, isSorted, sum } from './list-folds.ts';
import { distinct, flatten, range, slice, sortByKeys } from './list-shapes.ts';
import { walkTree } from './traversal-cost.ts';
import { withWorkLimit } from './work-limit.ts';

/** What a call costs that makes a list. */
const LIST_CALL = 11;

function made(size: number, factor: number): number {
  return Math.trunc(size * factor) + LIST_CALL;
}

const perResult: CostRule = (_, result) => made(sizeOf(result), 1);

/** A negative depth, which is an error, would give cost back. */
const perLevel: CostRule = withWorkLimit(([list, depth]) =>
  Math.max(0, made(sizeOf(list), typeof depth === 'bigint' ? Number(depth) : 1)),
);

/** Every element is compared with every other; texts a little more dearly. */
function selfCompared(list: CelResult | undefined): number {
  const first: unknown = Array.isArray(list) ? list[0] : undefined;
  const isText = typeof first === 'string' || first instanceof Uint8Array;
  return made(sizeOf(list) ** 2, isText ? 2.1 : 2);
}

const compareFirst: CostRule = ([list]) => selfCompared(list);

const compareKeys: CostRule = ([, keys]) => selfCompared(keys);

/** An error in its place counts as one. */
const perInteger: CostRule = ([limit]) => made(typeof limit === 'bigint' ? Math.max(0, Number(limit)) : 1, 1);

/** The types whose values have an order, with Kubernetes' names for them in overload ids. */
const COMPARABLE: readonly (readonly [name: string, type: string])[] = [
  ['int', 'int'],
  ['uint', 'uint'],
  ['double', 'double'],
  ['bool', 'bool'],
  ['duration', 'google.protobuf.Duration'],
  ['timestamp', 'google.protobuf.Timestamp'],
  ['string', 'string'],
  ['bytes', 'bytes'],
];

const SUMMABLE: ReadonlySet<string> = new Set(['int', 'uint', 'double', 'duration']);

function indexOf(list: CelList, value: CelValue): bigint {
  return BigInt(list.findIndex((element) => equal(element, value) === true));
}

function lastIndexOf(list: CelList, value: CelValue): bigint {
  return BigInt(list.findLastIndex((element) => equal(element, value) === true));
}

/** Kubernetes' own functions on lists. */
const kubernetesOverloads: readonly Overload[] = [
  ...COMPARABLE.flatMap(([name, type]) => [
    overload(`list_${name}_is_sorted_bool`, `<list(${type})>.isSorted() -> bool`, {
      evaluate: isSorted,
      cost: walkTree,
    }),
    overload(`list_${name}_max_${name}`, `<list(${type})>.max() -> ${type}`, {
      evaluate: (list: CelList) => extreme('max', list),
      cost: walkTree,
    }),
    overload(`list_${name}_min_${name}`, `<list(${type})>.min() -> ${type}`, {
      evaluate: (list: CelList) => extreme('min', list),
      cost: walkTree,
    }),
  ]),
  ...COMPARABLE.filter(([name]) => SUMMABLE.has(name)).map(([name, type]) =>
    overload(`list_${name}_sum_${name}`, `<list(${type})>.sum() -> ${type}`, {
      evaluate: (list: CelList) => sum(name, list),
      cost: walkTree,
    }),
  ),
  overload('list_a_index_of_int', '<list(<A>)>.indexOf(<A>) -> int', { evaluate: indexOf, cost: walkTree }),
  overload('list_a_last_index_of_int', '<list(<A>)>.lastIndexOf(<A>) -> int', {
    evaluate: lastIndexOf,
    cost: walkTree,
  }),
];

/** cel-go's ext.Lists, version 3. */
const extensionOverloads: readonly Overload[] = [
  overload('list_slice', '<list(<T>)>.slice(int, int) -> list(<T>)', { evaluate: slice, cost: perResult }),
  overload('list_flatten', '<list(list(<T>))>.flatten() -> list(<T>)', {
    evaluate: (list: CelList) => flatten(list, 1n),
    cost: perLevel,
    guards: 'none',
  }),
  overload('list_flatten_int', '<list(dyn)>.flatten(int) -> list(dyn)', {
    evaluate: flatten,
    cost: perLevel,
    guards: 'none',
  }),
  overload('lists_range', 'lists.range(int) -> list(int)', { evaluate: range, cost: perInteger }),
  overload('list_reverse', '<list(<T>)>.reverse() -> list(<T>)', {
    evaluate: (list: CelList) => list.toReversed(),
    cost: perResult,
  }),
  overload('list_distinct', '<list(<T>)>.distinct() -> list(<T>)', {
    evaluate: distinct,
    cost: compareFirst,
  }),
  ...COMPARABLE.flatMap(([, type]) => [
    overload(`list_${type}_sort`, `<list(${type})>.sort() -> list(${type})`, {
      evaluate: (list: CelList) => sortByKeys(list, list),
      cost: compareFirst,
    }),
    overload(
      `list_${type}_sortByAssociatedKeys`,
      `<list(<T>)>.@sortByAssociatedKeys(list(${type})) -> list(<T>)`,
      { evaluate: sortByKeys, cost: compareKeys },
    ),
  ]),
];

/** All functions on lists, but for `size`, `in`, `first` and `last`. */
export const listOverloads: readonly Overload[] = [...kubernetesOverloads, ...extensionOverloads];
