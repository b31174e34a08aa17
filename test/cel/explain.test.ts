import { describe, expect, it } from 'vitest';
import { environments } from '../../src/cel/environment.ts';
import { explain } from '../../src/cel/explain.ts';
import { toUserInput } from '../../src/cel/input.ts';

const USER = toUserInput({
  username: 'alice',
  uid: '',
  groups: ['dev', 'ops'],
  extra: new Map([['a/b', ['x']]]),
});

function lines(expression: string): readonly string[] {
  return explain(expression, environments.user, USER).map(
    ({ expression, value, isError }) => `${expression} ${isError ? '!' : '='} ${value}`,
  );
}

describe('the parts of an expression and what they give', () => {
  it.each<[string, string[]]>([
    ['user.username == "alice"', ['user.username = "alice"']],
    [
      '!user.username.startsWith("system:")',
      ['user.username = "alice"', 'user.username.startsWith("system:") = false'],
    ],
    [
      'user.extra["x"][0] == "y"',
      [
        'user.extra = {"a/b": ["x"]}',
        'user.extra["x"] ! no such key: x',
        'user.extra["x"][0] ! no such key: x',
      ],
    ],
    ['user.?uid.orValue("") == ""', ['user.?uid = optional.of("")', 'user.?uid.orValue("") = ""']],
    [
      '"dev" in user.groups && size(user.groups) + 1 == 3',
      [
        'user.groups = ["dev", "ops"]',
        '("dev" in user.groups) = true',
        'size(user.groups) = 2',
        '(size(user.groups) + 1) = 3',
        '(size(user.groups) + 1 == 3) = true',
      ],
    ],
    ['user.groups.exists(g, g == "dev")', ['user.groups = ["dev", "ops"]']],
    [
      'user.username != "root" && !user.groups.exists(g, g == "dev")',
      [
        'user.username = "alice"',
        '(user.username != "root") = true',
        'user.groups = ["dev", "ops"]',
        'user.groups.exists(g, g == "dev") = true',
        '!user.groups.exists(g, g == "dev") = false',
      ],
    ],
    [
      '["a", "b"].exists(p, user.username.startsWith(p)) || false',
      ['["a", "b"].exists(p, user.username.startsWith(p)) = true'],
    ],
    [
      'user.?extra["a/b"].optMap(v, v[0]).orValue("") == "x"',
      [
        'user.?extra = optional.of({"a/b": ["x"]})',
        'user.?extra["a/b"] = optional.of(["x"])',
        'user.?extra["a/b"].optMap(v, v[0]) = optional.of("x")',
        'user.?extra["a/b"].optMap(v, v[0]).orValue("") = "x"',
      ],
    ],
    ['has(user.uid) && user.uid == ""', ['has(user.uid) = true', 'user.uid = ""', '(user.uid == "") = true']],
    [
      'user.uid == "" || (user.username\n    == "x")',
      [
        'user.uid = ""',
        '(user.uid == "") = true',
        'user.username = "alice"',
        '(user.username == "x") = false',
      ],
    ],
    ['1 == 1', []],
    ['user.nosuch', []],
  ])('%s', (expression, expected) => {
    expect(lines(expression)).toEqual(expected);
  });
  it('are bounded in length and number', () => {
    const many = Array.from({ length: 60 }, (_, index) => `user.username != "${index}"`).join(' && ');
    expect(lines(many)).toHaveLength(40);
    const long = explain(
      'user.username == ""',
      environments.user,
      toUserInput({ username: 'a'.repeat(5000), uid: '', groups: [], extra: new Map() }),
    );
    expect(long[0]?.value).toHaveLength(401);
  });
});
