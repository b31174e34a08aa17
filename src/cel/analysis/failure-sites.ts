import { CelError } from '../error.ts';
import { type Call, childrenOf, type Comprehension, type Expr, type Select } from '../syntax/expr.ts';
import { isDyn, type Type } from '../type.ts';
import { MAX_PATTERN_SAMPLES, samplesOf } from './conversion-samples.ts';
import { BOUND_FACTS, isNeverEmpty } from './bound-facts.ts';
import type { ExaminedExpression } from './examined-expression.ts';
import { callKey } from './expression-keys.ts';
import {
  both,
  type Facts,
  factsWhen,
  factsWithin,
  hasElements,
  hasValue,
  matching,
  nonZero,
} from './guard-facts.ts';
import { boundsOf, fits } from './int-bounds.ts';
import { type FailureKind, PARTIAL_FUNCTIONS, TAKES_ANYTHING } from './partial-functions.ts';

/** A part of an expression that can fail while the whole is evaluated, and that nothing around it absorbs. */
export interface FailureSite {
  readonly expr: Expr;
  readonly kind: FailureKind;
}

/**
 * The parts of an expression that can fail, as far as guards around them do not keep them from it. Where none is found the
 * expression cannot fail on any input that the variables of its environment are bound to.
 */
export function findFailureSites(examined: ExaminedExpression): readonly FailureSite[] {
  return new FailureSearch(examined).search(examined.root, BOUND_FACTS);
}

type Sites = readonly FailureSite[];

class FailureSearch {
  readonly #examined: ExaminedExpression;

  constructor(examined: ExaminedExpression) {
    this.#examined = examined;
  }

  search(expr: Expr, facts: Facts): Sites {
    const constant = this.#examined.constantOf(expr);
    if (constant !== undefined && !(constant instanceof CelError)) return [];
    switch (expr.kind) {
      case 'literal':
      case 'ident':
        return [];
      case 'select':
        return this.#select(expr, facts);
      case 'call':
        return this.#call(expr, facts);
      case 'comprehension':
        return this.#comprehension(expr, facts);
      case 'list':
      case 'map':
      case 'struct':
        return this.#all(childrenOf(expr), facts);
    }
  }

