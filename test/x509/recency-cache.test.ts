import { describe, expect, it } from 'vitest';
import { createRecencyCache } from '../../src/x509/recency-cache.ts';

/** Sets the keys, asks for those that follow a question mark, and says which are still there. */
function keptOf(size: number, actions: string): string {
  const cache = createRecencyCache<string, string>(size);
  const keys = new Set<string>();
  for (const [, isAsked, key = ''] of actions.matchAll(/(\?)?(\w)/g)) {
    if (isAsked === undefined) cache.set(key, key.toUpperCase());
    else cache.get(key);
    keys.add(key);
  }
  return [...keys].filter((key) => cache.get(key) === key.toUpperCase()).join('');
}

describe('a cache of what was asked for lately', () => {
  it.each([
    ['keeps as many as there is room for', 3, 'abc', 'abc'],
    ['forgets the oldest', 3, 'abcd', 'bcd'],
    ['keeps what was asked for since', 3, 'abc?ad', 'acd'],
    ['forgets it in its turn', 3, 'abc?adefg', 'efg'],
    ['takes a newcomer where all were asked for', 2, 'ab?a?bc', 'bc'],
    ['counts one that is set again as new', 3, 'abcad', 'acd'],
    ['keeps nothing without room', 0, 'ab', ''],
  ])('%s', (_, size, actions, kept) => expect(keptOf(size, actions)).toBe(kept));
});
