import { CelError } from '../error.ts';
import { compare } from '../equality.ts';
import type { Call, Comprehension, Expr } from '../syntax/expr.ts';
import type { CelResult } from '../value.ts';
import type { ExaminedExpression } from './examined-expression.ts';
import { callKey, indexKey } from './expression-keys.ts';

/**
 * What is known where a part of an expression is evaluated: `has <key>` that this part has a value and is no error, `least <n>
 * <key>` that it has at least so many elements, `nonzero <key>`, and `matches <key> <pattern>`.
 */
export type Facts = ReadonlySet<string>;

export const NO_FACTS: Facts = new Set();

/** That a part evaluates to a value. */
export function hasValue(key: string): string {
  return `has ${key}`;
}

/** That a list, a map or a text has at least so many elements, from 1 on. */
export function hasElements(key: string, count: number): string {
  return `least ${count} ${key}`;
}

/** That a number is not 0. */
export function nonZero(key: string): string {
  return `nonzero ${key}`;
}

/** That a text matches a regular expression. */
export function matching(key: string, pattern: string): string {
  return `matches ${key} ${pattern}`;
}

/** Everything that both know. */
export function both(a: Facts, b: Facts): Facts {
  return new Set([...a, ...b]);
}

function either(a: Facts, b: Facts): Facts {
  return new Set([...a].filter((fact) => b.has(fact)));
}

/** More elements than this are not kept apart. */
const MAX_ELEMENTS = 64;

/** A test that a text can be converted, by the conversion. */
const CONVERSION_TESTS: ReadonlyMap<string, string> = new Map([
  ['isIP', 'ip'],
  ['isCIDR', 'cidr'],
  ['isURL', 'url'],
  ['isQuantity', 'quantity'],
  ['isSemver', 'semver'],
  ['isInteger', 'asInteger'],
]);

const RELATIONS: Readonly<Record<string, (order: number) => boolean>> = {
  '_==_': (order) => order === 0,
  '_!=_': (order) => order !== 0,
  '_<_': (order) => order < 0,
  '_<=_': (order) => order <= 0,
  '_>_': (order) => order > 0,
  '_>=_': (order) => order >= 0,
};

const MIRRORED: Readonly<Record<string, string>> = {
  '_<_': '_>_',
  '_<=_': '_>=_',
  '_>_': '_<_',
  '_>=_': '_<=_',
};

/** What must be so where a condition came out as it did: its guards hold, and what it evaluated did not fail. */
export function factsWhen(examined: ExaminedExpression, condition: Expr, outcome: boolean): Facts {
  return new FactFinder(examined).when(condition, outcome);
}

/** What must be so while a comprehension goes through what it goes through: that is not empty, and has what is looked at. */
export function factsWithin(examined: ExaminedExpression, expr: Comprehension): Facts {
  const range = examined.keyOf(expr.range);
  const sized = new FactFinder(examined).sized(range, 1);
  const isKey = examined.typeOf(expr.range).kind === 'map' || expr.secondVariable !== undefined;
  return isKey ? both(sized, new Set([hasValue(indexKey(range, examined.variableKeyOf(expr)))])) : sized;
}

class FactFinder {
  readonly #examined: ExaminedExpression;

  constructor(examined: ExaminedExpression) {
    this.#examined = examined;
  }

