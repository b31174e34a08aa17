import { expect, it } from 'vitest';
import { ALICE, evaluate } from '../evaluation.ts';

/** What the call costs beside `user.username`, which costs 2. */
it.each<[string, string, number]>([
  ['a walk is a tenth of the characters, rounded up', 'user.username.trim()', 3],
  ['two walks', 'user.username.split("")', 3],
  ['a place is read for 1', 'user.username.charAt(1)', 3],
  ['a search in a text is a tenth of its bytes, rounded down', 'user.username.indexOf("e")', 2],
  ['a search for a part multiplies', 'user.username.contains("li")', 3],
  ['an expression is a quarter of its characters', 'user.username.matches("[a-z]+")', 4],
  ['the global form costs 1', 'matches(user.username, "[a-z]+")', 3],
  ['a format its pattern', 'format.dns1123Label().validate(user.username)', 11],
  ['a network its prefix', 'cidr("10.0.0.0/8").containsIP(user.username) || true', 5],
  ['a list its elements', 'user.groups.reverse()', 15],
  ['sorting texts the square of them', 'user.groups.sort()', 21],
  ['sets each pair', 'sets.contains(user.groups, user.groups)', 9],
  ['values of Kubernetes’ own types compare for 1', 'ip("::1") == ip("::1")', 3],
  ['and differ for a tenth of their bytes', 'ip("::1") != ip("::2")', 4],
])('%s', (_, expression, cost) => {
  expect(evaluate(expression, ALICE).cost).toBe(cost);
});
