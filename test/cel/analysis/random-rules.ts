import fc from 'fast-check';
import type { UserInfo } from '../../../src/identity/user-info.ts';

const TEXTS = ['a', 'b', 'system:', '', '1', '12', 'x@y', '10.0.0.1'];
const KEYS = ['k', 'l'];
const quoted = fc.constantFrom(...TEXTS).map((text) => JSON.stringify(text));
const key = fc.constantFrom(...KEYS).map((text) => JSON.stringify(text));

/** Users that the rules below tell apart. No value of extra is empty, as none ever is. */
export const users: fc.Arbitrary<UserInfo> = fc.record({
  username: fc.constantFrom(...TEXTS.filter((text) => text !== '')),
  uid: fc.constantFrom(...TEXTS),
  groups: fc.array(fc.constantFrom(...TEXTS), { maxLength: 4 }),
  extra: fc
    .dictionary(fc.constantFrom(...KEYS), fc.array(fc.constantFrom(...TEXTS), { minLength: 1, maxLength: 3 }))
    .map((extra) => new Map(Object.entries(extra))),
});

const lists = fc.oneof(
  fc.constant('user.groups'),
  key.map((name) => `user.extra[${name}]`),
  fc.constant('user.extra.k'),
  key.map((name) => `user.extra[?${name}].orValue([])`),
  fc.constant('user.username.split("@")'),
);

const texts = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('user.username', 'user.uid') },
  fc.tuple(lists, fc.nat({ max: 2 })).map(([list, index]) => `${list}[${index}]`),
  fc.tuple(lists, fc.nat({ max: 2 })).map(([list, index]) => `${list}[?${index}].orValue("")`),
  lists.map((list) => `${list}.first().value()`),
  fc
    .tuple(fc.constantFrom('user.username', 'user.uid'), fc.nat({ max: 3 }))
    .map(([text, at]) => `${text}.substring(${at})`),
);

const numbers = fc.oneof(
  fc.nat({ max: 4 }).map(String),
  lists.map((list) => `size(${list})`),
  texts.map((text) => `int(${text})`),
  fc.tuple(lists, lists).map(([a, b]) => `(${a}.size() / ${b}.size())`),
  lists.map((list) => `(10 % size(${list}))`),
);

const atoms = fc.oneof(
  fc.tuple(texts, fc.constantFrom('==', '!='), quoted).map(([a, operator, b]) => `${a} ${operator} ${b}`),
  fc
    .tuple(texts, fc.constantFrom('startsWith', 'endsWith', 'contains'), quoted)
    .map(([a, name, b]) => `${a}.${name}(${b})`),
  fc
    .tuple(numbers, fc.constantFrom('<', '<=', '>', '>=', '==', '!='), fc.nat({ max: 3 }))
    .map(([a, operator, b]) => `${a} ${operator} ${b}`),
  key.map((name) => `${name} in user.extra`),
  fc.constantFrom('has(user.extra.k)', 'has(user.uid)', 'true', 'false'),
  fc.tuple(quoted, lists).map(([text, list]) => `${text} in ${list}`),
  fc.tuple(texts, fc.constantFrom('[]', '["a"]', '["a", "b"]')).map(([text, list]) => `${text} in ${list}`),
  lists.map((list) => `${list} != []`),
  texts.map((text) => `${text}.matches("^[0-9]{1,9}$")`),
  fc
    .tuple(lists, fc.constantFrom('all', 'exists'), quoted)
    .map(([list, name, text]) => `${list}.${name}(g, g == ${text})`),
  fc.tuple(lists, fc.constantFrom('all', 'exists')).map(([list, name]) => `${list}.${name}(g, int(g) > 1)`),
  fc.constant('user.extra.all(k, user.extra[k][0] != "")'),
);

/** Conditions over `user` that compile, with guards, failures, contradictions and repetitions as they come. */
export const rules: fc.Arbitrary<string> = fc.letrec<{ rule: string }>((tie) => ({
  rule: fc.oneof(
    { maxDepth: 4, depthSize: 'medium' },
    atoms,
    fc.tuple(tie('rule'), tie('rule')).map(([a, b]) => `(${a} && ${b})`),
    fc.tuple(tie('rule'), tie('rule')).map(([a, b]) => `(${a} || ${b})`),
    tie('rule').map((a) => `!(${a})`),
    fc.tuple(tie('rule'), tie('rule'), tie('rule')).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
    tie('rule').map((a) => `user.groups.all(h, ${a})`),
  ),
})).rule;

/** Conditions so small that two of them often have something in common. */
export const smallRules: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom('user.username', 'user.uid'),
    fc.constantFrom(
      '== "a"',
      '!= "a"',
      '== "b"',
      'in ["a", "b"]',
      'in ["a"]',
      '.startsWith("a")',
      '.contains("a")',
      '.size() > 0',
      '.size() == 0',
    ),
    fc.constantFrom('$', '!($)', '($ && user.groups != [])', '($ || user.groups == [])'),
  )
  .map(([term, test, frame]) =>
    frame.replace('$', () => (test.startsWith('.') ? term + test : `${term} ${test}`)),
  );
