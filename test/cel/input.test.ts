import { describe, expect, it } from 'vitest';
import { compileExpression } from '../../src/cel/compile.ts';
import { type Environment, environments } from '../../src/cel/environment.ts';
import type { CelInput } from '../../src/cel/frame.ts';
import { toClaimsInput, toRequestInput, toUserInput } from '../../src/cel/input.ts';
import { answer } from './evaluation.ts';

function answerIn(environment: Environment, input: CelInput): (expression: string) => unknown {
  return (expression) => {
    const compilation = compileExpression(expression, environment, 'any');
    if (!compilation.ok) return compilation.error;
    const evaluation = compilation.program.evaluate(input);
    return evaluation.kind === 'value' ? evaluation.value : evaluation.kind;
  };
}

describe('user', () => {
  it.each<[string, string, unknown]>([
    ['a select reads an escaped key', 'user.extra.example__dot__org__slash__role[0]', 'admin'],
    ['so does an index', 'user.extra["example__dot__org__slash__role"][1]', 'viewer'],
    ['and an optional index', 'user.extra[?"example__dot__org__slash__role"].hasValue()', true],
    ['`in` does not', '"example__dot__org__slash__role" in user.extra', false],
    ['a key is found as it is too', 'user.extra["example.org/role"][0]', 'admin'],
    ['a plain map unescapes nothing', '{"a__dot__b": 1}.a__dot__b', 1n],
    ['every field is bound', 'has(user.uid) && has(user.groups) && has(user.extra) && user.uid == ""', true],
    ['it is equal to itself', 'user == user', true],
    ['and to nothing else', 'dyn(user) == {}', 'error: no such overload'],
    ['it has no size', 'size(dyn(user))', 'error: no such overload: size'],
    ['iteration gives its values', 'dyn(user).exists(v, v == "alice")', true],
  ])('%s', (_, expression, value) => {
    expect(answer(expression)).toEqual(value);
  });

  it('keeps a key that holds no valid escape', () => {
    const input = toUserInput({ username: '', uid: '', groups: [], extra: new Map([['a__b__c', ['x']]]) });
    expect(answer('user.extra.a__b__c[0]', input)).toBe('x');
  });

  it.each(['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf', 'length', 'then'])(
    'has no field %s, and its extra no such key',
    (name) => {
      expect(compileExpression(`user.${name} == ""`, environments.user, 'bool').ok).toBe(false);
      expect(answer(`dyn(user).${name}`)).toBe(`error: no such key: ${name}`);
      expect(answer(`user.extra.${name}`)).toBe(`error: no such key: ${name}`);
      expect(answer(`has(user.extra.${name}) || "${name}" in user.extra`)).toBe(false);
      expect(answer(`dyn(user.groups).${name}`)).toBe("error: unsupported index type 'string' in list");
      expect(answer(`dyn("text").${name}`)).toBe(`error: no such key: ${name}`);
      expect(answer(`dyn(1u).${name}`)).toBe(`error: no such key: ${name}`);
    },
  );
});

describe('request', () => {
  const ask = answerIn(environments.request, toRequestInput({ remoteAddress: '10.1.2.3' }));
  it('has the peer’s address', () => {
    expect(ask('cidr("10.0.0.0/8").containsIP(request.remoteaddr)')).toBe(true);
  });
  it('is alone', () => {
    expect(ask('user.username == ""')).toMatch(/undeclared reference to 'user'/);
  });
});

describe('claims', () => {
  const ask = answerIn(
    environments.claims,
    toClaimsInput({
      sub: 'a',
      num: 1,
      list: [{ 'x.y': 'z' }],
      obj: { 'k.l': { 'm/n': true } },
      nul: null,
      __proto__: { polluted: 'yes' },
    }),
  );
  it.each<[string, string, unknown]>([
    ['numbers are doubles', 'claims.num == 1.0 && type(claims.num) == double', true],
    ['nested keys are unescaped', 'claims.obj.k__dot__l.m__slash__n', true],
    ['in lists too, where they are indexed', 'claims.list[0].x__dot__y', 'z'],
    ['iteration gives values', 'claims.exists(v, v == "a")', true],
    ['`in` is an error', '"sub" in claims', 'error'],
    ['a missing claim is an error', 'claims.nosuch == ""', 'error'],
    ['a missing claim is told by has', 'has(claims.nosuch)', false],
    ['null is null', 'claims.nul == null', true],
    ['nothing is inherited', 'has(claims.polluted) || has(claims.toString)', false],
  ])('%s', (_, expression, value) => {
    expect(ask(expression)).toEqual(value);
  });
  it('has no type that a comprehension could range over', () => {
    expect(ask('claims.list.all(x, true)')).toMatch(/expression of type 'any' cannot be range/);
  });
});
