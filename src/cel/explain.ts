import { ExpressionSpans } from './analysis/expression-spans.ts';
import type { CheckedExpr } from './check/checked.ts';
import { check } from './check/checker.ts';
import type { Environment } from './environment.ts';
import { CelError } from './error.ts';
import { type CelInput, Frame } from './frame.ts';
import { parse } from './syntax/parser.ts';
import { planExpression } from './plan/plan.ts';
import { Source } from './syntax/source.ts';
import { childrenOf, type Expr } from './syntax/expr.ts';
import { ObjectValue } from './value.ts';
import { formatValue } from './value-text.ts';

/** A part of an expression and what it gives: a value as text, or an error. */
export interface Explanation {
  readonly expression: string;
  readonly value: string;
  readonly isError: boolean;
}

/** As many parts as a person reads. */
const MAX_PARTS = 40;

/**
 * What the parts of an expression give on an input, the innermost first and each once: those that depend on a variable, macros as a
 * whole. The expression compiles; the parts are evaluated again, each under the cost limit, for people to read.
 */
export function explain(
  expression: string,
  environment: Environment,
  input: CelInput,
): readonly Explanation[] {
  const source = new Source(expression);
  const parsing = parse(source);
  if (!parsing.ok) return [];
  const checking = check(parsing.expr, source, environment.declarations);
  if (!checking.ok) return [];
  const { checked } = checking;
  const spans = new ExpressionSpans(expression);
  const whole = onOneLine(spans.textOf(checked.expr));
  const explanations = new Map<string, Explanation>();
  for (const part of partsOf(checked)) {
    const written = onOneLine(spans.textOf(part));
    const earlier = explanations.get(written);
    if (written === whole || (explanations.size >= MAX_PARTS && earlier === undefined)) continue;
    const result = evaluatePart({ ...checked, expr: part }, environment, input);
    if (result === undefined) continue;
    // What a macro adds is written where the macro is; the outermost of it, which comes last, is the macro's own value.
    const text = earlier?.expression ?? (isInfix(part) ? `(${written})` : written);
    explanations.set(written, { expression: text, ...result });
  }
  return [...explanations.values()];
}

/** A part of a long expression may go over several lines. */
function onOneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' ');
}

/** Whether it would run into what is written after it. */
function isInfix(expr: Expr): boolean {
  return expr.kind === 'call' && (expr.name === '@in' || (/^_.+_$/.test(expr.name) && expr.name !== '_?._'));
}

/** The parts that are worth showing: neither the whole, nor a variable as a whole, nor what reads no variable. */
function partsOf(checked: CheckedExpr): readonly Expr[] {
  const parts: Expr[] = [];
  const isVariable = (expr: Expr): boolean =>
    expr.kind === 'ident' && checked.names.get(expr)?.kind === 'variable';
  const readsVariable = (expr: Expr): boolean => isVariable(expr) || childrenOf(expr).some(readsVariable);
  const visit = (expr: Expr): boolean => {
    if (expr.kind === 'ident') return isVariable(expr);
    // What a macro makes of its body depends on the macro's own variables.
    const isRangeDependent = expr.kind === 'comprehension' && visit(expr.range);
    const dependent =
      expr.kind === 'comprehension'
        ? isRangeDependent || readsVariable(expr)
        : childrenOf(expr).map(visit).includes(true);
    if (dependent && expr !== checked.expr) parts.push(expr);
    return dependent;
  };
  visit(checked.expr);
  return parts;
}

function evaluatePart(
  part: CheckedExpr,
  { declarations }: Environment,
  input: CelInput,
): Pick<Explanation, 'value' | 'isError'> | undefined {
  try {
    const plan = planExpression(part, declarations);
    const result = plan(new Frame(input));
    if (result instanceof CelError) return { value: result.message, isError: true };
    // A structure as a whole says nothing that its fields do not.
    return result instanceof ObjectValue ? undefined : { value: formatValue(result), isError: false };
  } catch (error) {
    return { value: error instanceof Error ? error.message : String(error), isError: true };
  }
}
