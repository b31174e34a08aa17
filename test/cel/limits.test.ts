import { describe, expect, it } from 'vitest';
import { toUserInput } from '../../src/cel/input.ts';
import { evaluate } from './evaluation.ts';

const CROWD = toUserInput({
  username: 'x'.repeat(5000),
  uid: '',
  groups: Array.from({ length: 300 }, (_, index) => `group-${index}`),
  extra: new Map(),
});

describe('an evaluation ends at the cost limit', () => {
  it.each<[string, string]>([
    [
      'three loops over 300 groups',
      'user.groups.all(a, user.groups.all(b, user.groups.all(c, a != "" || b != c)))',
    ],
    ['and no `||` absorbs that', 'user.groups.all(a, user.groups.all(b, user.groups.all(c, true))) || true'],
    [
      'nor does `exists`',
      '[1].exists(x, user.groups.all(a, user.groups.all(b, user.groups.all(c, true))) || true)',
    ],
    ['loops over ranges', 'lists.range(1000).all(x, lists.range(1000).all(y, true))'],
    ['maps that grow', 'lists.range(1000).transformMap(i, x, lists.range(1000).map(y, x * y)).size() > 0'],
    ['texts that double', `lists.range(1000).all(x, ("${'y'.repeat(50_000)}" + user.username).size() > 0)`],
    [
      'regular expressions over long texts',
      'user.groups.all(a, user.groups.all(b, user.username.matches("(a|x)+$")))',
    ],
  ])('%s', (_, expression) => {
    expect(evaluate(expression, CROWD).kind).toBe('cost-limit');
  });
  it.each<[string, string]>([
    ['lists joined to lists', 'lists.range(5000).all(x, (lists.range(5000) + lists.range(5000)).size() > 0)'],
    ['lists reversed', 'lists.range(30000).all(x, lists.range(30000).reverse()[0] >= 0)'],
    ['lists compared', 'lists.range(30000).all(x, lists.range(30000) == lists.range(30000))'],
  ])('or where it would work for long at little cost: %s', (_, expression) => {
    expect(evaluate(expression, CROWD).kind).toBe('cost-limit');
  });
  it('passes what stays below it', () => {
    const two = 'user.groups.all(a, user.groups.all(b, a != "zzz" && b != "zzz"))';
    expect(evaluate(two, CROWD)).toEqual({ kind: 'value', value: true, cost: 631_803 });
  });
});
