import { CelError } from '../error.ts';
import { COST_LIMIT } from '../frame.ts';
import type { CostRule } from '../overload.ts';

/**
 * The outcome of a call that would do more work than kube-apiserver charges for: it must end the evaluation as its cost limit
 * does, and no `||` may absorb it. Kubernetes has no such limit and would go on.
 */
export class WorkLimit extends CelError {}

/**
 * The longest text that a function may make, in UTF-16 units: walking a longer one once would cost more than kube-apiserver's
 * limit of 1,000,000 allows (a tenth a character).
 */
export const MAX_TEXT = 10_000_000;

/** What to give instead of a text over `MAX_TEXT`. */
export function textLimit(): WorkLimit {
  return new WorkLimit(`a text of more than ${MAX_TEXT} characters`);
}

/** The rule, and for a call that met a `WorkLimit` more than the limit. */
export function withWorkLimit(rule: CostRule): CostRule {
  return (args, result) => (result instanceof WorkLimit ? COST_LIMIT + 1 : rule(args, result));
}
