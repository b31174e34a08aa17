import { contains } from '../equality.ts';
import { type CostRule, type Overload, overload } from '../overload.ts';
import { sizeOf } from '../size.ts';
import type { CelList, CelResult } from '../value.ts';
import { WorkLimit } from './work-limit.ts';

/** Each element of one list is looked for in the other. */
function pairs(factor: number): CostRule {
  return ([a, b]) => 1 + sizeOf(a) * sizeOf(b) * factor;
}

/** More comparisons than this cost more than kube-apiserver's limit; they are not made. */
const MAX_PAIRS = 1_000_000;

/** The test, unless its cost alone is over the limit. */
function limited(test: (a: CelList, b: CelList) => boolean): (a: CelList, b: CelList) => CelResult {
  return (a, b) => (a.length * b.length > MAX_PAIRS ? new WorkLimit('too large sets') : test(a, b));
}

function includesAll(list: CelList, part: CelList): boolean {
  return part.every((element) => contains(list, element));
}

const LISTS = '(list(<T>), list(<T>)) -> bool';

/** cel-go's ext.Sets: lists as sets. */
export const setOverloads: readonly Overload[] = [
  overload('list_sets_contains_list', `sets.contains${LISTS}`, {
    evaluate: limited(includesAll),
    cost: pairs(1),
  }),
  overload('list_sets_equivalent_list', `sets.equivalent${LISTS}`, {
    evaluate: limited((a, b) => includesAll(a, b) && includesAll(b, a)),
    cost: pairs(2),
  }),
  overload('list_sets_intersects_list', `sets.intersects${LISTS}`, {
    evaluate: limited((a, b) => a.some((element) => contains(b, element))),
    cost: pairs(1),
  }),
];
