import { CelError } from '../error.ts';
import { ACCUMULATOR, type Call, type Comprehension, type Expr } from '../syntax/expr.ts';
import type { CelValue } from '../value.ts';
import { canonicalValue } from './canonical-value.ts';
import type { ExaminedExpression } from './examined-expression.ts';
import { callKey } from './expression-keys.ts';
import {
  about,
  and,
  atomsOf,
  constant,
  type Formula,
  not,
  opaque,
  or,
  type Predicate,
  valueOf,
} from './formula.ts';
import { boundsOf } from './int-bounds.ts';
import { truthOf } from './truth.ts';

/** A list of more elements is one condition, not one for each. */
const MAX_ELEMENTS = 6;

/** A predicate of more atoms is not brought into one form. */
const MAX_PREDICATE_ATOMS = 6;

const TEXT_TESTS: Readonly<Record<string, (Predicate & { readonly value: string })['kind']>> = {
  startsWith: 'prefix',
  endsWith: 'suffix',
  contains: 'part',
  matches: 'pattern',
};

/** A condition as a formula, so written that conditions of one meaning have the same atoms as far as can be. */
export function formulaOf(examined: ExaminedExpression): Formula {
  return new FormulaWriter(examined).write(examined.root);
}

class FormulaWriter {
  readonly #examined: ExaminedExpression;

  constructor(examined: ExaminedExpression) {
    this.#examined = examined;
  }

  write(expr: Expr): Formula {
    const value = this.#examined.constantOf(expr);
    if (typeof value === 'boolean') return constant(value);
    if (expr.kind === 'comprehension') return this.#comprehension(expr);
    // Every field of an object is bound.
    if (expr.kind === 'select' && expr.isTest && this.#examined.typeOf(expr.operand).kind === 'object') {
      return constant(true);
    }
    return expr.kind === 'call' ? this.#call(expr) : opaque(this.#examined.keyOf(expr));
  }

  #call(expr: Call): Formula {
    const [first, second, third] = this.#examined.argumentsOf(expr) as [Expr, Expr, Expr];
    switch (expr.name) {
      case '!_':
        return not(this.write(first));
      case '_&&_':
        return and(this.write(first), this.write(second));
      case '_||_':
        return or(this.write(first), this.write(second));
      case '_?_:_': {
        const condition = this.write(first);
        return or(and(condition, this.write(second)), and(not(condition), this.write(third)));
      }
      case '_==_':
        return this.#equality(first, second);
      case '_!=_':
        return not(this.#equality(first, second));
      case '_<_':
        return this.#order(first, second);
      case '_>_':
        return this.#order(second, first);
      case '_>=_':
        return this.#notOrder(expr, first, second);
      case '_<=_':
        return this.#notOrder(expr, second, first);
      case '@in':
        return this.#membership(expr, first, second);
      default:
        return this.#test(expr, first, second);
    }
  }

