import { describe, expect, it } from 'vitest';
import { examine } from '../../../src/cel/analysis/examined-expression.ts';
import { environments } from '../../../src/cel/environment.ts';
import { childrenOf, type Expr } from '../../../src/cel/syntax/expr.ts';

/** The texts of all parts of an expression. */
function textsOf(text: string): ReadonlySet<string> {
  const examined = examine(text, environments.user);
  if (examined === undefined) throw new Error(`does not compile: ${text}`);
  const texts = new Set<string>();
  const visit = (expr: Expr): void => {
    texts.add(examined.spans.textOf(expr));
    for (const child of childrenOf(expr)) visit(child);
  };
  visit(examined.root);
  return texts;
}

describe('where the parts of an expression are written', () => {
  it.each<[string, string, readonly string[]]>([
    ['operators', '1 + 2 * 3 > 4', ['1 + 2 * 3', '2 * 3', '1 + 2 * 3 > 4']],
    ['brackets around an operand', '(1 + 2) * 3 > 4', ['(1 + 2) * 3', '1 + 2']],
    ['brackets around everything', '((user.uid == ""))', ['user.uid == ""', 'user.uid']],
    ['signs', '-(1) < -2', ['-(1)', '-2']],
    ['negations', '!(user.uid == "")', ['!(user.uid == "")', 'user.uid == ""']],
    ['chains', 'user.extra["a"][0] == "x"', ['user.extra["a"][0]', 'user.extra["a"]', 'user.extra', '"a"']],
    [
      'optional chains',
      'user.extra.?a[?0].orValue("") == ""',
      ['user.extra.?a', 'user.extra.?a[?0]', 'user.extra.?a[?0].orValue("")'],
    ],
    ['indexes of lists and of texts in them', '["a", "b"][1] == "b"', ['["a", "b"][1]', '["a", "b"]']],
    [
      'macros as they are written',
      'user.groups.all(g, g != "")',
      ['user.groups.all(g, g != "")', 'g != ""', 'user.groups'],
    ],
    ['a test for a field', 'has(user.extra.x)', ['has(user.extra.x)', 'user.extra']],
    [
      'functions with names of several parts',
      'sets.contains(user.groups, ["a"])',
      ['sets.contains(user.groups, ["a"])'],
    ],
    ['messages', 'google.protobuf.Int64Value{value: 3} == 3', ['google.protobuf.Int64Value{value: 3}']],
    ['conditions', 'user.uid == "" ? true : false', ['user.uid == "" ? true : false', 'true']],
    [
      'calls of calls',
      'user.username.split("@")[1].size() > 1',
      ['user.username.split("@")[1].size()', 'user.username.split("@")'],
    ],
    ['names that insist on the outermost scope', '.user.uid == ""', ['.user.uid']],
  ])('%s', (_, expression, parts) => {
    const texts = textsOf(expression);
    for (const part of parts) expect(texts).toContain(part);
  });
});
