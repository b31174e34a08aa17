import type { Judgement } from '../authenticator/native-judge.ts';
import { describeNativeReason } from '../authenticator/native-reason.ts';
import { withoutIdentity } from './evaluation-error.ts';

/** A line of the log. */
export interface LogLine {
  readonly level: 'info' | 'warn';
  readonly fields: object;
  readonly message: string;
}

/**
 * What is logged of a judgement, without a name: the verdict, and when it is new each rule that could not be evaluated and let the user
 * pass.
 */
export function toNativeLogLines(
  decisionId: string,
  { verdict, isRemembered }: Judgement,
): readonly LogLine[] {
  const { outcome, fingerprints } = verdict;
  const open = isRemembered
    ? []
    : verdict.steps.filter(({ result, policy }) => result === 'error' && policy === 'Open');
  const steps = verdict.steps
    .filter(({ result }) => result !== true)
    .map(({ stage, index, result, error, expression, policy, fingerprint }) => ({
      stage,
      rule: index,
      result,
      error: error && withoutIdentity(error, expression ?? ''),
      policy,
      fingerprint,
    }));
  const fields = {
    decisionId,
    outcome,
    ...(outcome === 'denied' && { code: verdict.reason.code, why: describeNativeReason(verdict.reason) }),
    credentialIds: fingerprints.map((fingerprint) => `X509SHA256=${fingerprint}`),
    ...(steps.length > 0 && { steps }),
  };
  return [
    ...open.map(({ stage, index, expression, error }) => ({
      level: 'warn' as const,
      fields: {
        decisionId,
        policy: 'native',
        stage,
        rule: index,
        expression,
        error: error && withoutIdentity(error, expression ?? ''),
      },
      message: 'rule could not be evaluated; the user passed it',
    })),
    { level: 'info', fields, message: 'judged' },
  ];
}
