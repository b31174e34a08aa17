import type { Program } from '../../cel/compile.ts';
import { COST_LIMIT } from '../../cel/frame.ts';
import type { Entry } from '../authenticator.ts';
import type { Advice, Finding } from './advice.ts';
import type { ExaminedRule, Subject } from './subject.ts';
import { worstCaseOf } from './worst-case.ts';

/** From here on a little more of the input is too much. */
const NEAR = COST_LIMIT / 2;

/** An expression that denies who brings much to judge. */
export const ruleCost: Advice = {
  id: 'rule/cost',
  severity: 'warning',
  title: 'a rule or a mapping can come near the cost limit',
  explanation:
    "An evaluation may cost 1,000,000 units, kube-apiserver's own limit; one that costs more denies, whatever the policy. The expression was evaluated on the largest names and lists that a certificate can bring in a token, and cost more than half of that: a comprehension within another over the same list is the usual reason, since it costs the square of its length. Look values up with `in` or sets.contains(), or limit the size first: size(user.groups) < 100 && ….",
  find: (subject) =>
    [...subject.rules.map(ofRule), ...subject.authenticator.entries.flatMap(ofMapping)].flatMap(
      (expression) => findCost(expression, subject),
    ),
};

/** An expression of an entry, and where it stands. */
interface Costly {
  readonly entry: Entry;
  readonly path: string;
  readonly program: Program;
  readonly kind: Parameters<typeof worstCaseOf>[1];
}

function ofRule({ entry, path, rule, kind }: ExaminedRule): Costly {
  return { entry, path: `${path}.expression`, program: rule.program, kind };
}

function ofMapping(entry: Entry): readonly Costly[] {
  const { index, mapping } = entry;
  if (mapping.kind !== 'claims') return [];
  const { username, groups, uid, extra } = mapping;
  const fields = [
    ...Object.entries({ username, groups, uid }).map(
      ([field, program]) => [`${field}.expression`, program] as const,
    ),
    ...extra.map(({ program }, item) => [`extra[${item}].valueExpression`, program] as const),
  ];
  return fields.flatMap(([field, program]) =>
    program === undefined
      ? []
      : [{ entry, path: `x509[${index}].claimMappings.${field}`, program, kind: 'mapping' as const }],
  );
}

function findCost(
  { entry, path, program, kind }: Costly,
  { texts, surroundings: { at } }: Subject,
): readonly Finding[] {
  const own = texts.get(entry);
  if (own === undefined) return [];
  const { cost, isOverLimit, input } = worstCaseOf(program, kind, { entry, texts: own, at });
  if (!isOverLimit && cost < NEAR) return [];
  const much = isOverLimit ? `exceeds the limit of ${COST_LIMIT}` : `costs ${cost} of ${COST_LIMIT}`;
  return [{ path, message: `${path}: ${much} units on ${input}` }];
}
