import { type FailureSite, findFailureSites } from '../../cel/analysis/failure-sites.ts';
import { guardedForm } from '../../cel/analysis/guarded-form.ts';
import type { FailureKind } from '../../cel/analysis/partial-functions.ts';
import type { Advice, Finding } from './advice.ts';
import { type ExaminedRule, placeOf } from './subject.ts';

/** A part of a rule that can fail, and so lets a request pass it. */
export const ruleCanFail: Advice = {
  id: 'rule/can-fail',
  severity: 'warning',
  title: 'a rule can fail to evaluate, and then lets pass',
  explanation:
    'Under evaluationFailurePolicy: Open, which is the default, a request or user rule that fails to evaluate lets the request pass it: a missing key or index, a conversion of a text that is none, a division by zero, value() of an optional that has none. Whoever gets a certificate without the key that a rule looks for, passes the rule. Guard the part (user.extra[?"key"][0].orValue("") for user.extra["key"][0]), or set evaluationFailurePolicy: Closed. What is said to fail was found in the checked expression; guards such as `"key" in user.extra && …` on either side of && and || are understood.',
  find: ({ rules }) => rules.filter(isOpen).flatMap(findFailures),
};

/** A certificate rule that fails denies, whatever the policy. */
function isOpen({ entry, kind }: ExaminedRule): boolean {
  return kind !== 'certificate' && entry.evaluationFailurePolicy === 'Open';
}

function findFailures({ path, examined, environment }: ExaminedRule): readonly Finding[] {
  const sites = findFailureSites(examined);
  if (sites.length === 0) return [];
  const guarded = guardedForm(examined, environment);
  const advice =
    guarded === undefined ? 'guard it, or set evaluationFailurePolicy: Closed' : `write ${guarded}`;
  const texts = new Set<string>();
  return sites.flatMap((site) => {
    const text = examined.spans.textOf(site.expr);
    if (texts.has(text)) return [];
    texts.add(text);
    const message = `${path}.expression: ${text} fails ${reasonOf(site)}, and the request passes the rule then: ${advice}`;
    return [
      {
        path: `${path}.expression`,
        message,
        place: placeOf(examined.text, examined.spans.spanOf(site.expr)),
      },
    ];
  });
}

const REASONS: Readonly<Record<FailureKind, string>> = {
  'missing-key': 'where there is no such key',
  'out-of-range': 'where there are fewer elements',
  conversion: 'where the value cannot be converted',
  'division-by-zero': 'where the divisor is 0',
  overflow: 'where the result does not fit',
  'no-value': 'where the optional has no value',
  'empty-list': 'where the list is empty',
  'invalid-argument': 'where an argument is not one that the function takes',
  'unknown-type': 'where the value is of another type',
};

function reasonOf({ kind }: FailureSite): string {
  return REASONS[kind];
}
