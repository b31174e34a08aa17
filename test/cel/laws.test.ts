import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileExpression } from '../../src/cel/compile.ts';
import { declareEnvironment, userVariable } from '../../src/cel/environment.ts';
import { CelError } from '../../src/cel/error.ts';
import { COST_LIMIT, type CelInput } from '../../src/cel/frame.ts';
import { toUserInput } from '../../src/cel/input.ts';
import { fromJson } from '../../src/cel/input-value.ts';
import { DYN, INT, STRING } from '../../src/cel/type.ts';
import {
  type CelList,
  CelMap,
  Duration,
  ObjectValue,
  OpaqueValue,
  Optional,
  Timestamp,
  TypeValue,
  Uint,
} from '../../src/cel/value.ts';

const environment = declareEnvironment({
  user: userVariable,
  s: { kind: 'plain', type: STRING },
  i: { kind: 'plain', type: INT },
  d: { kind: 'plain', type: DYN },
});

/** Names that mean something in CEL, in JavaScript, or nothing at all. */
const names = fc.constantFrom(
  'user',
  's',
  'i',
  'd',
  'x',
  'y',
  'username',
  'groups',
  'extra',
  'constructor',
  '__proto__',
  'then',
  'a__dot__b',
);
const functions = fc.constantFrom(
  'size',
  'string',
  'int',
  'type',
  'dyn',
  'duration',
  'ip',
  'cidr',
  'quantity',
  'optional.of',
  'format.named',
  'lists.range',
);
const methods = fc.constantFrom(
  'size',
  'startsWith',
  'split',
  'join',
  'sort',
  'reverse',
  'flatten',
  'value',
  'hasValue',
  'orValue',
  'containsIP',
  'matches',
  'indexOf',
  'lowerAscii',
  'distinct',
  'first',
  'getHours',
  'format',
);
const macros = fc.constantFrom(
  'all',
  'exists',
  'exists_one',
  'map',
  'filter',
  'optMap',
  'optFlatMap',
  'sortBy',
  'transformList',
  'transformMap',
);
const operators = fc.constantFrom(
  '+',
  '-',
  '*',
  '/',
  '%',
  '==',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
  '&&',
  '||',
  'in',
);
const literals = fc.constantFrom(
  '0',
  '1',
  '-1',
  '9223372036854775807',
  '2u',
  '1.5',
  '0.0',
  '""',
  '"a"',
  '"😀"',
  'b"\\xff"',
  'true',
  'false',
  'null',
  '[]',
  '{}',
  '"10.0.0.0/8"',
  '"system:"',
  '"(a|b)*"',
  'duration("1h")',
  'timestamp("2024-01-01T00:00:00Z")',
  'optional.none()',
);

/** Expressions of many shapes; many do not load, and of those that do many fail. */
const expressions = fc.letrec<{ expr: string }>((tie) => {
  const expr = tie('expr');
  return {
    expr: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      literals,
      names,
      fc.tuple(expr, operators, expr).map(([a, operator, b]) => `(${a} ${operator} ${b})`),
      fc.tuple(expr, names).map(([a, name]) => `${a}.${name}`),
      fc.tuple(expr, names).map(([a, name]) => `${a}.?${name}`),
      fc.tuple(expr, expr).map(([a, b]) => `${a}[${b}]`),
      fc.tuple(expr, expr).map(([a, b]) => `${a}[?${b}]`),
      fc.tuple(expr, expr, expr).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
      fc.tuple(functions, expr).map(([name, a]) => `${name}(${a})`),
      fc
        .tuple(expr, methods, fc.array(expr, { maxLength: 2 }))
        .map(([a, name, args]) => `${a}.${name}(${args.join(', ')})`),
      fc.tuple(expr, macros, expr).map(([a, name, b]) => `${a}.${name}(x, ${b})`),
      fc.tuple(expr, macros, expr).map(([a, name, b]) => `${a}.${name}(x, y, ${b})`),
      fc.array(expr, { maxLength: 3 }).map((elements) => `[${elements.join(', ')}]`),
      fc
        .array(fc.tuple(expr, expr), { maxLength: 2 })
        .map((pairs) => `{${pairs.map((pair) => pair.join(': ')).join(', ')}}`),
      expr.map((a) => `dyn(${a})`),
      expr.map((a) => `!${a}`),
      expr.map((a) => `-${a}`),
      fc.tuple(expr, names).map(([a, name]) => `has(${a}.${name})`),
    ),
  };
}).expr;

