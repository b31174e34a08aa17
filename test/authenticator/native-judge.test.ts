import { beforeAll, describe, expect, it } from 'vitest';
import { createNativeJudge, type NativeJudge } from '../../src/authenticator/native-judge.ts';
import type { UserInfo } from '../../src/identity/user-info.ts';
import { buildCertificateRevocationList } from '../../src/x509/build.ts';
import { policyOf } from '../native-policies.ts';
import { HOUR, type Identity, mintAuthority, mintClient, NOW } from '../pki.ts';

let ca: Identity;
let alice: Identity;

beforeAll(async () => {
  ca = await mintAuthority('my-ca');
  alice = await mintClient(ca);
});

function userOf(user: Partial<UserInfo> = {}, id = `X509SHA256=${alice.certificate.fingerprint}`): UserInfo {
  const extra = new Map([['authentication.kubernetes.io/credential-id', [id]]]);
  return { username: 'alice', uid: '', groups: ['dev'], extra, ...user };
}

const isRemembered = (judge: NativeJudge, user: UserInfo, at = NOW): boolean =>
  judge.judge({ user, at }).isRemembered;

describe('a verdict is remembered', () => {
  it('for the same user with the same certificate, and is the same', () => {
    const judge = createNativeJudge(
      policyOf('userValidationRules: [{expression: "false", message: never}]\n'),
    );
    const first = judge.judge({ user: userOf(), at: NOW });
    const second = judge.judge({ user: userOf(), at: NOW + HOUR });
    expect([first.isRemembered, second.isRemembered]).toEqual([false, true]);
    expect(second.verdict).toBe(first.verdict);
  });

  it.each<[string, () => UserInfo]>([
    ['name', () => userOf({ username: 'bob' })],
    ['uid', () => userOf({ uid: 'u' })],
    ['groups', () => userOf({ groups: ['dev', 'ops'] })],
    ['groups, run together', () => userOf({ groups: ['d', 'ev'] })],
    ['certificate', () => userOf({}, `X509SHA256=${'a'.repeat(64)}`)],
    ['extra', () => userOf({ extra: new Map([...userOf().extra, ['example.org/x', ['y']]]) })],
  ])('but not for another %s', (_, other) => {
    const judge = createNativeJudge(policyOf(''));
    judge.judge({ user: userOf(), at: NOW });
    expect(isRemembered(judge, other())).toBe(false);
    expect(isRemembered(judge, userOf())).toBe(true);
  });

  it('but not for a user without a certificate, of whom there is nothing to remember', () => {
    const judge = createNativeJudge(policyOf(''));
    const user = userOf({}, 'JTI=1');
    expect([isRemembered(judge, user), isRemembered(judge, user)]).toEqual([false, false]);
  });

  it('for 16,384 users, and then the one that was not asked for the longest is forgotten', () => {
    const judge = createNativeJudge(policyOf(''));
    for (let index = 0; index < 16_384; index += 1)
      judge.judge({ user: userOf({ username: `user-${index}` }), at: NOW });
    expect(isRemembered(judge, userOf({ username: 'user-0' }))).toBe(true);
    judge.judge({ user: userOf({ username: 'one more' }), at: NOW });
    expect(isRemembered(judge, userOf({ username: 'user-0' }))).toBe(true);
    expect(isRemembered(judge, userOf({ username: 'user-1' }))).toBe(false);
  });
});

describe('a verdict is not remembered past a change of a CRL', () => {
  const judgeOf = async (): Promise<NativeJudge> => {
    const revoked = await buildCertificateRevocationList({
      issuer: { certificate: ca.der, key: ca.key },
      thisUpdate: NOW - HOUR,
      nextUpdate: NOW + HOUR,
      entries: [],
    });
    const files = { 'inventory/a.pem': alice.pem + ca.pem, 'ca.crl': revoked };
    return createNativeJudge(policyOf('certificates: [inventory/]\nrevocation: {files: [ca.crl]}\n', files));
  };
  const codeAt = (judge: NativeJudge, at: number): string => {
    const { verdict } = judge.judge({ user: userOf(), at });
    return verdict.outcome === 'denied' ? verdict.reason.code : verdict.outcome;
  };

  it.each<[string, readonly [number, string][]]>([
    [
      'that goes out of date',
      [
        [NOW, 'no-opinion'],
        [NOW + HOUR, 'no-opinion'],
        [NOW + HOUR + 1, 'revocation/stale'],
      ],
    ],
    [
      'that becomes valid',
      [
        [NOW - HOUR - 1, 'revocation/stale'],
        [NOW - HOUR, 'no-opinion'],
      ],
    ],
    [
      'when the clock is set back',
      [
        [NOW + HOUR + 1, 'revocation/stale'],
        [NOW, 'no-opinion'],
      ],
    ],
    [
      'when it is set back and forth',
      [
        [NOW, 'no-opinion'],
        [NOW + 2 * HOUR, 'revocation/stale'],
        [NOW, 'no-opinion'],
        [NOW - 2 * HOUR, 'revocation/stale'],
      ],
    ],
  ])('%s', async (_, moments) => {
    const judge = await judgeOf();
    expect(moments.map(([at]) => codeAt(judge, at))).toEqual(moments.map(([, code]) => code));
  });
  it('and is remembered between the changes', async () => {
    const judge = await judgeOf();
    expect([NOW - HOUR + 1, NOW, NOW + HOUR - 1].map((at) => isRemembered(judge, userOf(), at))).toEqual([
      false,
      true,
      true,
    ]);
  });
});
