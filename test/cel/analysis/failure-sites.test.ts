import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { examine } from '../../../src/cel/analysis/examined-expression.ts';
import { findFailureSites } from '../../../src/cel/analysis/failure-sites.ts';
import { guardedForm } from '../../../src/cel/analysis/guarded-form.ts';
import { compileExpression } from '../../../src/cel/compile.ts';
import { environments } from '../../../src/cel/environment.ts';
import { toUserInput } from '../../../src/cel/input.ts';
import { rules, users } from './random-rules.ts';

function examineUserRule(expression: string) {
  const examined = examine(expression, environments.user);
  if (examined === undefined) throw new Error(`does not compile: ${expression}`);
  return examined;
}

function sitesOf(expression: string): readonly string[] {
  const examined = examineUserRule(expression);
  return findFailureSites(examined).map(({ expr, kind }) => `${kind}: ${examined.spans.textOf(expr)}`);
}

describe('what can fail in an expression', () => {
  it.each<[string, string, string]>([
    ['a key that may be missing', 'user.extra["a"][0] == "x"', 'missing-key: user.extra["a"]'],
    ['a selection from a map', 'user.extra.a == ["x"]', 'missing-key: user.extra.a'],
    [
      'a key that another one was tested for',
      '"b" in user.extra && user.extra["a"][0] == "x"',
      'missing-key: user.extra["a"]',
    ],
    [
      'a key on the side of || where it is not there',
      '"a" in user.extra || user.extra["a"][0] == "x"',
      'missing-key: user.extra["a"]',
    ],
    ['an index of a list', 'user.groups[0] == "dev"', 'out-of-range: user.groups[0]'],
    [
      'an index past the tested size',
      'size(user.groups) > 1 && user.groups[2] == "x"',
      'out-of-range: user.groups[2]',
    ],
    [
      'the second part of a split text',
      'user.username.split("@")[1] == "x"',
      'out-of-range: user.username.split("@")[1]',
    ],
    ['a number that is none', 'int(user.uid) > 1000', 'conversion: int(user.uid)'],
    [
      'a number of too many digits',
      'user.uid.matches("^[0-9]+$") && int(user.uid) > 1',
      'conversion: int(user.uid)',
    ],
    ['an address that is none', 'ip(user.uid).family() == 4', 'conversion: ip(user.uid)'],
    ['a division', '10 / size(user.groups) > 1', 'division-by-zero: 10 / size(user.groups)'],
    ['value() of an optional', 'user.groups.first().value() == "a"', 'no-value: user.groups.first().value()'],
    ['the largest of nothing', 'user.groups.max() > "a"', 'empty-list: user.groups.max()'],
    [
      'a part of a text',
      'user.username.substring(0, 4) == "dev-"',
      'out-of-range: user.username.substring(0, 4)',
    ],
    [
      'a sum of what may be large',
      'user.groups.map(g, size(g) * 9223372036854775807).size() > 0',
      'overflow: size(g) * 9223372036854775807',
    ],
    [
      'a pattern that is not known',
      'user.username.matches(user.uid)',
      'invalid-argument: user.username.matches(user.uid)',
    ],
    ['a value of unknown type', 'dyn(user.groups) < 3', 'unknown-type: dyn(user.groups) < 3'],
    ['within a comprehension', 'user.groups.exists(g, int(g) > 3)', 'conversion: int(g)'],
    [
      'a guard that fails itself',
      'user.extra["a"] != [] && user.extra["a"][0] == "x"',
      'missing-key: user.extra["a"]',
    ],
  ])('%s', (_, expression, site) => expect(sitesOf(expression)).toContain(site));

  it.each<[string, string]>([
    ['a count of elements', 'user.groups.exists_one(g, g == "dev")'],
    [
      'comprehensions within each other, however deep',
      Array.from({ length: 60 }).reduce<string>(
        (inner, _, depth) => `user.groups.all(g${depth}, g${depth} != "x" && ${inner})`,
        'true',
      ),
    ],
    ['a key that was tested for', '"a" in user.extra && user.extra["a"][0] == "x"'],
    [
      'a guard on the right, since && absorbs what fails on the left',
      'user.extra["a"][0] == "x" && "a" in user.extra',
    ],
    ['a guard of the other sign', '!("a" in user.extra) || user.extra["a"][0] == "x"'],
    ['has()', 'has(user.extra.a) && user.extra["a"].exists(v, v == "x")'],
    ['a guard in a condition', '"a" in user.extra ? user.extra["a"][0] == "x" : false'],
    ['an optional with a default', 'user.extra[?"a"][0].orValue("") == "x"'],
    ['an optional that was tested', 'user.extra.?a.hasValue() && user.extra.?a.value()[0] == "x"'],
    ['optMap()', 'user.extra[?"a"].optMap(v, v.size()).orValue(0) > 1'],
    ['a size that suffices', 'user.groups.size() >= 2 && user.groups[1] == "a"'],
    ['the last element of what has one', 'user.groups != [] && user.groups[size(user.groups) - 1] == "a"'],
    ['what is looked at in a loop over it', 'user.groups.all(g, user.groups[0] <= g)'],
    ['the keys of a map in a loop over them', 'user.extra.all(k, user.extra[k].size() > 0)'],
    ['the first part of a split text', 'user.username.split("@")[0] == "x"'],
    ['a name, which is never empty', 'user.username.charAt(0) != "_"'],
    ['a number of few digits', 'user.uid.matches("^[0-9]{1,9}$") && int(user.uid) > 1'],
    ['an address that was tested', 'isIP(user.uid) && ip(user.uid).family() == 4'],
    ['constants', 'cidr("10.0.0.0/8").containsIP("10.1.2.3") && [1, 2][1] == 2'],
    ['a divisor that was tested', 'size(user.groups) != 0 && 10 / size(user.groups) > 1'],
    ['sums of sizes', 'size(user.groups) + size(user.uid) < 100'],
  ])('%s cannot', (_, expression) => expect(sitesOf(expression)).toEqual([]));

  it('an address of a request can be converted, since a rule that reads one has one', () => {
    const examined = examine('cidr("10.0.0.0/8").containsIP(request.remoteaddr)', environments.request);
    expect(examined && findFailureSites(examined)).toEqual([]);
  });

  it('what is said to be unable to fail never fails', () => {
    let safe = 0;
    fc.assert(
      fc.property(rules, fc.array(users, { minLength: 12, maxLength: 12 }), (expression, people) => {
        const compilation = compileExpression(expression, environments.user, 'bool');
        if (!compilation.ok || sitesOf(expression).length > 0) return;
        safe += 1;
        for (const user of people) expect(compilation.program.evaluate(toUserInput(user)).kind).toBe('value');
      }),
      { numRuns: 800, seed: 7 },
    );
    expect(safe).toBeGreaterThan(80);
  });
});

