import { describe, expect, it } from 'vitest';
import { CelMap, Optional, Uint } from '../../src/cel/value.ts';
import { answer, evaluate } from './evaluation.ts';

describe('logic', () => {
  it.each<[string, string, unknown]>([
    ['true decides an or whose other side fails', '1/0 == 1 || true', true],
    ['false decides an and whose other side fails', '1/0 == 1 && false', false],
    ['the left error wins where both sides fail', '1/0 == 1 || [][0] == 1', 'error: division by zero'],
    ['what is no bool is an error', 'dyn(1) && true', 'error: no such overload'],
    ['exists absorbs errors where one element decides', '[0, 1].exists(x, 1/x == 1)', true],
    ['all absorbs errors where one element decides', '[0, 1].all(x, 1/x == 2)', false],
    ['all fails where nothing decides', '[0, 1].all(x, 1/x == 1)', 'error: division by zero'],
    ['exists_one absorbs nothing', '[0, 1].exists_one(x, 1/x == 1)', 'error: division by zero'],
    [
      'where cel-go’s code panics, nothing absorbs that',
      '[1].sortBy(x, 1/0) == [] || true',
      'error: internal error: interface conversion: *types.Err is not traits.Lister: missing method Add',
    ],
    [
      'nor over bytes as a key',
      'true && (dyn(b"a") in {"a": 1} || true)',
      'error: internal error: runtime error: hash of unhashable type types.Bytes',
    ],
    ['a condition evaluates one side', 'true ? 1 : 1/0', 1n],
  ])('%s', (_, expression, value) => {
    expect(answer(expression)).toEqual(value);
  });
});

describe('numbers', () => {
  it.each<[string, string, unknown]>([
    ['overflow is an error', '9223372036854775807 + 1', 'error: integer overflow'],
    ['so is negating the least', '-(-9223372036854775807 - 1)', 'error: integer overflow'],
    ['and dividing it by -1', '(-9223372036854775807 - 1) / -1', 'error: integer overflow'],
    ['uints do not go below 0', '1u - 2u', 'error: unsigned integer overflow'],
    ['division goes towards zero', '-7 / 2', -3n],
    ['and the rest has the dividend’s sign', '-7 % 2', -1n],
    ['equality crosses types', 'dyn(1) == 1.0 && dyn(1u) == 1 && dyn(1u) in [1]', true],
    ['order crosses types', '1 < 1.5 && 2u > 1', true],
    ['integers meet doubles rounded', 'dyn(9007199254740993) == 9007199254740992.0', true],
    [
      'a duration can be negated where its type is not known',
      '-dyn(duration("1s")) == duration("-1s")',
      true,
    ],
    ['NaN is unequal to itself', '0.0 / 0.0 == 0.0 / 0.0', false],
    ['and has no order', '0.0 / 0.0 < 1.0', 'error: NaN values cannot be ordered'],
  ])('%s', (_, expression, value) => {
    expect(answer(expression)).toEqual(value);
  });
});

describe('strings', () => {
  it.each<[string, string, unknown]>([
    ['are measured by code point', 'size("a😀é")', 3n],
    ['are ordered by code point', String.raw`"\uffff" < "\U00010000"`, true],
    ['are not ordered by UTF-16 unit', String.raw`"\U00010000" < "\uffff"`, false],
  ])('%s', (_, expression, value) => {
    expect(answer(expression)).toEqual(value);
  });
});

describe('maps', () => {
  it.each<[string, string, unknown]>([
    ['have names of JavaScript’s own as keys', '{"constructor": 1, "__proto__": 2}["__proto__"]', 2n],
    ['do not have those names otherwise', '"constructor" in {"a": 1} || "toString" in user.extra', false],
    ['find a key across number types', '{1: "a"}[dyn(1.0)] + {1u: "b"}[dyn(1)]', 'ab'],
    ['keep the later of two equal keys', '{1: 1, 1: 2}', CelMap.of([[1n, 2n]])],
    ['say which key is missing', '{"a": 1}["b"]', 'error: no such key: b'],
    ['give keys to one variable', '{"a": 1}.map(k, k)', ['a']],
    ['give keys and values to two', '{"a": 1}.transformList(k, v, k)', ['a']],
    ['hold null', '{true: null}[true]', null],
    ['leave out what an empty optional gives', '{?"a": optional.none(), "b": 1}.size()', 1n],
  ])('%s', (_, expression, value) => {
    expect(answer(expression)).toEqual(value);
  });
});

