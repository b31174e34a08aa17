import { describe, expect, it } from 'vitest';
import { isNamespaceName, isObjectName, isObjectUid } from '../../src/identity/object-name.ts';

describe('names that Kubernetes allows', () => {
  it.each(['a', '0', 'kube-system', 'a--b', 'a'.repeat(63)])('takes %j for a namespace', (name) => {
    expect(isNamespaceName(name)).toBe(true);
  });

  it.each(['', '-', '-a', 'a-', 'A', 'a.b', 'a_b', 'a b', 'a\n', 'ä', 'a'.repeat(64)])(
    'does not take %j for a namespace',
    (name) => {
      expect(isNamespaceName(name)).toBe(false);
    },
  );

  it.each(['a', 'a.b', 'worker-1.example.org', 'a'.repeat(253), `${'a'.repeat(126)}.${'b'.repeat(126)}`])(
    'takes %j for an object',
    (name) => {
      expect(isObjectName(name)).toBe(true);
    },
  );

  it.each([
    '',
    '.',
    '..',
    '.a',
    'a.',
    'a..b',
    'a.-b',
    'a-.b',
    'A.b',
    'a_b',
    'a:b',
    'a/b',
    'a\n',
    'a'.repeat(254),
  ])('does not take %j for an object', (name) => {
    expect(isObjectName(name)).toBe(false);
  });

  it.each(['277b9c49-39c3-4f23-b0b1-e889ef90c0b2', 'x', 'u'.repeat(128)])('takes %j for a UID', (uid) => {
    expect(isObjectUid(uid)).toBe(true);
  });

  it.each(['', ' ', 'a b', 'a\n', 'ä', 'u'.repeat(129)])('does not take %j for a UID', (uid) => {
    expect(isObjectUid(uid)).toBe(false);
  });

  it('answers at once for what makes a backtracking pattern slow', () => {
    expect(isObjectName(`${'a'.repeat(250)}-`)).toBe(false);
    expect(isObjectName('a-'.repeat(126))).toBe(false);
  });
});
