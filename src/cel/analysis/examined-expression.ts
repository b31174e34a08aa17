import type { CheckedExpr } from '../check/checked.ts';
import { checkSource } from '../check/check-source.ts';
import type { Declarations } from '../check/declarations.ts';
import type { Environment } from '../environment.ts';
import { CelError, EvaluationPanic } from '../error.ts';
import { CostLimitExceeded, Frame } from '../frame.ts';
import { planExpression } from '../plan/plan.ts';
import { PlanError } from '../plan/plan-part.ts';
import { Source } from '../syntax/source.ts';
import { type Call, childrenOf, type Comprehension, type Expr } from '../syntax/expr.ts';
import { DYN, type Type } from '../type.ts';
import type { CelResult } from '../value.ts';
import { expressionKeys } from './expression-keys.ts';
import { ExpressionSpans } from './expression-spans.ts';

/** An expression that compiles, with what can be said of its parts without evaluating it on anything. */
export interface ExaminedExpression {
  readonly text: string;
  readonly root: Expr;
  readonly checked: CheckedExpr;
  readonly spans: ExpressionSpans;
  /** The name of the function that is called, such as `sets.contains`. */
  nameOf(call: Call): string;
  /** What it is called with, receiver first. */
  argumentsOf(call: Call): readonly Expr[];
  /** The variable that is read here. */
  variableOf(expr: Expr): string | undefined;
  typeOf(expr: Expr): Type;
  /** The same for parts that always have the same value, whatever their variables are called and however they are written. */
  keyOf(expr: Expr): string;
  /** The key of a comprehension's first variable. */
  variableKeyOf(comprehension: Comprehension): string;
  /** The value, or the error, of a part that reads no variable. */
  constantOf(expr: Expr): CelResult | undefined;
}

/** Examines an expression; undefined where it does not compile. */
export function examine(text: string, environment: Environment): ExaminedExpression | undefined {
  const checking = checkSource(new Source(text), environment);
  if (!checking.ok) return undefined;
  const { checked } = checking;
  const constants = new Constants(checked, environment.declarations);
  const constantOf = (expr: Expr): CelResult | undefined => constants.valueOf(expr);
  const { keys, variables } = expressionKeys(checked, constantOf);
  return {
    text,
    root: checked.expr,
    checked,
    spans: new ExpressionSpans(text),
    nameOf: (call) => checked.calls.get(call)?.name ?? call.name,
    argumentsOf: (call) => argumentsOf(call, checked),
    variableOf: (expr) => variableOf(expr, checked),
    typeOf: (expr) => checked.types.get(expr) ?? DYN,
    keyOf: (expr) => keys.get(expr) ?? '',
    variableKeyOf: (comprehension) => variables.get(comprehension) ?? '',
    constantOf,
  };
}

/** In `sets.contains(a, b)` the first name is no value. */
function argumentsOf(call: Call, { calls }: CheckedExpr): readonly Expr[] {
  if (call.target === undefined || calls.get(call)?.hasTarget === false) return call.args;
  return [call.target, ...call.args];
}

function variableOf(expr: Expr, { names }: CheckedExpr): string | undefined {
  if (expr.kind !== 'ident' && expr.kind !== 'select') return undefined;
  const reference = names.get(expr);
  return reference?.kind === 'variable' ? reference.name : undefined;
}

/** Evaluates the parts of an expression that read nothing. */
class Constants {
  readonly #checked: CheckedExpr;
  readonly #declarations: Declarations;
  readonly #values = new Map<Expr, CelResult | undefined>();

  constructor(checked: CheckedExpr, declarations: Declarations) {
    this.#checked = checked;
    this.#declarations = declarations;
  }

  valueOf(expr: Expr): CelResult | undefined {
    if (expr.kind === 'literal') return expr.value;
    if (!this.#values.has(expr)) {
      this.#values.set(expr, this.#isClosed(expr, new Set()) ? this.#evaluate(expr) : undefined);
    }
    return this.#values.get(expr);
  }

  #isClosed(expr: Expr, bound: ReadonlySet<string>): boolean {
    const reference =
      expr.kind === 'ident' || expr.kind === 'select' ? this.#checked.names.get(expr) : undefined;
    if (reference?.kind === 'local') return bound.has(reference.name);
    if (reference !== undefined) return reference.kind === 'type';
    const inner =
      expr.kind === 'comprehension'
        ? new Set([...bound, expr.variable, expr.secondVariable ?? expr.variable, expr.accumulator])
        : bound;
    return childrenOf(expr).every((child) => this.#isClosed(child, inner));
  }

  #evaluate(expr: Expr): CelResult | undefined {
    try {
      return planExpression({ ...this.#checked, expr }, this.#declarations)(new Frame({}));
    } catch (error) {
      if (error instanceof PlanError || error instanceof EvaluationPanic) return new CelError(error.message);
      if (error instanceof CostLimitExceeded || error instanceof RangeError) return undefined;
      throw error;
    }
  }
}
