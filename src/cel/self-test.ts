import { compileExpression } from './compile.ts';
import { environments } from './environment.ts';
import { toUserInput } from './input.ts';

/** An expression and kube-apiserver's answer: true or false, an error, the cost limit, or that it does not load. */
type Golden = readonly [expression: string, answer: 'true' | 'false' | 'error' | 'cost-limit' | 'refused'];

/** What a rule's meaning hangs by, with the answers of kube-apiserver 1.36.2's own code. */
const GOLDEN: readonly Golden[] = [
  ['user.username.startsWith("system:")', 'true'],
  ['user.username == "system:node:a" && "system:nodes" in user.groups', 'true'],
  ['user.groups.exists(g, g == "dev") || user.groups.all(g, g.startsWith("system:"))', 'true'],
  ['user.extra[?"example.org/role"][0].orValue("") == "admin"', 'true'],
  ['user.extra.example__dot__org__slash__role[0] == "admin"', 'true'],
  ['"example__dot__org__slash__role" in user.extra', 'false'],
  ['user.extra["absent"][0] == ""', 'error'],
  ['user.extra["absent"][0] == "" || true', 'true'],
  ['1 / 0 == 1 && false', 'false'],
  ['has(user.uid) && user.uid == ""', 'true'],
  ['user.username.matches("^system:[[:alpha:]]+:\\\\pL$")', 'true'],
  ['"\u212A".lowerAscii() == "k"', 'false'],
  ['"a\u{1F600}b".indexOf("b") == 2 && size("\u{1F600}") == 1', 'true'],
  ['cidr("10.0.0.0/8").containsIP("10.1.2.3") && !cidr("10.0.0.0/8").containsIP("11.0.0.1")', 'true'],
  ['ip("::ffff:10.0.0.1").family() == 4', 'error'],
  ['9223372036854775807 + 1 > 0', 'error'],
  ['dyn(1) == 1.0 && dyn(1u) in [1] && string(1e6) == "1e+06"', 'true'],
  ['timestamp("2024-02-29T23:00:00Z") + duration("1h") == timestamp("2024-03-01T00:00:00Z")', 'true'],
  [
    'quantity("1.5Gi").isGreaterThan(quantity("1500M")) && semver("1.10.0").isGreaterThan(semver("1.9.0"))',
    'true',
  ],
  ['lists.range(1000).all(a, lists.range(1000).all(b, true))', 'cost-limit'],
  ['dyn(true)', 'refused'],
  ['user.constructor == user.__proto__', 'refused'],
  ['int("abc") == 1', 'refused'],
  ['"a".matches("(?=a)")', 'refused'],
];

const USER = {
  username: 'system:node:a',
  uid: '',
  groups: ['system:nodes'],
  extra: new Map([['example.org/role', ['admin']]]),
};

/**
 * Evaluates some expressions whose answers are known, and gives what differs. A server must not serve unless nothing does:
 * a library that has changed would change what a rule means.
 */
export function selfTest(): readonly string[] {
  const input = toUserInput(USER);
  return GOLDEN.flatMap(([expression, expected]) => {
    const compilation = compileExpression(expression, environments.user, 'bool');
    const evaluation = compilation.ok ? compilation.program.evaluate(input) : undefined;
    const kind = evaluation?.kind ?? 'refused';
    const answer = evaluation?.kind === 'value' ? JSON.stringify(evaluation.value) : kind;
    return answer === expected ? [] : [`${expression}: expected ${expected}, got ${answer}`];
  });
}