  when(expr: Expr, outcome: boolean): Facts {
    if (expr.kind === 'comprehension') return this.#whenFolded(expr, outcome);
    if (expr.kind === 'select' && expr.isTest) return this.#whenPresent(expr.operand, expr.field, outcome);
    if (expr.kind !== 'call') return this.after(expr);
    const [first, second, third] = expr.args as [Expr, Expr, Expr];
    switch (expr.name) {
      case '!_':
        return this.when(first, !outcome);
      case '_&&_':
        return this.#whenJoined(expr, { outcome, isEvery: outcome });
      case '_||_':
        return this.#whenJoined(expr, { outcome, isEvery: !outcome });
      case '_?_:_': {
        const accepted = both(this.when(first, true), this.when(second, outcome));
        const refused = both(this.when(first, false), this.when(third, outcome));
        if (this.#examined.constantOf(third) === !outcome) return accepted;
        if (this.#examined.constantOf(second) === !outcome) return refused;
        return either(accepted, refused);
      }
      default:
        return both(this.after(expr), this.#guarded(expr, outcome));
    }
  }

  /** The part itself, and all that had to be evaluated for it, have values. */
  after(expr: Expr): Facts {
    const facts = new Set([hasValue(this.#examined.keyOf(expr))]);
    for (const part of strictParts(this.#examined, expr))
      for (const fact of this.after(part)) facts.add(fact);
    return facts;
  }

  sized(key: string, least: number): Facts {
    if (least < 1) return NO_FACTS;
    const counts = Array.from({ length: Math.min(least, MAX_ELEMENTS) }, (_, index) => index + 1);
    return new Set([...counts.map((count) => hasElements(key, count)), nonZero(callKey('size', [key]))]);
  }

  #whenJoined(
    { args }: Call,
    { outcome, isEvery }: { readonly outcome: boolean; readonly isEvery: boolean },
  ): Facts {
    const [left, right] = args.map((arg) => this.when(arg, outcome)) as [Facts, Facts];
    return isEvery ? both(left, right) : either(left, right);
  }

  #whenPresent(operand: Expr, field: string, outcome: boolean): Facts {
    const facts = this.after(operand);
    if (!outcome) return facts;
    return both(facts, new Set([hasValue(indexKey(this.#examined.keyOf(operand), JSON.stringify(field)))]));
  }

  /** `exists` is true, and `all` false, of something that has elements. */
  #whenFolded({ range, initial }: Comprehension, outcome: boolean): Facts {
    const facts = this.after(range);
    const start = this.#examined.constantOf(initial);
    const isDecided = typeof start === 'boolean' ? start !== outcome : start === 0n && outcome;
    return isDecided ? both(facts, this.sized(this.#examined.keyOf(range), 1)) : facts;
  }

  #guarded(expr: Call, outcome: boolean): Facts {
    const args = this.#examined.argumentsOf(expr);
    const [first, second] = args as [Expr, Expr];
    const key = (part: Expr): string => this.#examined.keyOf(part);
    if (RELATIONS[expr.name] !== undefined) return this.#compared(expr, outcome);
    if (!outcome) return NO_FACTS;
    if (expr.name === '@in') {
      return both(this.sized(key(second), 1), new Set([hasValue(indexKey(key(second), key(first)))]));
    }
    if (expr.name === 'hasValue') return new Set([hasValue(callKey('value', [key(first)]))]);
    const conversion = CONVERSION_TESTS.get(expr.name);
    if (conversion !== undefined) return new Set([hasValue(callKey(conversion, args.map(key)))]);
    if (expr.name !== 'matches') return NO_FACTS;
    const pattern = this.#examined.constantOf(second);
    return typeof pattern === 'string' ? new Set([matching(key(first), pattern)]) : NO_FACTS;
  }

  /** `size(x) > 0`, `x != []`, `x != 0` and the like, either way round. */
  #compared({ name, args }: Call, outcome: boolean): Facts {
    const [left, right] = args as [Expr, Expr];
    const ofRight = this.#examined.constantOf(right);
    if (ofRight !== undefined) return this.#comparedTo(left, { relation: name, value: ofRight, outcome });
    const ofLeft = this.#examined.constantOf(left);
    if (ofLeft === undefined) return NO_FACTS;
    return this.#comparedTo(right, { relation: MIRRORED[name] ?? name, value: ofLeft, outcome });
  }

  #comparedTo(expr: Expr, { relation, value, outcome }: Comparison): Facts {
    const holds = (candidate: bigint): boolean => {
      const order = value instanceof CelError ? 0 : compare(candidate, value);
      return order instanceof CelError || RELATIONS[relation]?.(order) === outcome;
    };
    if (typeof value === 'bigint') {
      const size = sizeOperand(expr);
      if (size !== undefined) return this.sized(this.#examined.keyOf(size), leastOf(holds));
      return holds(0n) ? NO_FACTS : new Set([nonZero(this.#examined.keyOf(expr))]);
    }
    const isEmpty = value === '' || (Array.isArray(value) && value.length === 0);
    const isUnequal = relation === '_!=_' ? outcome : relation === '_==_' && !outcome;
    return isEmpty && isUnequal ? this.sized(this.#examined.keyOf(expr), 1) : NO_FACTS;
  }
}

/** A relation to a known value, and whether it held. */
interface Comparison {
  readonly relation: string;
  readonly value: CelResult;
  readonly outcome: boolean;
}

/** The least number of elements for which a comparison comes out as it did. */
function leastOf(holds: (size: bigint) => boolean): number {
  let least = 0;
  while (least <= MAX_ELEMENTS && !holds(BigInt(least))) least += 1;
  return least;
}

/** What `size(x)` and `x.size()` are the size of. */
function sizeOperand(expr: Expr): Expr | undefined {
  return expr.kind === 'call' && expr.name === 'size' ? (expr.target ?? expr.args[0]) : undefined;
}

/** The parts without whose values a part has none itself. */
function strictParts(examined: ExaminedExpression, expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'literal':
    case 'ident':
      return [];
    case 'select':
      return [expr.operand];
    case 'comprehension':
      return [expr.range];
    case 'list':
      return expr.elements;
    case 'map':
      return expr.entries.flatMap(({ key, value }) => [key, value]);
    case 'struct':
      return expr.fields.map(({ value }) => value);
    case 'call':
      return strictArguments(expr.name, examined.argumentsOf(expr));
  }
}

function strictArguments(name: string, args: readonly Expr[]): readonly Expr[] {
  if (name === '_&&_' || name === '_||_' || name === '@not_strictly_false') return [];
  // The last three look at more than their first argument only where that says so.
  return ['_?_:_', '_?._', 'or', 'orValue'].includes(name) ? args.slice(0, 1) : args;
}
