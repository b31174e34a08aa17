import { compare, equal } from '../equality.ts';
import { CelError, noSuchOverload } from '../error.ts';
import { type CelList, type CelResult, type CelValue, typeNameOf } from '../value.ts';
import { goSort } from './go-sort.ts';
import { isComparable } from './list-folds.ts';
import { WorkLimit } from './work-limit.ts';

/** The longest list that a function may make: making a longer one costs more than kube-apiserver's limit. */
const MAX_ELEMENTS = 1_000_000;

/** What cel-go charges for making a list, besides its elements. */
const LIST_COST = 11;

/** The longest list that `distinct` takes: it charges for 2n² comparisons. */
const MAX_DISTINCT = 707;

function elementLimit(): WorkLimit {
  return new WorkLimit(`a list of more than ${MAX_ELEMENTS} elements`);
}

/** The elements from one place up to another. */
export function slice(list: CelList, start: bigint, end: bigint): CelResult {
  const call = `cannot slice(${start}, ${end})`;
  if (start < 0n || end < 0n) return new CelError(`${call}, negative indexes not supported`);
  if (start > end) {
    return new CelError(`${call}, start index must be less than or equal to end index`);
  }
  if (end > list.length) return new CelError(`${call}, list is length ${list.length}`);
  return list.slice(Number(start), Number(end));
}

/** The integers from 0 up to a limit; none where it is negative. */
export function range(limit: bigint): CelResult {
  if (limit > MAX_ELEMENTS - LIST_COST) return elementLimit();
  const integers: bigint[] = [];
  for (let integer = 0n; integer < limit; integer++) integers.push(integer);
  return integers;
}

/** The list with the elements of lists in their place, down to a depth; a list without any as it is. */
export function flatten(list: CelValue, depth: CelValue): CelResult {
  if (!Array.isArray(list)) return noSuchOverload(`${typeNameOf(list)}.flatten()`);
  if (typeof depth !== 'bigint') return noSuchOverload(`list.flatten(${typeNameOf(depth)})`);
  if (depth < 0n) return new CelError('level must be non-negative');
  const flat: CelValue[] = [];
  // The lists that are being read, outermost first, each with where it is.
  const open: { readonly list: CelList; at: number }[] = [{ list: list as CelList, at: 0 }];
  for (let current = open.at(-1); current !== undefined; current = open.at(-1)) {
    const element = current.list[current.at++];
    if (element === undefined) open.pop();
    else if (Array.isArray(element) && open.length <= depth) open.push({ list: element as CelList, at: 0 });
    else flat.push(element);
    if (flat.length > MAX_ELEMENTS) return elementLimit();
  }
  return flat;
}

/** The list without elements that equal an earlier one. */
export function distinct(list: CelList): CelResult {
  if (list.length > MAX_DISTINCT) return new WorkLimit('too many comparisons');
  const kept: CelValue[] = [];
  for (const element of list) {
    if (!kept.some((earlier) => equal(element, earlier) === true)) kept.push(element);
  }
  return kept;
}

/** The elements in the order of their keys, of which there is one for each. Equal keys are left as Go leaves them. */
export function sortByKeys(list: CelList, keys: CelList): CelResult {
  if (list.length !== keys.length) {
    const lengths = `${list.length} and ${keys.length} elements respectively`;
    return new CelError(
      `@sortByAssociatedKeys() expected a list of the same size as the associated keys list, but got ${lengths}`,
    );
  }
  const [first] = keys;
  if (first === undefined) return list;
  if (!isComparable(first)) return new CelError('list elements must be comparable');
  const typeName = typeNameOf(first);
  // One element is never compared, and so never looked at.
  if (keys.length > 1 && keys.some((key) => typeNameOf(key) !== typeName)) {
    return new CelError('list elements must have the same type');
  }
  const order = goSort(keys.length, (a, b) => isLess(keys[a] as CelValue, keys[b] as CelValue));
  return order.map((index) => list[index] as CelValue);
}

/** NaN is less than nothing, and nothing less than it. */
function isLess(a: CelValue, b: CelValue): boolean {
  const order = compare(a, b);
  return typeof order === 'number' && order < 0;
}
