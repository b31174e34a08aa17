import { COST_LIMIT } from '../../cel/frame.ts';
import type { Advice } from './advice.ts';
import { worstCaseOf } from './worst-case.ts';

/** From here on a little more of the input is too much. */
const NEAR = COST_LIMIT / 2;

/** A rule that denies who brings much to judge. */
export const ruleCost: Advice = {
  id: 'rule/cost',
  severity: 'warning',
  title: 'a rule can come near the cost limit',
  explanation:
    "An evaluation may cost 1,000,000 units, kube-apiserver's own limit; one that costs more denies, whatever the policy. The rule was evaluated on the largest names and lists that a certificate can bring in a token, and cost more than half of that: a comprehension within another over the same list is the usual reason, since it costs the square of its length. Look values up with `in` or sets.contains(), or limit the size first: size(user.groups) < 100 && ….",
  find: ({ rules, texts, surroundings: { at } }) =>
    rules.flatMap(({ path, kind, rule, entry }) => {
      const own = texts.get(entry);
      if (own === undefined) return [];
      const { cost, isOverLimit, input } = worstCaseOf(rule.program, kind, { entry, texts: own, at });
      if (!isOverLimit && cost < NEAR) return [];
      const much = isOverLimit ? `exceeds the limit of ${COST_LIMIT}` : `costs ${cost} of ${COST_LIMIT}`;
      return [{ path: `${path}.expression`, message: `${path}.expression: ${much} units on ${input}` }];
    }),
};