  #key(expr: Expr): string {
    return this.#examined.keyOf(expr);
  }

  #equality(left: Expr, right: Expr): Formula {
    if (this.#key(left) === this.#key(right) && !this.#isDouble(left)) return constant(true);
    const known = this.#constant(right) ?? this.#constant(left);
    const term = this.#constant(right) === undefined ? right : left;
    if (known === undefined) return opaque(callKey('_==_', [this.#key(left), this.#key(right)].sort()));
    const isEmpty = known === '' || (Array.isArray(known) && known.length === 0);
    if (isEmpty) return equals(callKey('size', [this.#key(term)]), 0n);
    return this.#decided(term, known) ?? equals(this.#key(term), known);
  }

  /** A size is no negative number. */
  #decided(term: Expr, known: CelValue): Formula | undefined {
    if (typeof known !== 'bigint' || this.#examined.typeOf(term).kind !== 'int') return undefined;
    const { least, most } = boundsOf(this.#examined, term);
    return known < least || known > most ? constant(false) : undefined;
  }

  #order(low: Expr, high: Expr): Formula {
    if (this.#key(low) === this.#key(high)) return constant(false);
    if (this.#examined.typeOf(low).kind === 'int' && this.#examined.typeOf(high).kind === 'int') {
      const [a, b] = [boundsOf(this.#examined, low), boundsOf(this.#examined, high)];
      if (a.most < b.least) return constant(true);
      if (a.least >= b.most) return constant(false);
    }
    const above = this.#constant(low);
    if (above !== undefined) return ordered(this.#key(high), 'above', above);
    const below = this.#constant(high);
    if (below !== undefined) return ordered(this.#key(low), 'below', below);
    return opaque(callKey('_<_', [this.#key(low), this.#key(high)]));
  }

  /** NaN is neither below a number nor not. */
  #notOrder(expr: Call, low: Expr, high: Expr): Formula {
    const isTotal = !this.#isDouble(low) && !this.#isDouble(high);
    return isTotal ? not(this.#order(low, high)) : opaque(this.#key(expr));
  }

  #membership(expr: Call, element: Expr, range: Expr): Formula {
    const list = this.#constant(range);
    if (!Array.isArray(list) || list.length > MAX_ELEMENTS || this.#isDouble(element))
      return opaque(this.#key(expr));
    const term = this.#key(element);
    return (list as readonly CelValue[]).reduce<Formula>(
      (sum, value) => or(sum, equals(term, value)),
      constant(false),
    );
  }

  #test(expr: Call, subject: Expr | undefined, argument: Expr | undefined): Formula {
    const kind = TEXT_TESTS[expr.name];
    const text = argument === undefined ? undefined : this.#constant(argument);
    if (kind === undefined || subject === undefined || typeof text !== 'string')
      return opaque(this.#key(expr));
    if (text === '' && kind !== 'pattern') return constant(true);
    return about(this.#key(expr), this.#key(subject), { kind, value: text });
  }

  /** `exists(x, p)` is `!all(x, !p)`, and `x in list` where p is `x == value`. */
  #comprehension(expr: Comprehension): Formula {
    const quantified = quantifiedPredicate(expr);
    if (quantified === undefined) return opaque(this.#key(expr));
    const predicate = this.write(quantified.predicate);
    const failing = quantified.name === 'all' ? not(predicate) : predicate;
    const variable = this.#examined.variableKeyOf(expr);
    const found = this.#foundIn(expr, variable, failing);
    return quantified.name === 'all' ? not(found) : found;
  }

  /** That some element is as the formula says. */
  #foundIn(expr: Comprehension, variable: string, formula: Formula): Formula {
    const range = this.#key(expr.range);
    const truth = truthOf(formula);
    if (truth === 'never-true') return constant(false);
    if (truth === 'always-true') return not(equals(callKey('size', [range]), 0n));
    const about = formula.kind === 'atom' ? formula.atom.about : undefined;
    if (about?.term === variable && about.predicate.kind === 'equals' && expr.secondVariable === undefined) {
      return opaque(callKey('@in', [canonicalValue(about.predicate.value), range]));
    }
    const shape = shapeOf(formula);
    return opaque(shape === undefined ? this.#key(expr) : callKey('exists', [range, variable, shape]));
  }

  #constant(expr: Expr): CelValue | undefined {
    const value = this.#examined.constantOf(expr);
    return value instanceof CelError ? undefined : value;
  }

  #isDouble(expr: Expr): boolean {
    const { kind } = this.#examined.typeOf(expr);
    return kind === 'double' || kind === 'dyn' || kind === 'any';
  }
}

function equals(term: string, value: CelValue): Formula {
  return about(callKey('_==_', [term, canonicalValue(value)]), term, { kind: 'equals', value });
}

function ordered(term: string, kind: 'below' | 'above', value: CelValue): Formula {
  return about(callKey(kind, [term, canonicalValue(value)]), term, { kind, value });
}

/** The predicate of a comprehension that `all` or `exists` made. */
function quantifiedPredicate({
  initial,
  step,
}: Comprehension): { readonly name: 'all' | 'exists'; readonly predicate: Expr } | undefined {
  if (initial.kind !== 'literal' || typeof initial.value !== 'boolean' || step.kind !== 'call')
    return undefined;
  const [accumulator, predicate] = step.args;
  if (accumulator?.kind !== 'ident' || accumulator.name !== ACCUMULATOR || predicate === undefined)
    return undefined;
  if (step.name === '_&&_' && initial.value) return { name: 'all', predicate };
  return step.name === '_||_' && !initial.value ? { name: 'exists', predicate } : undefined;
}

/** What formulas of the same truth table share. */
function shapeOf(formula: Formula): string | undefined {
  const keys = [...atomsOf(formula).keys()].sort();
  if (keys.length > MAX_PREDICATE_ATOMS) return undefined;
  let table = '';
  for (let bits = 0; bits < 2 ** keys.length; bits += 1) {
    const truths = new Set(keys.filter((_, index) => (bits & (1 << index)) !== 0));
    table += valueOf(formula, truths) ? '1' : '0';
  }
  return `${keys.join(';')}:${table}`;
}
