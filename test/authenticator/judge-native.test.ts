import { createPublicKey, hash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { judgeNative } from '../../src/authenticator/judge-native.ts';
import type { NativePolicy } from '../../src/authenticator/native-policy.ts';
import { describeNativeReason } from '../../src/authenticator/native-reason.ts';
import type { NativeVerdict } from '../../src/authenticator/native-verdict.ts';
import type { UserInfo } from '../../src/identity/user-info.ts';
import { buildCertificate, buildCertificateRevocationList } from '../../src/x509/build.ts';
import { toPem } from '../../src/x509/pem.ts';
import { policyOf, revocationListOf } from '../native-policies.ts';
import { DAY, HOUR, type Identity, mintAuthority, mintClient, mintIntermediate, NOW } from '../pki.ts';

const CREDENTIAL_ID = 'authentication.kubernetes.io/credential-id';

let ca: Identity;
let intermediate: Identity;
let alice: Identity;
let bob: Identity;
let nested: Identity;

beforeAll(async () => {
  ca = await mintAuthority('my-ca');
  intermediate = await mintIntermediate(ca, 'sub-ca');
  alice = await mintClient(ca, { subject: [{ CN: 'alice' }, { O: 'dev' }] });
  bob = await mintClient(ca, { subject: [{ CN: 'bob' }, { O: 'ops' }] });
  nested = await mintClient(intermediate, { subject: [{ CN: 'nested' }] });
});

const idOf = ({ certificate }: Identity): string => `X509SHA256=${certificate.fingerprint}`;
const sha256 = (bytes: Buffer): string => hash('sha256', bytes, 'hex');
const serialOf = ({ certificate }: Identity): string => certificate.serialNumber.toString(16);

function userOf(ids: readonly string[], user: Partial<UserInfo> = {}): UserInfo {
  const extra = new Map([[CREDENTIAL_ID, ids]]);
  return { username: 'alice', uid: '', groups: ['dev', 'system:authenticated'], extra, ...user };
}

function judge(policy: NativePolicy, user: UserInfo, at = NOW): NativeVerdict {
  return judgeNative(policy, { user, at });
}

/** `no-opinion`, `not-concerned`, or the code and the words of a denial. */
function outcomeOf(verdict: NativeVerdict): string {
  return verdict.outcome === 'denied'
    ? `${verdict.reason.code}: ${describeNativeReason(verdict.reason)}`
    : verdict.outcome;
}

describe('who is not concerned', () => {
  const everybody = (): NativePolicy =>
    policyOf('userValidationRules:\n- {expression: "false", message: nobody}\n');

  it.each<[string, Partial<UserInfo>]>([
    [
      'a service account, whose credential id names a token',
      { extra: new Map([[CREDENTIAL_ID, ['JTI=8c1d']]]) },
    ],
    ['a user without a credential id, as impersonation makes', { extra: new Map() }],
    ['a user with an empty list of credential ids', { extra: new Map([[CREDENTIAL_ID, []]]) }],
    [
      'a credential id of another make',
      { extra: new Map([[CREDENTIAL_ID, ['x509sha256=aa', 'SHA256=aa', '']]]) },
    ],
    [
      'a fingerprint under another key',
      { extra: new Map([['example.org/id', [`X509SHA256=${'a'.repeat(64)}`]]]) },
    ],
  ])('%s', (_, user) => {
    const verdict = judge(everybody(), userOf([], user));
    expect([verdict.outcome, verdict.steps]).toEqual(['not-concerned', []]);
  });
});

describe('a certificate that is not in the inventory', () => {
  const list = () => ({
    'revoked.yaml': revocationListOf(
      `fingerprints: [{sha256: "${alice.certificate.fingerprint}", reason: laptop lost}]\n`,
    ),
  });
  const policy = (): NativePolicy => policyOf('revocation: {files: [revoked.yaml]}\n', list());

  it('is denied by its fingerprint, with the list’s reason', () => {
    expect(outcomeOf(judge(policy(), userOf([idOf(alice)])))).toBe('revocation/revoked: laptop lost');
  });
  it('is denied in capitals too', () => {
    const id = `X509SHA256=${alice.certificate.fingerprint.toUpperCase()}`;
    const verdict = judge(policy(), userOf([id]));
    expect(outcomeOf(verdict)).toBe('revocation/revoked: laptop lost');
    expect(verdict.fingerprints).toEqual([alice.certificate.fingerprint]);
  });
  it('is let be where another is revoked', () => {
    expect(outcomeOf(judge(policy(), userOf([idOf(bob)])))).toBe('no-opinion');
  });
  it.each([
    ['the revoked one first', () => [idOf(alice), idOf(bob)]],
    ['the revoked one last', () => [idOf(bob), idOf(alice)]],
    ['the revoked one beside a token', () => ['JTI=8c1d', idOf(alice)]],
  ])('is denied among several: %s', (_, ids) => {
    expect(outcomeOf(judge(policy(), userOf(ids())))).toBe('revocation/revoked: laptop lost');
  });
  it.each([
    ['is empty', 'X509SHA256='],
    ['is short', `X509SHA256=${'a'.repeat(63)}`],
    ['is long', `X509SHA256=${'a'.repeat(65)}`],
    ['is huge', `X509SHA256=${'a'.repeat(1_000_000)}`],
    ['is no hex', `X509SHA256=${'g'.repeat(64)}`],
    ['ends in a line break', `X509SHA256=${'a'.repeat(64)}\n`],
    ['has colons', `X509SHA256=${'aa:'.repeat(32)}`],
  ])('is denied where its id %s, since it cannot be looked up', (_, id) => {
    const expected = 'certificate/unreadable-id: a credential id is not the SHA-256 of a certificate';
    expect(outcomeOf(judge(policy(), userOf([id])))).toBe(expected);
    expect(outcomeOf(judge(policy(), userOf([idOf(bob), id])))).toBe(expected);
  });
  it('is denied where there are more ids than anybody has', () => {
    const ids = Array.from(
      { length: 17 },
      (_, index) => `X509SHA256=${index.toString(16).padStart(64, '0')}`,
    );
    expect(outcomeOf(judge(policy(), userOf(ids)))).toBe(
      'certificate/unreadable-id: there are more credential ids than kube-apiserver gives',
    );
    expect(outcomeOf(judge(policy(), userOf(ids.slice(1))))).toBe('no-opinion');
  });
  it('is denied without a word of the list where that has no reason', () => {
    const files = {
      'revoked.yaml': revocationListOf(`fingerprints: [{sha256: "${alice.certificate.fingerprint}"}]\n`),
    };
    const verdict = judge(policyOf('revocation: {files: [revoked.yaml]}\n', files), userOf([idOf(alice)]));
    expect(outcomeOf(verdict)).toBe('revocation/revoked: the certificate is revoked');
  });
  it('is not found by its serial number, which nobody knows', () => {
    const files = {
      'revoked.yaml': revocationListOf(`serials: [{serial: "${serialOf(alice)}", issuerName: my-ca}]\n`),
    };
    expect(
      outcomeOf(judge(policyOf('revocation: {files: [revoked.yaml]}\n', files), userOf([idOf(alice)]))),
    ).toBe('no-opinion');
  });
});

describe('a certificate of the inventory', () => {
  const FIELDS = 'certificates: [inventory/]\nrevocation: {files: [revoked]}\n';
  const inventory = (...identities: readonly Identity[]) =>
    Object.fromEntries(identities.map(({ pem }, index) => [`inventory/${index}.pem`, pem]));

  it.each<[string, () => string, string]>([
    [
      'its serial number and its issuer’s name',
      () => `serials: [{serial: "${serialOf(alice)}", issuerName: my-ca, reason: x}]`,
      'revocation/revoked: x',
    ],
    [
      'its serial number and its issuer’s key',
      () =>
        `serials: [{serial: "${serialOf(alice)}", issuerKeyId: "${ca.certificate.subjectKeyId.toString('hex')}", reason: x}]`,
      'revocation/revoked: x',
    ],
    [
      'the serial number of another issuer',
      () => `serials: [{serial: "${serialOf(alice)}", issuerName: other-ca}]`,
      'no-opinion',
    ],
    [
      'its key',
      () => `publicKeys: [{sha256: "${sha256(alice.certificate.publicKey.spki)}", reason: x}]`,
      'revocation/revoked: x',
    ],
    ['nothing', () => 'fingerprints: []', 'no-opinion'],
  ])('is revoked by %s although its issuer is not known', (_, items, expected) => {
    const policy = policyOf(FIELDS, { ...inventory(alice), revoked: revocationListOf(`${items()}\n`) });
    expect(outcomeOf(judge(policy, userOf([idOf(alice)])))).toBe(expected);
  });

  const crl = (issuer: Identity, serialNumber: bigint, nextUpdate = NOW + HOUR): Promise<Buffer> =>
    buildCertificateRevocationList({
      issuer: { certificate: issuer.der, key: issuer.key },
      thisUpdate: NOW - HOUR,
      nextUpdate,
      number: 1n,
      entries: [{ serialNumber, revocationDate: NOW - HOUR, reason: 'keyCompromise' }],
    });

  it('is revoked by its issuer’s CRL, where the issuer is in the inventory', async () => {
    const revoked = toPem(await crl(ca, alice.certificate.serialNumber), 'X509 CRL');
    const policy = policyOf(FIELDS, { ...inventory(alice, bob, ca), revoked });
    expect(outcomeOf(judge(policy, userOf([idOf(alice)])))).toMatch(
      /^revocation\/revoked: .*key ?compromise/i,
    );
    expect(outcomeOf(judge(policy, userOf([idOf(bob)])))).toBe('no-opinion');
  });
  it('is revoked by a CRL whose issuer is named beside it', async () => {
    const fields = 'certificates: [inventory/]\nrevocation: {files: [{file: revoked, issuerFile: ca.pem}]}\n';
    const revoked = await crl(ca, alice.certificate.serialNumber);
    const policy = policyOf(fields, { ...inventory(alice), revoked, 'ca.pem': ca.pem });
    expect(outcomeOf(judge(policy, userOf([idOf(alice)])))).toMatch(/^revocation\/revoked: /);
  });
  it('is not revoked by the CRL of a stranger of the same name', async () => {
    const stranger = await mintAuthority('my-ca');
    const fields =
      'certificates: [inventory/]\nrevocation: {files: [{file: revoked, issuerFile: ca.pem}], onStale: Allow}\n';
    const revoked = await crl(stranger, alice.certificate.serialNumber);
    const policy = policyOf(fields, { ...inventory(alice), revoked, 'ca.pem': stranger.pem });
    expect(outcomeOf(judge(policy, userOf([idOf(alice)])))).toBe('no-opinion');
  });
  it.each([
    ['Deny', `revocation/stale: the revocation list of the certificate's issuer is out of date`],
    ['Allow', 'no-opinion'],
  ])('with onStale %s and a CRL past its nextUpdate', async (onStale, expected) => {
    const fields = `certificates: [inventory/]\nrevocation: {files: [revoked], onStale: ${onStale}}\n`;
    const policy = policyOf(fields, { ...inventory(bob, ca), revoked: await crl(ca, 1n) });
    expect(outcomeOf(judge(policy, userOf([idOf(bob)]), NOW))).toBe('no-opinion');
    expect(outcomeOf(judge(policy, userOf([idOf(bob)]), NOW + 2 * HOUR))).toBe(expected);
  });
  it('is refused where the authority above it is revoked', () => {
    const revoked = revocationListOf(
      `fingerprints: [{sha256: "${intermediate.certificate.fingerprint}", reason: sub-ca was broken into}]\n`,
    );
    const policy = policyOf(FIELDS, { ...inventory(nested, intermediate, ca, alice), revoked });
    expect(outcomeOf(judge(policy, userOf([idOf(nested)])))).toBe(
      'revocation/revoked: sub-ca was broken into',
    );
    expect(outcomeOf(judge(policy, userOf([idOf(alice)])))).toBe('no-opinion');
  });
  it('stands where the authority above it has another certificate that is not revoked', async () => {
    const renewed = await buildCertificate({
      subject: [{ CN: 'sub-ca' }],
      publicKey: createPublicKey(intermediate.key),
      issuer: { certificate: ca.der, key: ca.key },
      isCA: true,
      notBefore: NOW - DAY,
      notAfter: NOW + 900 * DAY,
    });
    const revoked = revocationListOf(`fingerprints: [{sha256: "${intermediate.certificate.fingerprint}"}]\n`);
    const policy = policyOf(FIELDS, {
      ...inventory(nested, intermediate, ca),
      'inventory/renewed.pem': toPem(renewed, 'CERTIFICATE'),
      revoked,
    });
    expect(outcomeOf(judge(policy, userOf([idOf(nested)])))).toBe('no-opinion');
  });
  it('stands where the root above it is listed, as under an anchor', () => {
    const revoked = revocationListOf(`fingerprints: [{sha256: "${ca.certificate.fingerprint}"}]\n`);
    const policy = policyOf(FIELDS, { ...inventory(alice, ca), revoked });
    expect(outcomeOf(judge(policy, userOf([idOf(alice)])))).toBe('no-opinion');
  });

  const RULES = `certificates: [inventory/]
certificateValidationRules:
- {expression: 'cert.subject.commonName != "bob"', message: bob's certificates are too old}
- {expression: 'cert.dnsSANs[0] != "x" || true', message: cannot fail}
- {expression: 'cert.subject.organization[0] == "dev"', message: only developers}
`;
  it('is judged by the rules on certificates', () => {
    const policy = policyOf(RULES, inventory(alice, bob));
    expect(outcomeOf(judge(policy, userOf([idOf(alice)])))).toBe('no-opinion');
    expect(outcomeOf(judge(policy, userOf([idOf(bob)])))).toBe(
      "certificate/denied: bob's certificates are too old",
    );
    expect(outcomeOf(judge(policy, userOf([idOf(alice), idOf(bob)])))).toBe(
      "certificate/denied: bob's certificates are too old",
    );
  });
  it('is denied where a rule on certificates cannot be evaluated, whatever the failure policy', () => {
    const policy = policyOf(`${RULES}evaluationFailurePolicy: Open\n`, inventory(nested));
    expect(outcomeOf(judge(policy, userOf([idOf(nested)])))).toBe(
      'certificate/evaluation-error: only developers',
    );
  });
  it.each([
    ['Allow', 'no-opinion'],
    ['Deny', 'certificate/unknown: the certificate is not in the inventory'],
  ])('and one that is not, with unknownCertificates: %s', (unknown, expected) => {
    const policy = policyOf(
      `certificates: [inventory/]\nunknownCertificates: ${unknown}\n`,
      inventory(alice),
    );
    expect(outcomeOf(judge(policy, userOf([idOf(alice)])))).toBe('no-opinion');
    expect(outcomeOf(judge(policy, userOf([idOf(bob)])))).toBe(expected);
    expect(outcomeOf(judge(policy, userOf([idOf(alice), idOf(bob)])))).toBe(expected);
  });
});

describe('user rules', () => {
  const RULES = `userValidationRules:
- {expression: '!user.username.startsWith("old-")', message: old accounts are closed}
- {expression: '!("contractors" in user.groups)'}
- {expression: 'user.extra["example.org/missing"][0] == "x"', message: never evaluated}
`;
  it.each<[string, Partial<UserInfo>, string, string]>([
    ['lets be who pleases them, and who cannot be judged', {}, 'Open', 'no-opinion'],
    [
      'denies who does not, with the message',
      { username: 'old-alice' },
      'Open',
      'user/denied: old accounts are closed',
    ],
    [
      'denies without a message by the rule’s number',
      { groups: ['contractors'] },
      'Open',
      'user/denied: rule 1 is false',
    ],
    ['denies who cannot be judged', {}, 'Closed', 'user/evaluation-error: never evaluated'],
  ])('%s', (_, user, policy, expected) => {
    const compiled = policyOf(`${RULES}evaluationFailurePolicy: ${policy}\n`);
    expect(outcomeOf(judge(compiled, userOf([idOf(alice)], user)))).toBe(expected);
  });
  it('see the groups, the uid and the extra of the review, the credential id among them', () => {
    const expression = `user.uid == "u-1" && user.groups == ["a", "b"] && user.extra["${CREDENTIAL_ID}"].exists(id, id.endsWith("${alice.certificate.fingerprint}"))`;
    const policy = policyOf(`userValidationRules:\n- expression: '!(${expression})'\n`);
    expect(judge(policy, userOf([idOf(alice)], { uid: 'u-1', groups: ['a', 'b'] })).outcome).toBe('denied');
  });
  it('deny past the cost limit, whatever the failure policy', () => {
    const policy = policyOf(
      `userValidationRules:\n- expression: 'user.groups.all(a, user.groups.all(b, user.groups.all(c, a + b + c != "")))'\n`,
    );
    const groups = Array.from({ length: 300 }, (_, index) => `group-${index}`);
    expect(outcomeOf(judge(policy, userOf([idOf(alice)], { groups })))).toBe(
      'cel/cost-limit: user rule 0 exceeded the cost limit',
    );
  });
});

describe('a verdict', () => {
  it('has the steps that led there and stops at the first stage that denies', () => {
    const files = {
      'inventory/a.pem': alice.pem,
      revoked: revocationListOf(`fingerprints: [{sha256: "${bob.certificate.fingerprint}"}]\n`),
    };
    const fields = `certificates: [inventory/]
revocation: {files: [revoked]}
unknownCertificates: Deny
certificateValidationRules: [{expression: 'cert.subject.commonName == "alice"', message: m}]
userValidationRules: [{expression: 'user.username == "alice"'}]
`;
    const policy = policyOf(fields, files);
    const { fingerprint } = alice.certificate;
    expect(judge(policy, userOf([idOf(alice)]))).toMatchObject({
      outcome: 'no-opinion',
      at: NOW,
      fingerprints: [fingerprint],
      steps: [
        { stage: 'revocation', fingerprint, result: true },
        { stage: 'inventory', fingerprint, result: true },
        { stage: 'certificate', fingerprint, index: 0, result: true, message: 'm' },
        { stage: 'user', index: 0, result: true },
      ],
    });
    expect(judge(policy, userOf([idOf(bob)])).steps).toEqual([
      { stage: 'revocation', fingerprint: bob.certificate.fingerprint, result: false },
    ]);
  });
});
