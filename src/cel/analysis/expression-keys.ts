import type { CheckedExpr } from '../check/checked.ts';
import { CelError } from '../error.ts';
import { childrenOf, type Call, type Comprehension, type Expr, type Select } from '../syntax/expr.ts';
import type { CelResult } from '../value.ts';
import { canonicalValue } from './canonical-value.ts';

/** The key of a call: its name and the keys of its arguments, receiver first. */
export function callKey(name: string, args: readonly string[]): string {
  return `${name}(${args.join(',')})`;
}

/** The key of `map[key]`, of `map.key` and of `list[index]`. */
export function indexKey(operand: string, index: string): string {
  return callKey('_[_]', [operand, index]);
}

/** Operators whose sides can be swapped. */
const SYMMETRIC: ReadonlySet<string> = new Set(['_==_', '_!=_']);

type Constant = (expr: Expr) => CelResult | undefined;

/**
 * A key for each part of an expression. Parts that always have the same value share one: constants are what they evaluate to,
 * the variables of comprehensions are numbered, `a.b` of a map is `a["b"]`, `a.size()` is `size(a)`.
 */
export function expressionKeys(checked: CheckedExpr, constantOf: Constant): ExpressionKeys {
  const writer = new KeyWriter(checked, constantOf);
  writer.write(checked.expr, { names: new Map(), depth: 0 });
  return writer;
}

/** The keys of an expression's parts, and of its comprehensions' first variables. */
export interface ExpressionKeys {
  readonly keys: ReadonlyMap<Expr, string>;
  readonly variables: ReadonlyMap<Comprehension, string>;
}

/** The variables in scope, and how many comprehensions it is within. */
interface Scope {
  readonly names: ReadonlyMap<string, string>;
  readonly depth: number;
}

class KeyWriter implements ExpressionKeys {
  readonly keys = new Map<Expr, string>();
  readonly variables = new Map<Comprehension, string>();
  readonly #checked: CheckedExpr;
  readonly #constantOf: Constant;

  constructor(checked: CheckedExpr, constantOf: Constant) {
    this.#checked = checked;
    this.#constantOf = constantOf;
  }

  write(expr: Expr, scope: Scope): string {
    // Parts of a constant have keys too.
    const structure = this.keys.get(expr) ?? this.#structure(expr, scope);
    const constant = this.#constantOf(expr);
    const isValue = constant !== undefined && !(constant instanceof CelError);
    const key = isValue ? canonicalValue(constant) : structure;
    this.keys.set(expr, key);
    return key;
  }

  #structure(expr: Expr, scope: Scope): string {
    switch (expr.kind) {
      case 'literal':
        return canonicalValue(expr.value);
      case 'ident':
        return this.#name(expr.name, expr, scope);
      case 'select':
        return this.#select(expr, scope);
      case 'call':
        return this.#call(expr, scope);
      case 'list': {
        const elements = expr.elements.map((element, index) => {
          const key = this.write(element, scope);
          return expr.optionals.has(index) ? `?${key}` : key;
        });
        return `[${elements.join(',')}]`;
      }
      case 'map': {
        const entries = expr.entries.map(({ key, value, isOptional }) => {
          return `${isOptional ? '?' : ''}${this.write(key, scope)}:${this.write(value, scope)}`;
        });
        return `{${entries.join(',')}}`;
      }
      case 'struct':
        return callKey(
          expr.typeName,
          childrenOf(expr).map((child) => this.write(child, scope)),
        );
      case 'comprehension':
        return this.#comprehension(expr, scope);
    }
  }

  #name(name: string, expr: Expr, scope: Scope): string {
    const reference =
      expr.kind === 'ident' || expr.kind === 'select' ? this.#checked.names.get(expr) : undefined;
    return reference?.kind === 'local' ? (scope.names.get(name) ?? name) : name.replace(/^\./, '');
  }

  #select(expr: Select, scope: Scope): string {
    if (this.#checked.names.has(expr)) return this.#name(expr.field, expr, scope);
    const operand = this.write(expr.operand, scope);
    const field = JSON.stringify(expr.field);
    if (expr.isTest) return callKey('has', [operand, field]);
    return this.#checked.types.get(expr.operand)?.kind === 'map'
      ? indexKey(operand, field)
      : callKey('_._', [operand, field]);
  }

  #call(expr: Call, scope: Scope): string {
    const reference = this.#checked.calls.get(expr);
    const target = reference?.hasTarget === true && expr.target !== undefined ? [expr.target] : [];
    const args = [...target, ...expr.args].map((arg) => this.write(arg, scope));
    const name = reference?.name ?? expr.name;
    return callKey(name, SYMMETRIC.has(name) ? args.sort() : args);
  }

  #comprehension(expr: Comprehension, scope: Scope): string {
    const depth = scope.depth + 1;
    const around = { names: new Map([...scope.names, [expr.accumulator, `@${depth}`]]), depth };
    const variables = new Map([...around.names, [expr.variable, `$${depth}`]]);
    if (expr.secondVariable !== undefined) variables.set(expr.secondVariable, `$$${depth}`);
    const loop = { names: variables, depth };
    this.variables.set(expr, `$${depth}`);
    return callKey('fold', [
      this.write(expr.range, scope),
      this.write(expr.initial, scope),
      this.write(expr.condition, loop),
      this.write(expr.step, loop),
      this.write(expr.result, around),
    ]);
  }
}