describe('a form that cannot fail', () => {
  it.each<[string, string | undefined]>([
    ['user.extra["a"][0] == "x"', 'user.extra[?"a"][0].orValue("") == "x"'],
    ['user.extra.a == ["x"]', 'user.extra.?a.orValue([]) == ["x"]'],
    ['user.groups[0] == "dev"', 'user.groups[?0].orValue("") == "dev"'],
    ['user.groups.first().value() == "a"', 'user.groups.first().orValue("") == "a"'],
    ['int(user.uid) > 1', 'user.uid.matches("^[0-9]{1,18}$") && int(user.uid) > 1'],
    [
      'user.uid == "" || int(user.uid) > 1',
      'user.uid == "" || (user.uid.matches("^[0-9]{1,18}$") && int(user.uid) > 1)',
    ],
    ['!(int(user.uid) > 1)', 'user.uid.matches("^[0-9]{1,18}$") && !(int(user.uid) > 1)'],
    ['user.groups.all(g, int(g) > 3)', 'user.groups.all(g, (g.matches("^[0-9]{1,18}$") && int(g) > 3))'],
    ['10 / size(user.groups) > 1', 'size(user.groups) != 0 && 10 / size(user.groups) > 1'],
    ['user.groups.max() > "a"', 'size(user.groups) > 0 && user.groups.max() > "a"'],
    ['user.username.matches(user.uid)', undefined],
    ['user.username == "a"', undefined],
  ])('%s', (expression, guarded) =>
    expect(guardedForm(examineUserRule(expression), environments.user)).toBe(guarded),
  );

  it('never fails, and lets nobody pass whom the expression denies', () => {
    let compared = 0;
    fc.assert(
      fc.property(rules, fc.array(users, { minLength: 6, maxLength: 6 }), (expression, people) => {
        const examined = examine(expression, environments.user);
        const text = examined && guardedForm(examined, environments.user);
        if (text === undefined) return;
        const [before, after] = [expression, text].map((one) =>
          compileExpression(one, environments.user, 'bool'),
        );
        if (before?.ok !== true || after?.ok !== true) throw new Error('a form that does not compile');
        for (const user of people) {
          const [old, guarded] = [before, after].map(({ program }) => program.evaluate(toUserInput(user)));
          expect(guarded?.kind).toBe('value');
          if (old?.kind === 'value' && old.value === false) expect(guarded).toMatchObject({ value: false });
          compared += 1;
        }
      }),
      { numRuns: 400, seed: 7 },
    );
    expect(compared).toBeGreaterThan(100);
  });
});
