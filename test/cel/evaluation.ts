import { type Compilation, type Evaluation, compileExpression } from '../../src/cel/compile.ts';
import { environments } from '../../src/cel/environment.ts';
import type { CelInput } from '../../src/cel/frame.ts';
import { toUserInput } from '../../src/cel/input.ts';

/** A user of the tests. */
export const ALICE: CelInput = toUserInput({
  username: 'alice',
  uid: '',
  groups: ['dev', 'ops'],
  extra: new Map([
    ['example.org/role', ['admin', 'viewer']],
    ['foo', ['bar']],
    ['empty', []],
  ]),
});

/** Compiles for the environment of `user`. */
export function compileUser(expression: string): Compilation {
  return compileExpression(expression, environments.user, 'any');
}

/** Evaluates for `ALICE`; an expression that does not load fails the test. */
export function evaluate(expression: string, input: CelInput = ALICE): Evaluation {
  const compilation = compileUser(expression);
  if (!compilation.ok) throw new Error(compilation.error);
  return compilation.program.evaluate(input);
}

/** The value of an expression, or its error. */
export function answer(expression: string, input: CelInput = ALICE): unknown {
  const evaluation = evaluate(expression, input);
  if (evaluation.kind === 'value') return evaluation.value;
  return evaluation.kind === 'error' ? `error: ${evaluation.message}` : evaluation.kind;
}
