import { findFailureSites } from '../../cel/analysis/failure-sites.ts';
import { relationOf, truthOf } from '../../cel/analysis/truth.ts';
import type { Advice, Finding } from './advice.ts';
import type { ExaminedRule, Subject } from './subject.ts';

/** A rule that denies nobody. */
export const ruleAlwaysTrue: Advice = {
  id: 'rule/always-true',
  severity: 'warning',
  title: 'a rule is always true',
  explanation:
    'Whatever the rule is evaluated on, it is true, so that it denies nobody: size(user.groups) >= 0, a condition or its own opposite, has() of a field that is always there. Either it says something else than was meant, or it can go. The finding is proved from the expression: every combination of its conditions that can be is looked at.',
  find: ({ rules }) => rules.flatMap(findAlwaysTrue),
};

/** A rule that nobody passes. */
export const ruleNeverTrue: Advice = {
  id: 'rule/never-true',
  severity: 'error',
  title: 'a rule is never true',
  explanation:
    'Whatever the rule is evaluated on, it is not true, so that the entry denies everybody it takes, and nothing after it can overturn that: user.username == "a" && user.username == "b". To close an entry for good, leave its certificate authority out instead. The finding is proved from the expression.',
  find: ({ rules }) => rules.flatMap(findNeverTrue),
};

/** A rule that another one of its kind makes needless. */
export const ruleRepeated: Advice = {
  id: 'rule/repeated',
  severity: 'warning',
  title: 'a rule repeats another',
  explanation:
    'Another rule of the entry says the same in other words, or says more, so that this one never denies what the other lets pass. Two rules that differ in their text alone drift apart when one of them is changed. Keep the stricter one. The finding is proved from both expressions.',
  find: findRepeated,
};

function findAlwaysTrue(rule: ExaminedRule): readonly Finding[] {
  if (truthOf(rule.condition) !== 'always-true' || (deniesByFailing(rule) && canFail(rule))) return [];
  const path = `${rule.path}.expression`;
  return [{ path, message: `${path}: is always true: it denies nobody` }];
}

function findNeverTrue({ path, condition }: ExaminedRule): readonly Finding[] {
  if (truthOf(condition) !== 'never-true') return [];
  return [{ path: `${path}.expression`, message: `${path}.expression: is never true: it denies everybody` }];
}

function findRepeated({ rules }: Subject): readonly Finding[] {
  const open = rules.filter(({ condition }) => truthOf(condition) === 'open');
  return open.flatMap((rule) => {
    const others = open.filter((other) => other.entry === rule.entry && other.kind === rule.kind);
    const match = others.find((other) => other !== rule && isNeedless(rule, other));
    if (match === undefined) return [];
    const path = `${rule.path}.expression`;
    const what =
      relationOf(rule.condition, match.condition) === 'same' ? 'says the same as' : 'is implied by';
    return [
      { path, message: `${path}: ${what} ${match.path}.expression: it denies nobody whom that does not` },
    ];
  });
}

/** Of two rules that say the same the later is needless. */
function isNeedless(rule: ExaminedRule, other: ExaminedRule): boolean {
  const relation = relationOf(other.condition, rule.condition);
  if (relation === 'open' || (relation === 'same' && rule.index < other.index)) return false;
  // Where failing denies, the rule itself may deny more; where it lets pass, the other may deny less.
  return deniesByFailing(rule) ? !canFail(rule) : !canFail(other);
}

function deniesByFailing({ kind, entry }: ExaminedRule): boolean {
  return kind === 'certificate' || entry.evaluationFailurePolicy === 'Closed';
}

function canFail({ examined }: ExaminedRule): boolean {
  return findFailureSites(examined).length > 0;
}