const inputs: fc.Arbitrary<CelInput> = fc
  .record({
    username: fc.string({ unit: 'grapheme' }),
    groups: fc.array(fc.string(), { maxLength: 4 }),
    keys: fc.array(fc.constantFrom('a', 'constructor', '__proto__', 'a.b'), { maxLength: 3 }),
    json: fc.json(),
    i: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  })
  .map(({ username, groups, keys, json, i }) => {
    const extra = new Map(keys.map((key) => [key, groups]));
    return {
      ...toUserInput({ username, uid: '', groups, extra }),
      s: username,
      i,
      d: fromJson(JSON.parse(json)),
    };
  });

const LEAVES = [Uint, Uint8Array, Timestamp, Duration, TypeValue, OpaqueValue];

/** Whether it is a value of the language, through and through. */
function isValue(value: unknown): boolean {
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return true;
  if (typeof value === 'bigint') return value >= -(2n ** 63n) && value < 2n ** 63n;
  if (typeof value === 'string') return !/[\ud800-\udfff]/u.test(value);
  if (Array.isArray(value)) return (value as CelList).every(isValue);
  if (value instanceof CelMap)
    return [...value.pairs()].every(([key, element]) => isValue(key) && isValue(element));
  if (value instanceof Optional) return value.value === undefined || isValue(value.value);
  if (value instanceof ObjectValue) return value.values().every(isValue);
  return !(value instanceof CelError) && LEAVES.some((type) => value instanceof type);
}

describe('whatever the expression and the input', () => {
  it('a text loads or is refused with a reason, and nothing is thrown', () => {
    const pieces = fc.array(fc.oneof(expressions, operators, fc.string({ unit: 'binary' })), {
      maxLength: 4,
    });
    fc.assert(
      fc.property(pieces, (parts) => {
        const compilation = compileExpression(parts.join(' '), environment, 'any');
        expect(compilation.ok || compilation.error !== '').toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('an evaluation gives a value of the language, an error or the cost limit, and costs no more than that', () => {
    let evaluated = 0;
    fc.assert(
      fc.property(expressions, inputs, (expression, input) => {
        const compilation = compileExpression(expression, environment, 'any');
        if (!compilation.ok) return;
        evaluated++;
        const evaluation = compilation.program.evaluate(input);
        if (evaluation.kind === 'value') expect(isValue(evaluation.value)).toBe(true);
        expect(evaluation.kind).not.toBe('fault');
        if (evaluation.kind !== 'cost-limit') expect(evaluation.cost).toBeLessThanOrEqual(COST_LIMIT);
      }),
      { numRuns: 5000 },
    );
    expect(evaluated).toBeGreaterThan(500);
  });

  it('the same evaluation gives the same answer at the same cost', () => {
    fc.assert(
      fc.property(expressions, inputs, (expression, input) => {
        const compilation = compileExpression(expression, environment, 'any');
        if (!compilation.ok) return;
        const [first, second] = [compilation.program.evaluate(input), compilation.program.evaluate(input)];
        expect(second).toEqual(first);
      }),
      { numRuns: 1000 },
    );
  });

  it('a rule gives true or false, and never what merely looks like it', () => {
    const values = new Set<unknown>();
    fc.assert(
      fc.property(expressions, inputs, (expression, input) => {
        const compilation = compileExpression(expression, environment, 'bool');
        const evaluation = compilation.ok ? compilation.program.evaluate(input) : undefined;
        if (evaluation?.kind !== 'value') return;
        expect(typeof evaluation.value).toBe('boolean');
        values.add(evaluation.value);
      }),
      { numRuns: 2000 },
    );
    expect(values).toEqual(new Set([true, false]));
  });
});
