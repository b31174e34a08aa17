import { describe, expect, it } from 'vitest';
import { compileExpression } from '../../src/cel/compile.ts';
import { type Environment, environments } from '../../src/cel/environment.ts';
import { compileUser } from './evaluation.ts';

function errorOf(expression: string, environment: Environment = environments.user): string {
  const compilation = compileExpression(expression, environment, 'any');
  return compilation.ok ? `loads as ${compilation.program.resultType}` : compilation.error;
}

describe('an error is worded and placed as in kube-apiserver', () => {
  it('with the source line and a caret', () => {
    expect(errorOf('user.groups.exists(g, g == nosuch)')).toBe(
      "compilation failed: ERROR: <input>:1:28: undeclared reference to 'nosuch' (in container '')\n" +
        ' | user.groups.exists(g, g == nosuch)\n' +
        ' | ...........................^',
    );
  });
  it('on its own line, with wide dots under wide characters and tabs as spaces', () => {
    expect(errorOf('true &&\n\t"é" == x')).toBe(
      "compilation failed: ERROR: <input>:2:9: undeclared reference to 'x' (in container '')\n" +
        ' |  "é" == x\n' +
        ' | ..．.....^',
    );
  });
  it('each on its own, in the order of their places', () => {
    expect(errorOf('a + b').match(/undeclared reference to '\w'/g)).toEqual([
      "undeclared reference to 'a'",
      "undeclared reference to 'b'",
    ]);
  });
  it('up to a hundred, and the rest counted', () => {
    expect(errorOf(`[${'x,'.repeat(105)}]`)).toMatch(/\^\n5 more errors were truncated$/);
  });
  it.each<[string, string]>([
    ['user.nosuch', "1:5: undefined field 'nosuch'"],
    ['has(user.nosuch)', "1:4: undefined field 'nosuch'"],
    ['user.?nosuch.orValue("x")', "1:5: undefined field 'nosuch'"],
    ['user.username.foo', "1:14: type 'string' does not support field selection"],
    [
      'user["username"]',
      "1:5: found no matching overload for '_[_]' applied to '(kubernetes.UserInfo, string)'",
    ],
    ['user.username == 1', "1:15: found no matching overload for '_==_' applied to '(string, int)'"],
    ['1 in user.groups', "1:3: found no matching overload for '@in' applied to '(int, list(string))'"],
    ['[1, "a"]', "1:5: expected type 'int' but found 'string'"],
    ['[1, dyn(1)]', "1:8: expected type 'int' but found 'dyn'"],
    ['{"a": 1, 2: 1}', "1:10: expected type 'string' but found 'int'"],
    ['user.username && true', "1:5: expected type 'bool' but found 'string'"],
    ['true ? 1 : "a"', "1:6: found no matching overload for '_?_:_' applied to '(bool, int, string)'"],
    ['user.username.all(c, true)', "1:5: expression of type 'string' cannot be range of a comprehension"],
    ['[?1]', "1:3: expected type 'optional_type(int)' but found 'int'"],
    ['"a".matches("(")', '1:13: invalid matches argument'],
    ['duration("1d")', '1:10: invalid duration argument'],
    ['timestamp("2024-02-30T00:00:00Z")', '1:11: invalid timestamp argument'],
    ['"%d".format(["a"])', '1:14: error during formatting: decimal clause can only be used on integers'],
    ['"%s".format(["a", "b"])', '1:12: too many arguments supplied to string.format (expected 1, got 2)'],
    ['"%s %d".format(["a", 1])', 'loads as string'],
    ['cel.bind(x, 1, x)', "1:1: undeclared reference to 'cel'"],
    ['math.greatest(1, 2)', "1:1: undeclared reference to 'math'"],
    ['base64.encode(b"a")', "1:1: undeclared reference to 'base64'"],
    ['request.remoteaddr', "1:1: undeclared reference to 'request'"],
    ['google.protobuf.Timestamp{seconds: 1, nosuch: 1}', "1:45: undefined field 'nosuch'"],
    ['NoSuch{}', "1:7: undeclared reference to 'NoSuch'"],
  ])('%s', (expression, message) => {
    const error = errorOf(expression).replace('compilation failed: ERROR: <input>:', '');
    expect(error.slice(0, message.length)).toBe(message);
  });
});

