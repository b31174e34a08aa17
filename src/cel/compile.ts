import { checkSource } from './check/check-source.ts';
import type { Environment } from './environment.ts';
import { CelError, EvaluationPanic } from './error.ts';
import { type CelInput, CostLimitExceeded, Frame, type Step } from './frame.ts';
import { planExpression } from './plan/plan.ts';
import { PlanError } from './plan/plan-part.ts';
import { readsOf } from './check/reads.ts';
import { type CompileIssue, Source, sortIssues } from './syntax/source.ts';
import { formatType } from './type.ts';
import type { CelValue } from './value.ts';

/**
 * What became of one evaluation: `error` is one that cel-go itself would give. Reaching the cost limit, or a fault of ours, is no
 * error that a rule could absorb, nor one that a policy may let pass.
 */
export type Evaluation =
  | { readonly kind: 'value'; readonly value: CelValue; readonly cost: number }
  | { readonly kind: 'error'; readonly message: string; readonly cost: number }
  | { readonly kind: 'cost-limit'; readonly cost: number }
  | { readonly kind: 'fault'; readonly message: string; readonly cost: number };

/** An expression that kube-apiserver would load too. */
export interface Program {
  readonly expression: string;
  /** The static type in cel-go's words, e.g. `bool`, `list(string)`. */
  readonly resultType: string;
  /** What it reads of its variables, e.g. `user.groups`, or `user` where the whole is used. */
  readonly reads: readonly string[];
  /** Never throws; costs are counted as kube-apiserver counts them. */
  evaluate(input: CelInput): Evaluation;
}

/** A program, or the error in kube-apiserver's own words with the places it names. */
export type Compilation =
  | { readonly ok: true; readonly program: Program }
  | { readonly ok: false; readonly error: string; readonly issues: readonly CompileIssue[] };

/**
 * Compiles an expression as kube-apiserver's structured authentication does. With `expects` 'bool' the static type must be
 * exactly bool; dyn is not enough.
 */
export function compileExpression(
  source: string,
  environment: Environment,
  expects: 'bool' | 'any',
): Compilation {
  const text = new Source(source);
  const checking = checkSource(text, environment);
  if (!checking.ok) {
    return {
      ok: false,
      error: `compilation failed: ${text.report(checking.issues)}`,
      issues: sortIssues(checking.issues),
    };
  }
  const { checked } = checking;
  const type = checked.types.get(checked.expr);
  const resultType = type === undefined ? 'dyn' : formatType(type);
  if (expects === 'bool' && resultType !== 'bool') {
    return { ok: false, error: 'must evaluate to bool', issues: [] };
  }
  try {
    const plan = planExpression(checked, environment.declarations);
    const evaluate = (input: CelInput): Evaluation => run(plan, input);
    return { ok: true, program: { expression: source, resultType, reads: readsOf(checked), evaluate } };
  } catch (error) {
    if (!(error instanceof PlanError || error instanceof EvaluationPanic)) throw error;
    return { ok: false, error: `program instantiation failed: ${error.message}`, issues: [] };
  }
}

function run(plan: Step, input: CelInput): Evaluation {
  const frame = new Frame(input);
  try {
    const result = plan(frame);
    const { cost } = frame;
    if (result instanceof CelError) return { kind: 'error', message: result.message, cost };
    return { kind: 'value', value: result, cost };
  } catch (error) {
    if (error instanceof CostLimitExceeded) return { kind: 'cost-limit', cost: frame.cost };
    if (error instanceof EvaluationPanic) return { kind: 'error', message: error.message, cost: frame.cost };
    // A bug, or more than the stack holds: an outcome all the same.
    return { kind: 'fault', message: `internal error: ${String(error)}`, cost: frame.cost };
  }
}
