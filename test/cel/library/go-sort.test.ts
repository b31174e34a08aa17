import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { goSort } from '../../../src/cel/library/go-sort.ts';

function sortKeys(keys: readonly number[]): number[] {
  return goSort(keys.length, (a, b) => (keys[a] as number) < (keys[b] as number));
}

describe('sorting', () => {
  it('gives every index once, in order of the keys', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 400 }), (keys) => {
        const order = sortKeys(keys);
        expect(order.map((index) => keys[index])).toEqual(keys.toSorted((a, b) => a - b));
        expect(order.toSorted((a, b) => a - b)).toEqual(keys.map((_, index) => index));
      }),
    );
  });
  it('leaves up to twelve equal keys as they were', () => {
    expect(sortKeys([1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0])).toEqual([1, 3, 5, 7, 9, 11, 0, 2, 4, 6, 8, 10]);
  });
  it('and more as Go leaves them', () => {
    expect(sortKeys([1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1])).toEqual(GO_ORDER);
  });
  it('takes time for patterns that defeat a plain quicksort as for any', () => {
    let comparisons = 0;
    const keys = Array.from({ length: 20_000 }, (_, index) => (index % 2 === 0 ? index : 20_000 - index));
    goSort(keys.length, (a, b) => {
      comparisons++;
      return (keys[a] as number) < (keys[b] as number);
    });
    expect(comparisons).toBeLessThan(1_000_000);
  });
});

/** What `sort.Slice` gives for these keys. */
const GO_ORDER = [9, 1, 3, 5, 7, 11, 2, 4, 6, 8, 0, 10, 12];
