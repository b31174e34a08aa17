import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { examine } from '../../../src/cel/analysis/examined-expression.ts';
import type { Formula } from '../../../src/cel/analysis/formula.ts';
import { formulaOf } from '../../../src/cel/analysis/to-formula.ts';
import { relationOf, truthOf } from '../../../src/cel/analysis/truth.ts';
import { compileExpression } from '../../../src/cel/compile.ts';
import { environments } from '../../../src/cel/environment.ts';
import { toUserInput } from '../../../src/cel/input.ts';
import type { UserInfo } from '../../../src/identity/user-info.ts';
import { rules, smallRules, users } from './random-rules.ts';

function conditionOf(expression: string): Formula {
  const examined = examine(expression, environments.user);
  if (examined === undefined) throw new Error(`does not compile: ${expression}`);
  return formulaOf(examined);
}

describe('the truth of a rule', () => {
  it.each([
    ['true', 'always-true'],
    ['1 + 1 == 2', 'always-true'],
    ['user.username == user.username', 'always-true'],
    ['size(user.groups) >= 0', 'always-true'],
    ['has(user.uid)', 'always-true'],
    ['user.username.startsWith("")', 'always-true'],
    ['user.groups.all(g, true)', 'always-true'],
    ['user.groups == [] || user.groups.size() > 0', 'always-true'],
    ['user.username.startsWith("a") || !user.username.startsWith("ab")', 'always-true'],
    ['!("a" in user.groups) || user.groups.exists(g, g == "a")', 'always-true'],
    ['size(user.groups) < 0', 'never-true'],
    ['user.groups.exists(g, false)', 'never-true'],
    ['user.username == "a" && user.username == "b"', 'never-true'],
    ['user.username in ["a", "b"] && user.username == "c"', 'never-true'],
    ['user.username.startsWith("system:masters") && !user.username.startsWith("system:")', 'never-true'],
    ['user.username.endsWith("@a") && user.username.endsWith("@b")', 'never-true'],
    ['user.username == "bob" && user.username.matches("^a")', 'never-true'],
    ['size(user.groups) > 3 && size(user.groups) < 5 && size(user.groups) != 4', 'never-true'],
    ['user.username == "a"', 'open'],
    ['user.username == "a" || user.uid == "a"', 'open'],
    ['size(user.groups) > 0', 'open'],
    ['user.username.startsWith("a") && user.username.endsWith("b")', 'open'],
    ['user.username.contains("a") && !user.username.startsWith("a")', 'open'],
    ['user.groups.all(g, g != "x") && user.groups.exists(g, g != "x")', 'open'],
  ])('%s is %s', (expression, truth) => expect(truthOf(conditionOf(expression))).toBe(truth));
});

describe('how one rule stands to another', () => {
  it.each([
    ['user.username == "a"', '!(user.username != "a")', 'same'],
    ['"a" == user.username', 'user.username == "a"', 'same'],
    [
      '!user.groups.exists(g, g.startsWith("system:"))',
      'user.groups.all(x, !x.startsWith("system:"))',
      'same',
    ],
    ['size(user.groups) > 2', 'user.groups.size() >= 3', 'same'],
    ['user.uid == ""', 'user.uid.size() == 0', 'same'],
    ['user.uid == "" && user.username == "a"', 'user.username == "a" && user.uid == ""', 'same'],
    ['user.extra["a"] == ["x"]', 'user.extra.a == ["x"]', 'same'],
    ['user.username == "a"', 'user.username in ["b", "a"]', 'implies'],
    ['user.username.startsWith("ab")', 'user.username.startsWith("a")', 'implies'],
    ['size(user.groups) > 5', 'size(user.groups) > 2', 'implies'],
    ['user.username == "a" && user.uid == ""', 'user.uid == ""', 'implies'],
    ['user.uid == ""', 'user.uid == "" && user.username == "a"', 'open'],
    ['user.username.startsWith("a")', 'user.uid.startsWith("a")', 'open'],
    ['user.groups.all(g, g != "x")', 'user.groups.exists(g, g != "x")', 'open'],
  ])('%s and %s: %s', (first, second, relation) =>
    expect(relationOf(conditionOf(first), conditionOf(second))).toBe(relation),
  );
});

describe('what is proved of random rules', () => {
  const valueOf = (expression: string, user: UserInfo): unknown => {
    const compilation = compileExpression(expression, environments.user, 'bool');
    const evaluation = compilation.ok ? compilation.program.evaluate(toUserInput(user)) : undefined;
    return evaluation?.kind === 'value' ? evaluation.value : undefined;
  };

  it('holds of every user on whom they do not fail', () => {
    let proved = 0;
    fc.assert(
      fc.property(rules, fc.array(users, { minLength: 8, maxLength: 8 }), (expression, people) => {
        const truth = truthOf(conditionOf(expression));
        if (truth === 'open') return;
        proved += 1;
        for (const user of people) expect(valueOf(expression, user)).not.toBe(truth === 'never-true');
      }),
      { numRuns: 200, seed: 11 },
    );
    expect(proved).toBeGreaterThan(10);
  });

  it('holds of pairs of them', () => {
    let proved = 0;
    fc.assert(
      fc.property(
        smallRules,
        smallRules,
        fc.array(users, { minLength: 8, maxLength: 8 }),
        (first, second, people) => {
          const relation = relationOf(conditionOf(first), conditionOf(second));
          if (relation === 'open') return;
          proved += 1;
          for (const user of people) {
            const [a, b] = [valueOf(first, user), valueOf(second, user)];
            if (a === true) expect(b).not.toBe(false);
            if (relation === 'same' && b === true) expect(a).not.toBe(false);
          }
        },
      ),
      { numRuns: 300, seed: 11 },
    );
    expect(proved).toBeGreaterThan(20);
  });
});
