import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { credentialId, toKubernetesUser } from '../../src/identity/kubernetes-user.ts';
import { parseCertificate } from '../../src/x509/parse-certificate.ts';
import { type VerifiedPath, verifyPath } from '../../src/x509/path.ts';
import { toTrustBundle } from '../../src/x509/trust-bundle.ts';
import { octetString, utf8String } from '../x509/der-writer.ts';
import { entity, issue, NOW, name } from '../x509/raw-certificate.ts';

const CN = '2.5.4.3';
const O = '2.5.4.10';
const UID = '1.3.6.1.4.1.57683.2';

type Attributes = readonly (readonly [string, string | Buffer])[];

/** The path of a certificate with this subject that is its own anchor. */
function pathOf(...attributes: Attributes): VerifiedPath {
  const subject = name(
    ...attributes.map(
      ([type, value]) => [type, typeof value === 'string' ? utf8String(value) : value] as const,
    ),
  );
  const result = parseCertificate(issue(entity('x'), entity('y'), { subject }), 'any');
  if (!result.ok) throw new Error(result.error);
  const anchors = toTrustBundle([result.certificate]);
  const verdict = verifyPath([result.certificate], {
    anchors,
    at: NOW,
    maxSignatureChecks: 1,
    handledExtensions: new Set(),
  });
  if (verdict.kind === 'refused') throw new Error(verdict.refusal.code);
  return verdict.paths[0];
}

describe('the user that Kubernetes makes of a certificate', () => {
  it('is its common name, its organizations, its UID and its fingerprint', () => {
    const path = pathOf([O, 'dev'], [CN, 'alice'], [UID, 'uid-1'], [O, 'ops'], ['2.5.4.11', 'x']);
    const [leaf] = path.certificates;
    const fingerprint = createHash('sha256').update(leaf.der).digest('hex');
    expect(toKubernetesUser(path)).toEqual({
      kind: 'user',
      user: {
        username: 'alice',
        uid: 'uid-1',
        groups: ['dev', 'ops'],
        extra: new Map([['authentication.kubernetes.io/credential-id', [`X509SHA256=${fingerprint}`]]]),
      },
    });
    expect(credentialId(leaf)).toBe(`X509SHA256=${fingerprint}`);
  });

  it.each([
    [
      'the last of several common names',
      [
        [CN, 'admin'],
        [CN, 'bob'],
      ],
      { username: 'bob' },
    ],
    [
      'whatever the common name holds',
      [[CN, 'x\nO=system:masters']],
      { username: 'x\nO=system:masters', groups: [] },
    ],
    [
      'organizations that are equal or empty',
      [
        [CN, 'a'],
        [O, 'g'],
        [O, ''],
        [O, 'g'],
      ],
      { groups: ['g', '', 'g'] },
    ],
    ['no UID where there is none', [[CN, 'a']], { uid: '' }],
    [
      'nothing of an organization that is no string',
      [
        [CN, 'a'],
        [O, octetString()],
      ],
      { groups: [] },
    ],
  ] as const)('has %s', (_, attributes, user) => {
    expect(toKubernetesUser(pathOf(...attributes))).toMatchObject({ kind: 'user', user });
  });

  it.each([
    ['no common name', [[O, 'dev']]],
    ['an empty one', [[CN, '']]],
    [
      'an empty one after another',
      [
        [CN, 'alice'],
        [CN, ''],
      ],
    ],
    ['one that is no string', [[CN, octetString()]]],
    [
      'none, and two UIDs',
      [
        [UID, 'a'],
        [UID, 'b'],
      ],
    ],
  ] as const)('is nobody with %s', (_, attributes) => {
    expect(toKubernetesUser(pathOf(...attributes))).toEqual({ kind: 'no-opinion' });
  });

  it.each([
    [
      'two UIDs',
      [
        [UID, 'a'],
        [UID, 'b'],
      ],
      'expected 1 UID, but found multiple: [a b]',
    ],
    [
      'an empty UID and another',
      [
        [UID, ''],
        [UID, 'x'],
      ],
      'expected 1 UID, but found multiple: [ x]',
    ],
    ['an empty UID', [[UID, '']], 'UID cannot be an empty string'],
    ['a UID that is no string', [[UID, octetString()]], 'unable to parse UID into a string'],
  ] as const)('is invalid with %s, unless UIDs are ignored', (_, uids, message) => {
    const path = pathOf([CN, 'alice'], ...uids);
    expect(toKubernetesUser(path)).toEqual({ kind: 'invalid', message });
    expect(toKubernetesUser(path, 'ignored')).toMatchObject({
      kind: 'user',
      user: { username: 'alice', uid: '' },
    });
  });
});
