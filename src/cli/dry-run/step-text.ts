import type { Entry } from '../../authenticator/authenticator.ts';
import type { Step } from '../../authenticator/decision.ts';
import { toPrintable } from '../../server/printable.ts';
import type { Palette } from '../terminal.ts';
import { explainStep, type Inputs } from './step-parts.ts';

/** A step, and of a mapping's expression the field that it makes. */
export interface NamedStep {
  readonly step: Step;
  readonly field?: string;
}

/** Names the steps of an entry: its mapping's expressions are evaluated in this order. */
export function nameSteps({ mapping }: Entry, steps: readonly Step[]): readonly NamedStep[] {
  if (mapping.kind !== 'claims') return steps.map((step) => ({ step }));
  const { groups, uid, extra } = mapping;
  const fields = [
    'username',
    ...(groups === undefined ? [] : ['groups']),
    ...(uid === undefined ? [] : ['uid']),
    ...extra.map(({ key }) => `extra ${key}`),
  ].values();
  return steps.map((step) => {
    if (step.stage !== 'mapping' || step.expression === undefined) return { step };
    const field = fields.next().value;
    return field === undefined ? { step } : { step, field: toPrintable(field) };
  });
}

/** A step for people to read: the result, and of an expression the values of its parts, its message and its errors. */
export function describeStep(
  { step, field }: NamedStep,
  inputs: Inputs,
  palette: Palette,
): readonly string[] {
  const { stage, index, expression, message, cost, error } = step;
  const title = [stage, index === undefined ? undefined : `rule ${index}`, field].filter(Boolean).join(' ');
  const price = cost === undefined ? '' : palette.faint(` (cost ${cost})`);
  const lines = [`${title}: ${describeResult(step, palette)}${price}`];
  if (expression !== undefined) lines.push(...toLines(expression).map((line) => `  ${line}`));
  lines.push(...describeParts(step, inputs).map((line) => `    ${palette.faint(`- ${line}`)}`));
  if (error !== undefined)
    lines.push(`  ${palette.bad('error:')} ${toPrintable(error)}${describePolicy(step)}`);
  if (message && step.result !== true) lines.push(`  message: ${toPrintable(message)}`);
  return lines;
}

function describeResult({ stage, result, expression }: Step, palette: Palette): string {
  switch (result) {
    case true:
      return palette.good(expression === undefined || stage === 'mapping' ? 'ok' : 'true');
    case false:
      return palette.bad(expression === undefined ? 'no' : 'false');
    case 'error':
      return palette.doubtful('error');
    case 'skipped':
      return palette.doubtful('not evaluated');
  }
}

/** What was made of an evaluation error. */
function describePolicy({ result, policy, stage }: Step): string {
  if (result !== 'error' || policy === undefined) return '';
  if (policy === 'Open') return '; evaluationFailurePolicy Open lets the request pass this rule';
  return stage === 'certificate' ? '; a certificate rule that cannot be evaluated denies' : '; this denies';
}

/** An expression as it stands in the file, which may be on several lines. */
function toLines(expression: string): readonly string[] {
  return expression
    .trim()
    .split(/\r?\n/)
    .map((line) => toPrintable(line.trimEnd()));
}

function describeParts(step: Step, inputs: Inputs): readonly string[] {
  return explainStep(step, inputs).map(({ expression, value, isError }) =>
    toPrintable(isError ? `${expression} failed: ${value}` : `${expression} = ${value}`),
  );
}