describe('what Kubernetes refuses when it makes the program', () => {
  it.each<[string, string]>([
    ["int('abc')", "type conversion error from 'string' to 'int'"],
    ["true ? 1 : int('abc')", "type conversion error from 'string' to 'int'"],
    ['uint(-1)', 'unsigned integer overflow'],
    ["'abc'.find('[')", 'error parsing regexp: missing closing ]: `[`'],
    ['{null: 1}[null]', 'invalid qualifier type: types.Null'],
    ['kubernetes.UserInfo', 'reference to undefined type: kubernetes.UserInfo'],
  ])('%s', (expression, message) => {
    expect(errorOf(expression)).toBe(`program instantiation failed: ${message}`);
  });
  it('leaves a division by zero to the evaluation', () => {
    expect(errorOf('1 / 0')).toBe('loads as int');
  });
});

describe('a rule', () => {
  it('must be bool, and dyn is not', () => {
    expect(compileExpression('dyn(true)', environments.user, 'bool')).toEqual({
      ok: false,
      error: 'must evaluate to bool',
      issues: [],
    });
  });
});

describe('the static type', () => {
  it.each<[string, string]>([
    ['user', 'kubernetes.UserInfo'],
    ['user.extra', 'map(string, list(string))'],
    ['user.extra[?"a"][?0]', 'optional_type(string)'],
    ['user.?groups', 'optional_type(list(string))'],
    ['user.groups.map(g, size(g))', 'list(int)'],
    ['user.groups.transformMap(i, g, [i])', 'map(int, list(int))'],
    ['user.groups.first().optMap(g, size(g))', 'optional_type(int)'],
    ['user.groups.sortBy(g, size(g))', 'list(string)'],
    ['[]', 'list(dyn)'],
    ['[[], [1]]', 'list(list(int))'],
    ['optional.none()', 'optional_type(dyn)'],
    ['type(1)', 'type(int)'],
    ['google.protobuf.Int64Value{value: 1}', 'wrapper(int)'],
    ['true ? 1 : dyn("a")', 'dyn'],
  ])('of %s is %s', (expression, type) => {
    expect(errorOf(expression)).toBe(`loads as ${type}`);
  });
});

describe('what an expression reads', () => {
  it.each<[string, readonly string[]]>([
    ['user.username == "a" || user.username == "b"', ['user.username']],
    ['user.extra["a"][0] in user.groups', ['user.extra', 'user.groups']],
    ['user.?uid.orValue("")', ['user.uid']],
    ['has(user.uid)', ['user.uid']],
    ['dyn(user) == user', ['user']],
    ['[1].exists(user, user == 1)', []],
    ['true || user.username == ""', ['user.username']],
    ['user.groups.first().optMap(g, g + user.uid)', ['user.groups', 'user.uid']],
  ])('%s', (expression, reads) => {
    const compilation = compileUser(expression);
    expect(compilation.ok && compilation.program.reads).toEqual(reads);
  });
});

describe('types that double with each level', () => {
  it('are refused', () => {
    const levels = 60;
    const expression = Array.from({ length: levels }, (_, index) => index).reduceRight(
      (inner, index) =>
        `[{${index === 0 ? '1: 1' : `x${index - 1}: x${index - 1}`}}].map(x${index}, ${inner})`,
      `x${levels - 1}`,
    );
    expect(errorOf(expression)).toBe('compilation failed: ERROR: <input>:-1:0: type is too large');
  });
  it('leave room for expressions as long as may be', () => {
    expect(errorOf(`[${'user.username + "a" == user.uid,'.repeat(3000)}]`)).toBe('loads as list(bool)');
  });
});
