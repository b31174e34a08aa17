import type { Stage, Step } from '../../authenticator/decision.ts';
import type { NativeStage } from '../../authenticator/native-verdict.ts';
import { toCertInput } from '../../cel/certificate-input.ts';
import { environments } from '../../cel/environment.ts';
import { type Explanation, explain } from '../../cel/explain.ts';
import type { CelInput } from '../../cel/frame.ts';
import { toRequestInput, toUserInput } from '../../cel/input.ts';
import type { UserInfo } from '../../identity/user-info.ts';
import type { Certificate } from '../../x509/certificate.ts';

/** What the expressions of a decision were evaluated on. */
export interface Inputs {
  readonly remoteAddress: string | undefined;
  readonly leaf: Certificate;
  readonly user: UserInfo | undefined;
}

/** A step of a decision, or of a verdict on a native certificate. */
type ExplainedStep = Pick<Step, 'expression' | 'result'> & { readonly stage: Stage | NativeStage };

/** The values of the parts of a step's expression, evaluated again; none where the step has no expression or was not evaluated. */
export function explainStep(
  { stage, expression, result }: ExplainedStep,
  inputs: Inputs,
): readonly Explanation[] {
  const subject = inputOf(stage, inputs);
  if (expression === undefined || subject === undefined || result === 'skipped') return [];
  return explain(expression, subject.environment, subject.input);
}

/** A part as JSON: its value is CEL's text of it. */
export type PartJson =
  | { readonly expression: string; readonly value: string }
  | { readonly expression: string; readonly error: string };

/** A step as JSON, with the values of its expression's parts where it has any. */
export function withParts<T extends ExplainedStep>(
  step: T,
  inputs: Inputs,
): T & { readonly parts?: readonly PartJson[] } {
  const parts = explainStep(step, inputs).map(({ expression, value, isError }) =>
    isError ? { expression, error: value } : { expression, value },
  );
  return parts.length === 0 ? step : { ...step, parts };
}

function inputOf(
  stage: ExplainedStep['stage'],
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
    case 'credential':
    case 'inventory':
      return undefined;
  }
}
