import type { UserInfo } from '../../identity/user-info.ts';
import type { Answer } from './case-result.ts';
import type { Expectation, ExpectedUser } from './policy-test-file.ts';

/** Where an answer is not what a case expects, a line each; `user` is who was authenticated. */
export function findMismatches(
  { outcome, reason }: Pick<Answer, 'outcome' | 'reason'>,
  expected: Expectation,
  user?: UserInfo,
): readonly string[] {
  const got = reason === undefined ? describeUser(user) : describeReason(reason);
  if (outcome !== expected.outcome) return [`outcome: expected ${expected.outcome}, got ${outcome} (${got})`];
  return [
    ...mismatch('reason', expected.reason, reason?.code),
    ...mismatch('message', expected.message, reason?.message),
    ...(expected.user === undefined ? [] : findUserMismatches(user, expected.user)),
  ];
}

/** A reason in words, with its code where it has one. */
export function describeReason({ code, message }: NonNullable<Answer['reason']>): string {
  return code === undefined ? message : `${code}: ${message}`;
}

function findUserMismatches(user: UserInfo | undefined, expected: ExpectedUser): readonly string[] {
  if (user === undefined) return ['user: expected one, and nobody was authenticated'];
  const extra = Object.entries(expected.extra ?? {});
  return [
    ...mismatch('user.username', expected.username, user.username),
    ...mismatch('user.uid', expected.uid, user.uid),
    ...mismatch('user.groups', sorted(expected.groups), sorted(user.groups)),
    ...extra.flatMap(([key, values]) =>
      mismatch(`user.extra[${JSON.stringify(key)}]`, values, user.extra.get(key)),
    ),
  ];
}

function sorted(values: readonly string[] | undefined): readonly string[] | undefined {
  return values === undefined ? undefined : [...values].sort();
}

function mismatch(what: string, expected: unknown, got: unknown): readonly string[] {
  if (expected === undefined || JSON.stringify(expected) === JSON.stringify(got)) return [];
  return [`${what}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(got) ?? 'nothing'}`];
}

function describeUser(user: UserInfo | undefined): string {
  return user === undefined
    ? 'nothing speaks against it'
    : `${JSON.stringify(user.username)}, groups ${JSON.stringify(user.groups)}`;
}