  #all(parts: readonly Expr[], facts: Facts): Sites {
    return parts.flatMap((part) => this.search(part, facts));
  }

  #select(expr: Select, facts: Facts): Sites {
    if (this.#examined.variableOf(expr) !== undefined) return [];
    const inner = this.search(expr.operand, facts);
    const operand = this.#examined.typeOf(expr.operand);
    // Every field of an object is bound, and what a test or an optional does not find is no failure.
    const isSafe = expr.isTest || !(operand.kind === 'map' || isDyn(operand));
    return isSafe || inner.length > 0 ? inner : this.#unless(expr, facts, 'missing-key');
  }

  #call(expr: Call, facts: Facts): Sites {
    switch (expr.name) {
      case '_&&_':
        return this.#joined(expr, { facts, neutral: true });
      case '_||_':
        return this.#joined(expr, { facts, neutral: false });
      case '_?_:_':
        return this.#conditional(expr, facts);
      case '@not_strictly_false':
        return [];
      default: {
        const args = this.#examined.argumentsOf(expr);
        const inner = this.#all(args, facts);
        return inner.length > 0 ? inner : this.#own(expr, args, facts);
      }
    }
  }

  /**
   * A side's failure is absorbed where the other side decides. So each is looked at as if the other had come out neutral, the
   * left one only if the right one cannot fail by itself: two failures absorb nothing.
   */
  #joined({ args }: Call, { facts, neutral }: { readonly facts: Facts; readonly neutral: boolean }): Sites {
    const [left, right] = args as [Expr, Expr];
    const onRight = this.search(right, both(facts, factsWhen(this.#examined, left, neutral)));
    // Nested conditions would be gone through twice at each level; with more facts nothing fails that does not with fewer.
    if (this.search(left, facts).length === 0) return onRight;
    const isRightSafe = this.search(right, facts).length === 0;
    const around = isRightSafe ? both(facts, factsWhen(this.#examined, right, neutral)) : facts;
    return [...this.search(left, around), ...onRight];
  }

  #conditional({ args }: Call, facts: Facts): Sites {
    const [condition, accepted, refused] = args as [Expr, Expr, Expr];
    const within = (branch: Expr, outcome: boolean): Sites =>
      this.#examined.constantOf(condition) === !outcome
        ? []
        : this.search(branch, both(facts, factsWhen(this.#examined, condition, outcome)));
    return [...this.search(condition, facts), ...within(accepted, true), ...within(refused, false)];
  }

  #comprehension(expr: Comprehension, facts: Facts): Sites {
    const { range, initial, step, result } = expr;
    const type = this.#examined.typeOf(range);
    const found = this.search(range, facts);
    if (found.length > 0) return found;
    if (isDyn(type)) return this.#unless(range, facts, 'unknown-type');
    const isSkipped = this.#examined.constantOf(expr.condition) === false;
    const loop = isSkipped ? [] : this.search(step, both(facts, factsWithin(this.#examined, expr)));
    return [...this.search(initial, facts), ...loop, ...this.search(result, facts)];
  }

  #own(expr: Call, args: readonly Expr[], facts: Facts): Sites {
    const name = this.#examined.nameOf(expr);
    if (name === '_[_]') return this.#index(expr, facts);
    if (name === '_?._' || name === '_[?_]') {
      return isDyn(this.#examined.typeOf(args[0] as Expr)) ? this.#unless(expr, facts, 'unknown-type') : [];
    }
    const isUnknown = args.some((arg) => isDyn(this.#examined.typeOf(arg)));
    if (isUnknown && !TAKES_ANYTHING.has(name)) return this.#unless(expr, facts, 'unknown-type');
    const overloads = this.#examined.checked.calls.get(expr)?.overloads ?? [];
    const kind = overloads.map(({ id }) => PARTIAL_FUNCTIONS.get(id)).find((found) => found !== undefined);
    if (kind === undefined || this.#isHarmless(expr, args, { kind, facts })) return [];
    return this.#unless(expr, facts, kind);
  }

  #index(expr: Call, facts: Facts): Sites {
    const operand: Type = this.#examined.typeOf(expr.args[0] as Expr);
    // What an index does not find of an optional is none.
    if (operand.kind === 'opaque') return [];
    if (operand.kind !== 'list') return this.#unless(expr, facts, 'missing-key');
    return this.#isWithin(expr, expr.args, facts) ? [] : this.#unless(expr, facts, 'out-of-range');
  }

  /** Whether every position that is asked for is one that the list or the text has, whatever it is. */
  #isWithin(expr: Call, [sequence, ...rest]: readonly Expr[], facts: Facts): boolean {
    const key = this.#examined.keyOf(sequence as Expr);
    const has = (count: number): boolean =>
      count === 0 ||
      facts.has(hasElements(key, count)) ||
      (count === 1 && isNeverEmpty(this.#examined, sequence as Expr));
    if (rest.length === 1 && this.#examined.keyOf(rest[0] as Expr) === lastIndexKey(key)) return has(1);
    const positions = rest.filter((arg) => this.#examined.typeOf(arg).kind === 'int');
    let previous = 0n;
    for (const position of positions.map((arg) => this.#examined.constantOf(arg))) {
      if (typeof position !== 'bigint' || position < previous) return false;
      previous = position;
    }
    // An element is at a position; the others are between two.
    return has(Number(previous) + (expr.name === '_[_]' || expr.name === 'charAt' ? 1 : 0));
  }

  #unless(expr: Expr, facts: Facts, kind: FailureKind): Sites {
    return facts.has(hasValue(this.#examined.keyOf(expr))) ? [] : [{ expr, kind }];
  }

  /** Whether the arguments are such that the function has a value for them. */
  #isHarmless(
    expr: Call,
    args: readonly Expr[],
    { kind, facts }: { readonly kind: FailureKind; readonly facts: Facts },
  ): boolean {
    const last = args.at(-1) as Expr;
    switch (kind) {
      case 'division-by-zero': {
        const divisor = this.#examined.constantOf(last);
        return isNonZero(divisor) || facts.has(nonZero(this.#examined.keyOf(last)));
      }
      case 'overflow':
        return this.#examined.typeOf(expr).kind === 'int' && fits(boundsOf(this.#examined, expr));
      case 'conversion':
        return this.#isConvertible(expr, last, facts);
      case 'invalid-argument':
        // What depends on the arguments that are constants was found out when the expression was compiled.
        return args.slice(1).every((arg) => this.#examined.constantOf(arg) !== undefined) && args.length > 1;
      case 'empty-list':
        return (
          facts.has(hasElements(this.#examined.keyOf(args[0] as Expr), 1)) ||
          isNeverEmpty(this.#examined, args[0] as Expr)
        );
      case 'out-of-range':
        return this.#isWithin(expr, args, facts);
      case 'missing-key':
      case 'no-value':
      case 'unknown-type':
        return false;
    }
  }

  /** A text that was tested, by a function for it or by a regular expression that lets nothing through that fails. */
  #isConvertible(expr: Call, argument: Expr, facts: Facts): boolean {
    const key = this.#examined.keyOf(argument);
    if (expr.name === 'containsIP') return facts.has(hasValue(callKey('ip', [key])));
    if (expr.name === 'containsCIDR') return facts.has(hasValue(callKey('cidr', [key])));
    if (expr.name === 'isCanonical') return facts.has(hasValue(callKey('ip', [key])));
    const prefix = matching(key, '');
    const patterns = [...facts]
      .filter((fact) => fact.startsWith(prefix))
      .map((fact) => fact.slice(prefix.length));
    if (patterns.length === 0 || this.#examined.typeOf(argument).kind !== 'string') return false;
    return samplesOf(expr.name, patterns, MAX_PATTERN_SAMPLES).length === 0;
  }
}

/** The key of `x[size(x) - 1]`'s index. */
function lastIndexKey(key: string): string {
  return callKey('_-_', [callKey('size', [key]), '1']);
}

function isNonZero(value: unknown): boolean {
  if (typeof value === 'bigint') return value !== 0n;
  return typeof value === 'object' && value !== null && 'value' in value && value.value !== 0n;
}
