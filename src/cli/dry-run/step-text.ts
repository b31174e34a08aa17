import type { Entry } from '../../authenticator/authenticator.ts';
import type { Step } from '../../authenticator/decision.ts';
import { toCertInput } from '../../cel/certificate-input.ts';
import { environments } from '../../cel/environment.ts';
import { explain } from '../../cel/explain.ts';
import type { CelInput } from '../../cel/frame.ts';
import { toRequestInput, toUserInput } from '../../cel/input.ts';
import type { UserInfo } from '../../identity/user-info.ts';
import type { Certificate } from '../../x509/certificate.ts';
import { type Palette, toPrintable } from '../terminal.ts';

/** What the expressions of a decision were evaluated on. */
export interface Inputs {
  readonly remoteAddress: string | undefined;
  readonly leaf: Certificate;
  readonly user: UserInfo | undefined;
}

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
  if (expression !== undefined)
    lines.push(...explainParts(step, expression, inputs).map((line) => `    ${palette.faint(`- ${line}`)}`));
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

function explainParts({ stage, result }: Step, expression: string, inputs: Inputs): readonly string[] {
  const subject = inputOf(stage, inputs);
  if (subject === undefined || result === 'skipped') return [];
  return explain(expression, subject.environment, subject.input).map(({ expression, value, isError }) =>
    toPrintable(isError ? `${expression} failed: ${value}` : `${expression} = ${value}`),
  );
}

function inputOf(
  stage: Step['stage'],
  { remoteAddress, leaf, user }: Inputs,
): { readonly environment: (typeof environments)['user']; readonly input: CelInput } | undefined {
  switch (stage) {
    case 'request':
      return {
        environment: environments.request,
        input: toRequestInput({ remoteAddress: remoteAddress ?? '' }),
      };
    case 'mapping':
    case 'certificate':
      return { environment: environments.cert, input: toCertInput(leaf) };
    case 'user':
      return user === undefined ? undefined : { environment: environments.user, input: toUserInput(user) };
    case 'possession':
    case 'revocation':
      return undefined;
  }
}
