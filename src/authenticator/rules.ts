import type { Program } from '../cel/compile.ts';
import type { CelInput } from '../cel/frame.ts';
import type { EvaluationFailurePolicy, Rule } from './authenticator.ts';
import type { Step } from './decision.ts';
import type { RuleKind, RuleReason } from './reason.ts';

/** The rules of one kind and what they are evaluated on. */
export interface RuleSet {
  readonly stage: RuleKind;
  readonly rules: readonly Rule[];
  readonly policy: EvaluationFailurePolicy;
  readonly input: CelInput;
}

/** The steps of one kind of rule, one a rule, and why they deny, where they do. */
export interface RulesVerdict {
  readonly steps: readonly Step[];
  readonly refusal?: RuleReason;
}

/**
 * Evaluates every rule of a kind. The reason given is the cost limit first, then the first evaluation error (where the
 * policy lets it deny), then the first rule that is false. The cost limit and a fault of ours deny whatever the policy.
 */
export function judgeRules({ stage, rules, policy, input }: RuleSet): RulesVerdict {
  const steps: Step[] = [];
  let stop: RuleReason | undefined;
  let failure: RuleReason | undefined;
  let denial: RuleReason | undefined;
  for (const [index, { expression, message, program }] of rules.entries()) {
    const evaluation = program.evaluate(input);
    const step = { stage, index, expression, message, cost: evaluation.cost };
    switch (evaluation.kind) {
      case 'value':
        steps.push({ ...step, result: evaluation.value === true });
        if (evaluation.value !== true) denial ??= { code: `${stage}/denied`, index, message };
        break;
      case 'error':
        steps.push({ ...step, result: 'error', error: evaluation.message, policy });
        if (policy === 'Closed') failure ??= { code: `${stage}/evaluation-error`, index, message };
        break;
      case 'cost-limit':
        steps.push({ ...step, result: 'error', error: 'the cost limit was exceeded', policy: 'Closed' });
        stop ??= { code: 'cel/cost-limit', stage, index };
        break;
      case 'fault':
        steps.push({ ...step, result: 'error', error: evaluation.message, policy: 'Closed' });
        stop ??= { code: 'internal/fault', stage, index };
        break;
    }
  }
  const refusal = stop ?? failure ?? denial;
  return refusal === undefined ? { steps } : { steps, refusal };
}

/** Whether a request rule needs the peer's address; found in the checked expression, not while evaluating. */
export function readsRemoteAddress(program: Program): boolean {
  return program.reads.some(
    (read) => read === 'request' || read === 'request.remoteaddr' || read.startsWith('request.remoteaddr.'),
  );
}