describe('lists', () => {
  it.each<[string, string, unknown]>([
    ['say which index is missing', '[1][2]', 'error: index out of bounds: 2'],
    ['take whole numbers of every type', '[1, 2][dyn(1u)] + [1, 2][dyn(0.0)]', 3n],
    ['take no others', '[1][dyn(0.5)]', 'error: unsupported index value 0.5 in list'],
    [
      'take no number beyond an int, even where it may be missing',
      '[1][?dyn(1e300)].hasValue()',
      'error: unsupported index value 1e+300 in list',
    ],
    ['are equal by their elements', 'dyn([1, 2]) == [1.0, 2.0]', true],
    ['are filtered and mapped', '[1, 2, 3].filter(x, x > 1).map(x, x > 2, x * 2)', [6n]],
    ['give index and element to two variables', '["a"].transformMap(i, x, x + "b")', CelMap.of([[0n, 'ab']])],
    [
      'refuse a key twice',
      '["a", "a"].transformMapEntry(i, x, {x: i})',
      'error: insert failed: key a already exists',
    ],
    ['are sorted by a key', '["bb", "a"].sortBy(x, size(x))', ['a', 'bb']],
  ])('%s', (_, expression, value) => {
    expect(answer(expression)).toEqual(value);
  });
});

describe('comprehensions', () => {
  it.each<[string, string, unknown]>([
    ['shadow the variables outside', '[1].map(x, [2].map(x, x))', [[2n]]],
    ['see them', '[1].map(x, [2].map(y, x + y))', [[3n]]],
    ['make a new list each time', '[1, 2].map(x, [3].map(y, y))', [[3n], [3n]]],
    ['are over maps, lists and what may be either', 'dyn({"a": 1}).all(k, k == "a")', true],
    ['are over nothing else', 'dyn(5).all(x, true)', "error: got 'types.Int', expected iterable type"],
  ])('%s', (_, expression, value) => {
    expect(answer(expression)).toEqual(value);
  });
  it('evaluates a target once where a macro names it twice, and again for each use', () => {
    const chained = `optional.of(1)${'.optMap(x, x + 1)'.repeat(12)}`;
    expect(answer(chained)).toEqual(new Optional(13n));
  });
});

describe('optionals', () => {
  it.each<[string, string, unknown]>([
    ['none where a part is missing', '{"a": {}}.?a.?b.hasValue()', false],
    ['all that follows is optional', '{"a": {"b": 1}}.?a.b', new Optional(1n)],
    ['a default where there is none', 'user.extra[?"nosuch"][0].orValue("x")', 'x'],
    ['or', 'optional.none().or(optional.of(1)).value()', 1n],
    ['the value of none', 'optional.none().value()', 'error: optional.none() dereference'],
    ['zero values', 'optional.ofNonZeroValue(0).hasValue() || optional.ofNonZeroValue([]).hasValue()', false],
    ['a list from outside is no zero value', 'optional.ofNonZeroValue(user.extra["empty"]).hasValue()', true],
    [
      'are equal by their values',
      'optional.of(1) == optional.of(1) && optional.none() != optional.of(1)',
      true,
    ],
  ])('%s', (_, expression, value) => {
    expect(answer(expression)).toEqual(value);
  });
});

describe('messages that cel-go always knows', () => {
  it.each<[string, unknown]>([
    ['google.protobuf.Int32Value{value: 1}', 1n],
    ['google.protobuf.UInt64Value{}', new Uint(0n)],
    ['google.protobuf.Int32Value{value: 2147483648}', 'error: integer overflow'],
    ['google.protobuf.Value{number_value: 1.5}', 1.5],
    ['google.protobuf.Value{}', null],
    ['google.protobuf.Struct{fields: {"a": 1}} == dyn({"a": 1.0})', true],
    ['google.protobuf.Timestamp{seconds: 1} == timestamp("1970-01-01T00:00:01Z")', true],
    ['google.protobuf.Duration{seconds: 1, nanos: 1} > duration("1s")', true],
    ['kubernetes.UserInfo{username: "a"}', "error: unknown type 'kubernetes.UserInfo'"],
  ])('%s', (expression, value) => {
    expect(answer(expression)).toEqual(value);
  });
});

describe('the cost is kube-apiserver’s', () => {
  it.each<[string, number]>([
    ['1 + 1', 1],
    ['user.username.startsWith("system:")', 3],
    ['has(user.username)', 1],
    ['has((true ? user : user).username)', 0],
    ['user.groups[0]', 3],
    ['user.extra["foo"][0] == "bar"', 5],
    ['[user.username]', 12],
    ['{"a": user.username}', 32],
    ['["a", "b"]', 0],
    ['user.username in ["a", "b"]', 2],
    ['user.username in user.groups', 6],
    ['[1, 2].exists(x, x == 2)', 13],
    ['[1].map(x, x)', 14],
    ['[1].map(x, 1)', 3],
    ['{}["a"]', 2],
    ['user.extra["nosuch"][0] == "a"', 4],
    ['"abc".matches("a+")', 1],
    ['optional.of(5).optMap(x, x + 1)', 7],
    ['int("1")', 0],
    ['true ? user.username : ""', 1],
  ])('%s costs %i', (expression, cost) => {
    expect(evaluate(expression).cost).toBe(cost);
  });
});
