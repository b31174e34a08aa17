import { describe, expect, it } from 'vitest';
import { compareVerdicts, describeChange, isOfConcern } from '../../src/cli/dry-run/comparison.ts';
import { judge, type Verdict } from '../../src/cli/dry-run/trial.ts';
import { authenticatorOf } from '../authenticators.ts';
import { mintAuthority, mintClient, NOW } from '../pki.ts';

const ca = await mintAuthority('my-ca');
const alice = await mintClient(ca, { subject: [{ CN: 'alice' }, { O: 'dev' }, { O: 'ops' }] });

/** What an entry with these lines makes of alice. */
function verdict(...lines: readonly string[]): Verdict {
  const entry = ['- issuer: {name: my-ca}', ...lines.map((line) => `  ${line}`)].join('\n');
  const possession = { kind: 'assumed' } as const;
  const evidence = { chain: [alice.certificate], possession, at: NOW } as const;
  return judge(authenticatorOf(entry, ca.pem), { kind: 'evidence', evidence });
}

const mapped = (username: string, groups = 'cert.subject.organization', uid = '""'): Verdict =>
  verdict(
    `claimMappings: {username: {expression: '${username}'}, groups: {expression: '${groups}'}, uid: {expression: '${uid}'}}`,
  );

const withExtra = verdict(
  `claimMappings: {username: {expression: '"alice"'}, groups: {expression: 'cert.subject.organization'}, extra: [{key: example.org/a, valueExpression: '"b"'}]}`,
);
const plain = verdict();
const denied = verdict(`userValidationRules: [{expression: 'false', message: not you}]`);
const alsoDenied = verdict(`requestValidationRules: [{expression: 'false', message: never}]`);

describe('a change of policy', () => {
  it.each<[string, Verdict, Verdict, string, string, string]>([
    ['that changes nothing', plain, verdict(), 'same', 'the same', ''],
    ['that refuses for another reason', denied, alsoDenied, 'same', 'the same', ''],
    ['that locks out', plain, denied, 'locked-out', 'was alice; user/denied: not you', 'lockout'],
    ['that lets in', denied, plain, 'let-in', 'is now alice, groups dev, ops', 'widened'],
    ['of the name', plain, mapped('"bob"'), 'changed', 'alice is now bob', 'widened'],
    [
      'of the uid',
      plain,
      mapped('"alice"', 'cert.subject.organization', '"7"'),
      'changed',
      'alice; uid "" is now 7',
      'widened',
    ],
    [
      'that gives a group',
      plain,
      mapped('"alice"', '["dev", "ops", "sre"]'),
      'changed',
      'alice; groups +sre',
      'widened',
    ],
    ['that takes a group', plain, mapped('"alice"', '["dev"]'), 'changed', 'alice; groups -ops', ''],
    [
      'that swaps groups',
      plain,
      mapped('"alice"', '["dev", "sre"]'),
      'changed',
      'alice; groups +sre -ops',
      'widened',
    ],
    ['that gives an extra value', plain, withExtra, 'changed', 'alice; another extra', 'widened'],
    ['that takes an extra value', withExtra, plain, 'changed', 'alice; another extra', ''],
    ['that names a group twice', plain, mapped('"alice"', '["dev", "ops", "dev"]'), 'same', 'the same', ''],
    ['of the order of groups', plain, mapped('"alice"', '["ops", "dev"]'), 'same', 'the same', ''],
  ])('%s', (_, before, after, kind, text, concern) => {
    const change = compareVerdicts(before, after);
    expect([change.kind, describeChange(change)]).toEqual([kind, text]);
    const concerns = (['lockout', 'widened'] as const).filter((concern) => isOfConcern(change, concern));
    expect(concerns.join()).toBe(concern);
  });
});
