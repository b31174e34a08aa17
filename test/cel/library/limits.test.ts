import { describe, expect, it } from 'vitest';
import { toUserInput } from '../../../src/cel/input.ts';
import { compileRegex } from '../../../src/cel/library/regular-expression.ts';
import { patternSize } from '../../../src/cel/library/regex-size.ts';
import { WorkLimit } from '../../../src/cel/library/work-limit.ts';
import { evaluate } from '../evaluation.ts';

const USER = toUserInput({
  username: 'a'.repeat(30_000),
  uid: 'x{0,1000}'.repeat(30),
  groups: [],
  extra: new Map(),
});

describe('work that kube-apiserver does not charge for ends the evaluation like its cost limit', () => {
  it.each<[string, string]>([
    ['texts that grow with each call', 'user.username.replace("a", user.username)'],
    [
      'texts that are joined',
      '[user.username, user.username].join(user.username.replace("a", "bbbbbbbbbbbbbbbbbbbb")).replace("b", "cccccccccccccccccccc")',
    ],
    ['long lists of numbers', 'lists.range(9223372036854775807)'],
    ['lists compared with themselves', 'lists.range(800).distinct()'],
    ['sets compared with each other', 'sets.contains(lists.range(2000), lists.range(2000))'],
    ['sums with zeros without end', 'quantity("1e2000000000").add(1)'],
    ['regular expressions that count to thousands', '"x".matches(user.uid)'],
    ['searches that start over at every character', 'user.username.findAll("a(?:.*b)?")'],
    [
      'places without end',
      'lists.range(1100).map(x, "%.1000f").join("").format(lists.range(1100).map(x, 0.1))',
    ],
  ])('%s', (_, expression) => {
    expect(evaluate(expression, USER).kind).toBe('cost-limit');
    expect(evaluate(`${expression} == dyn(1) || true`, USER).kind).toBe('cost-limit');
  });
});

describe('the size of a regular expression is known before it is compiled', () => {
  it.each<[string, string]>([
    ['a counted character', 'x{0,1000}'],
    ['a counted group', '(ab?){200}'],
    ['counts within counts', '((a|b){10}c){20}'],
    ['quoted text', '\\Qa{1000}\\E'],
    ['classes', '[a-z[:^digit:]\\]]{500}'],
    ['flags', '(?s)a(?s:b)(?P<n>c)'],
  ])('%s', (_, pattern) => {
    const compiled = compileRegex(pattern);
    const size = 'size' in compiled ? compiled.size : Number.NaN;
    expect(patternSize(pattern)).toBeGreaterThanOrEqual(size - 4);
  });
  it('a product of counts that RE2 refuses is left to RE2', () => {
    expect(compileRegex('((a{100}){100}){100}')).toMatchObject({
      message: 'error parsing regexp: invalid repeat count: `{100}`',
    });
  });
  it('one that is too large is refused', () => {
    expect(compileRegex('x{0,1000}'.repeat(100))).toBeInstanceOf(WorkLimit);
    expect(compileRegex('('.repeat(50_000))).toBeInstanceOf(WorkLimit);
  });
});
