import { describe, expect, it } from 'vitest';
import { type MappedValues, toMappedUser } from '../../src/identity/mapped-user.ts';
import { pathOf } from './judge.ts';

const [leaf] = (await pathOf({ subject: [{ CN: 'alice' }] })).certificates;
const credential = ['authentication.kubernetes.io/credential-id', [`X509SHA256=${leaf.fingerprint}`]];

const nothing: MappedValues = { username: 'alice', groups: '', uid: '', extra: [] };

function groupsOf(groups: unknown): unknown {
  const result = toMappedUser({ ...nothing, groups }, leaf, 'refused');
  return result.ok ? result.user.groups : result.refusal.code;
}

function extraOf(value: unknown): unknown {
  const result = toMappedUser({ ...nothing, extra: [{ key: 'example.org/a', value }] }, leaf, 'refused');
  return result.ok ? [...result.user.extra] : result.refusal;
}

describe('toMappedUser', () => {
  it('makes the user, and names the certificate as its credential', () => {
    const extra = [
      { key: 'example.org/a', value: 'one' },
      { key: 'example.org/b', value: ['two', 'three'] },
    ];
    const values = { username: 'alice', groups: ['dev', 'ops'], uid: 'u1', extra };
    expect(toMappedUser(values, leaf, 'refused')).toEqual({
      ok: true,
      user: {
        username: 'alice',
        uid: 'u1',
        groups: ['dev', 'ops'],
        extra: new Map([
          ['example.org/a', ['one']],
          ['example.org/b', ['two', 'three']],
          ['authentication.kubernetes.io/credential-id', [`X509SHA256=${leaf.fingerprint}`]],
        ]),
      },
    });
  });

  it('does not let a mapping replace the credential', () => {
    const extra = [{ key: 'authentication.kubernetes.io/credential-id', value: 'JTI=forged' }];
    const result = toMappedUser({ ...nothing, extra }, leaf, 'allowed');
    expect(result.ok && [...result.user.extra]).toEqual([credential]);
  });

  it.each([
    ['a string', 'dev', ['dev']],
    ['an empty string', '', []],
    ['null', null, []],
    ['a list', ['dev', 'ops'], ['dev', 'ops']],
    ['an empty list', [], []],
    ['a list of empty strings', ['', ''], []],
    ['a list with an empty string, which is dropped', ['dev', '', 'ops'], ['dev', 'ops']],
    ['a list with a string twice', ['dev', 'dev'], ['dev', 'dev']],
    ['a number', 1n, 'mapping/groups-type'],
    ['a boolean', true, 'mapping/groups-type'],
    ['a map', new Map([['dev', true]]), 'mapping/groups-type'],
    ['a list with a number', ['dev', 1], 'mapping/groups-type'],
    ['a list with null', ['dev', null], 'mapping/groups-type'],
    ['a list of lists', [['dev']], 'mapping/groups-type'],
  ])('converts groups from %s', (_, value, expected) => {
    expect(groupsOf(value)).toEqual(expected);
  });

  it.each([
    ['a string', 'x', [['example.org/a', ['x']], credential]],
    ['a list', ['x', '', 'y'], [['example.org/a', ['x', 'y']], credential]],
    ['null, which leaves the key out', null, [credential]],
    ['an empty string, which leaves the key out', '', [credential]],
    ['an empty list, which leaves the key out', [], [credential]],
    ['a map', {}, { code: 'mapping/extra-type', value: 'example.org/a' }],
    ['a list with a number', ['x', 2], { code: 'mapping/extra-type', value: 'example.org/a' }],
  ])('converts an extra value from %s', (_, value, expected) => {
    expect(extraOf(value)).toEqual(expected);
  });

  it.each([
    ['an empty username', { username: '' }, 'mapping/username-empty'],
    ['a username that is null', { username: null }, 'mapping/username-type'],
    ['a username that is a list', { username: ['alice'] }, 'mapping/username-type'],
    ['a username that is a number', { username: 7n }, 'mapping/username-type'],
    ['a uid that is null', { uid: null }, 'mapping/uid-type'],
    ['a uid that is a list', { uid: ['u1'] }, 'mapping/uid-type'],
    ['a username that begins with system:', { username: 'system:admin' }, 'mapping/system-username'],
    ['the username system:', { username: 'system:' }, 'mapping/system-username'],
    ['a service account', { username: 'system:serviceaccount:a:b' }, 'mapping/system-username'],
    ['system:masters', { groups: 'system:masters' }, 'mapping/system-group'],
    ['system:masters after another group', { groups: ['dev', 'system:masters'] }, 'mapping/system-group'],
    ['system:serviceaccounts', { groups: ['system:serviceaccounts:a'] }, 'mapping/system-group'],
  ])('refuses %s', (_, values, code) => {
    expect(toMappedUser({ ...nothing, ...values }, leaf, 'refused')).toMatchObject({ refusal: { code } });
  });

  it.each([
    ['system', 'systems'],
    ['System:admin', 'SYSTEM:masters'],
    ['my-system:admin', 'x system:masters'],
  ])("takes %j for nobody of Kubernetes' own", (username, group) => {
    expect(toMappedUser({ ...nothing, username, groups: [group] }, leaf, 'refused').ok).toBe(true);
  });

  it('makes system users and groups where they are allowed', () => {
    const values = { ...nothing, username: 'system:node:worker-1', groups: ['system:nodes'] };
    expect(toMappedUser(values, leaf, 'allowed')).toMatchObject({
      user: { username: 'system:node:worker-1', groups: ['system:nodes'] },
    });
  });
});
