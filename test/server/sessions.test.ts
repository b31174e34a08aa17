import { createPublicKey, type KeyObject } from 'node:crypto';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Authenticator } from '../../src/authenticator/authenticator.ts';
import { mintSession } from '../../src/credential/mint-session.ts';
import type { SessionKey } from '../../src/credential/session-key.ts';
import { SESSION_PREFIX, type SessionClaims } from '../../src/credential/session-token.ts';
import { admit, type SessionService } from '../../src/server/admit.ts';
import { answerReview } from '../../src/server/answer-review.ts';
import type { TokenReviewStatus } from '../../src/server/token-review.ts';
import { authenticatorOf } from '../authenticators.ts';
import { HOUR, type Identity, mintAuthority, mintClient, mintIntermediate, NOW } from '../pki.ts';
import { ask, mintSessionKey, openExchange, sessionService } from './front-door.ts';
import { AUDIENCE } from './webhook.ts';

let ca: Identity;
let sub: Identity;
let alice: Identity;
let bob: Identity;
let first: SessionKey;
let second: SessionKey;

beforeAll(async () => {
  ca = await mintAuthority('my-ca');
  sub = await mintIntermediate(ca, 'sub-ca');
  alice = await mintClient(ca);
  bob = await mintClient(sub, { subject: [{ CN: 'bob' }] });
  [first, second] = await Promise.all([mintSessionKey(), mintSessionKey()]);
});

const PLAIN = '- issuer: {name: my-ca}\n';

function serviceOf(
  authenticator: Authenticator,
  changes: Partial<Parameters<typeof sessionService>[0]> = {},
) {
  return sessionService({ authenticator: () => authenticator, keys: () => [first], ...changes });
}

/** The session of an exchange. */
function exchange(
  service: SessionService,
  holder: readonly Identity[] = [alice],
  possession = 'proved',
): string {
  const admission = admit(
    {
      certificates: holder.map(({ der }) => der),
      possession: { kind: possession as 'proved' },
      remoteAddress: '127.0.0.2',
      audience: AUDIENCE,
    },
    service,
  );
  if (admission.kind !== 'admitted') throw new Error(admission.code);
  return admission.session.token;
}

function review(
  token: string,
  service: SessionService,
  audiences: readonly string[] = [],
): TokenReviewStatus {
  return answerReview({ apiVersion: 'authentication.k8s.io/v1', token, audiences }, service);
}

const errorOf = (status: TokenReviewStatus): string | undefined =>
  status.authenticated ? 'authenticated' : status.error?.split(':')[0];

function claimsOf(token: string): SessionClaims {
  return JSON.parse(Buffer.from(token.split('.')[2]!, 'base64url').toString());
}

describe('a session', () => {
  it('is the user that was decided, byte for byte', () => {
    const service = serviceOf(authenticatorOf(PLAIN, ca.pem));
    const status = review(exchange(service), service, [AUDIENCE]);
    expect(status).toMatchObject({
      authenticated: true,
      user: { username: 'alice', groups: ['dev'], uid: '' },
      audiences: [AUDIENCE],
    });
    expect(status.authenticated && [...status.user.extra]).toEqual([
      ['authentication.kubernetes.io/credential-id', [`X509SHA256=${alice.certificate.fingerprint}`]],
    ]);
  });

  it('bears no audience for who asks for none', () => {
    const service = serviceOf(authenticatorOf(PLAIN, ca.pem));
    expect(review(exchange(service), service)).not.toHaveProperty('audiences');
  });

  it.each([
    ['five minutes', PLAIN, {}, 300],
    [
      'one minute where the entry has request rules',
      `${PLAIN}  requestValidationRules: [{expression: "request.remoteaddr != ''"}]\n`,
      {},
      60,
    ],
    ['no longer than its certificate', PLAIN, { notAfter: NOW + 42_000 }, 42],
  ])('lasts %s', async (_, entries, template, seconds) => {
    const holder = await mintClient(ca, template);
    const { iat, exp } = claimsOf(exchange(serviceOf(authenticatorOf(entries, ca.pem)), [holder]));
    expect(exp - iat).toBe(seconds);
  });

  it('lasts no longer than an intermediate', async () => {
    const brief = await mintIntermediate(ca, 'sub-ca', { notAfter: NOW + 20_000 });
    const holder = await mintClient(brief);
    const pem = ca.pem.replaceAll('\n', '\n      ');
    const service = serviceOf(
      authenticatorOf(`- issuer:\n    name: sub-ca\n    certificateAuthority: |\n      ${pem}\n`),
    );
    const { iat, exp } = claimsOf(exchange(service, [holder, brief]));
    expect(exp - iat).toBe(20);
  });

  it('says how possession was known', () => {
    const service = serviceOf(authenticatorOf(PLAIN, ca.pem));
    expect(claimsOf(exchange(service, [alice], 'assumed')).possession).toBe('assumed');
  });

  it('of a user whose groups no header holds is not given', async () => {
    const groups = Array.from({ length: 900 }, (_, index) => ({
      O: `group-number-${index}-${'x'.repeat(30)}`,
    }));
    const holder = await mintClient(ca, { subject: [{ CN: 'alice' }, ...groups] });
    const service = serviceOf(authenticatorOf(PLAIN, ca.pem));
    expect(() => exchange(service, [holder])).toThrow('session/too-large');
  });

  it('is not known to a server that has no keys', () => {
    const service = serviceOf(authenticatorOf(PLAIN, ca.pem));
    const token = exchange(service);
    const { sessions: _, ...bare } = service;
    const answered = answerReview({ apiVersion: 'authentication.k8s.io/v1', token, audiences: [] }, bare);
    expect(answered).toEqual({ authenticated: false });
  });
});

describe('a session is refused', () => {
  /** Signs other claims, or with another header, by the server's own key. */
  const forge = (service: SessionService, changes: object): string =>
    mintSession({ ...claimsOf(exchange(service)), ...changes }, first)!;
  const withPart = (token: string, index: number, edit: (part: string) => string): string =>
    token
      .split('.')
      .map((part, at) => (at === index ? edit(part) : part))
      .join('.');
  const reHeader = (token: string, changes: object): string =>
    withPart(token, 1, (part) => {
      const header = { ...JSON.parse(Buffer.from(part, 'base64url').toString()), ...changes };
      return Buffer.from(JSON.stringify(header)).toString('base64url');
    });
  const rePayload = (token: string, changes: object): string =>
    withPart(token, 2, () =>
      Buffer.from(JSON.stringify({ ...claimsOf(token), ...changes })).toString('base64url'),
    );

  it.each<[string, (service: SessionService) => string, string | undefined]>([
    [
      'with another user',
      (s) => rePayload(exchange(s), { user: { username: 'root' } }),
      'session/bad-signature',
    ],
    ['with a longer life', (s) => rePayload(exchange(s), { exp: NOW / 1000 + 299 }), 'session/bad-signature'],
    ['with a signature cut off', (s) => withPart(exchange(s), 3, () => 'AAAA'), 'session/bad-signature'],
    ['without a signature', (s) => withPart(exchange(s), 3, () => ''), 'session/malformed'],
    ['with four parts', (s) => `${exchange(s)}.AAAA`, 'session/malformed'],
    ['with a payload that is no JSON', (s) => withPart(exchange(s), 2, () => 'AAAA'), 'session/malformed'],
    ['with alg none', (s) => reHeader(exchange(s), { alg: 'none' }), 'session/unknown-key'],
    ['with alg HS256', (s) => reHeader(exchange(s), { alg: 'HS256' }), 'session/unknown-key'],
    ['with a jwk', (s) => reHeader(exchange(s), { jwk: {} }), 'session/malformed'],
    ['with crit', (s) => reHeader(exchange(s), { crit: [] }), 'session/malformed'],
    ['with the type of a JWT', (s) => reHeader(exchange(s), { typ: 'JWT' }), 'session/malformed'],
    ['of an unknown key', (s) => reHeader(exchange(s), { kid: second.id }), 'session/unknown-key'],
    ['of six minutes', (s) => forge(s, { exp: NOW / 1000 + 360 }), 'session/lifetime'],
    [
      'that ends before it begins',
      (s) => forge(s, { iat: NOW / 1000 + 10, exp: NOW / 1000 + 5 }),
      'session/lifetime',
    ],
    ['for another audience, without a word', (s) => forge(s, { aud: 'x509.other.example' }), undefined],
    ['for a list of audiences, without a word', (s) => forge(s, { aud: [AUDIENCE] }), undefined],
    ['without a user', (s) => forge(s, { user: null }), 'session/malformed'],
    [
      'with a serial that is no number',
      (s) => forge(s, { path: claimsOf(exchange(s)).path.map((trace) => ({ ...trace, serial: '0x1' })) }),
      'session/malformed',
    ],
    ['with a path of nothing', (s) => forge(s, { path: [{}] }), 'session/malformed'],
    ['over 32 KiB, without a word', (s) => exchange(s).padEnd(33 * 1024, 'A'), undefined],
  ])('%s', (_, make, code) => {
    const service = serviceOf(authenticatorOf(PLAIN, ca.pem));
    const status = review(make(service), service);
    expect([status.authenticated, errorOf(status)]).toEqual([false, code]);
  });

  it.each([
    ['is gone', '- issuer: {name: other-ca}\n'],
    ['has another rule', `${PLAIN}  userValidationRules: [{expression: 'user.username != "root"'}]\n`],
    ['has another policy', `${PLAIN}  evaluationFailurePolicy: Closed\n`],
    ['comes after a new one', `- issuer: {name: other-ca}\n${PLAIN}`],
    ['is native now', `${PLAIN}  session: {native: true}\n`],
  ])('when the entry %s', (_, entries) => {
    let authenticator = authenticatorOf(PLAIN, ca.pem);
    const service = sessionService({ authenticator: () => authenticator, keys: () => [first] });
    const token = exchange(service);
    expect(errorOf(review(token, service))).toBe('authenticated');
    authenticator = authenticatorOf(entries, ca.pem);
    expect(errorOf(review(token, service))).toBe('session/entry-changed');
  });

  it('when its anchors have changed', async () => {
    const other = await mintAuthority('other-ca');
    let authenticator = authenticatorOf(PLAIN, ca.pem);
    const service = sessionService({ authenticator: () => authenticator, keys: () => [first] });
    const token = exchange(service);
    authenticator = authenticatorOf(PLAIN, ca.pem + other.pem);
    expect(errorOf(review(token, service))).toBe('session/entry-changed');
  });

  it('never because the same configuration was read again, or its fields stand in another order', () => {
    let authenticator = authenticatorOf(`${PLAIN}  evaluationFailurePolicy: Open\n`, ca.pem);
    const service = sessionService({ authenticator: () => authenticator, keys: () => [first] });
    const token = exchange(service);
    authenticator = authenticatorOf('- evaluationFailurePolicy: Open\n  issuer: {name: my-ca}\n', ca.pem);
    expect(errorOf(review(token, service))).toBe('authenticated');
  });
});

describe('revocation is looked up again', () => {
  const HEAD = 'apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\nx509:\n';
  const LIST = 'apiVersion: kube-x509-authn.dev/v1alpha1\nkind: RevocationList\n';

  it.each<[string, () => string, 'leaf' | 'sub']>([
    ['the leaf’s fingerprint', () => `fingerprints: [{sha256: ${bob.certificate.fingerprint}}]`, 'leaf'],
    [
      'the leaf’s serial and issuer',
      () => `serials: [{serial: "${bob.certificate.serialNumber.toString(16)}", issuerName: sub-ca}]`,
      'leaf',
    ],
    [
      'the leaf’s serial and issuer key',
      () =>
        `serials: [{serial: "${bob.certificate.serialNumber.toString(16)}", issuerKeyId: ${sub.certificate.subjectKeyId.toString('hex')}}]`,
      'leaf',
    ],
    [
      'the intermediate’s fingerprint',
      () => `fingerprints: [{sha256: ${sub.certificate.fingerprint}}]`,
      'sub',
    ],
  ])('by %s', async (_, list) => {
    const { compileText } = await import('../authenticators.ts');
    const build = (revoked: string): Authenticator => {
      const entries = '- issuer: {certificateAuthorityFile: ca.pem}\n  revocation: {files: [revoked.yaml]}\n';
      const files = { 'ca.pem': ca.pem, 'revoked.yaml': `${LIST}${revoked}\n` };
      const { authenticator, errors } = compileText(HEAD + entries, { files });
      if (authenticator === undefined) throw new Error(errors.map(({ message }) => message).join());
      return authenticator;
    };
    let authenticator = build('serials: []');
    const service = sessionService({ authenticator: () => authenticator, keys: () => [first] });
    const token = exchange(service, [bob, sub]);
    expect(errorOf(review(token, service))).toBe('authenticated');
    authenticator = build(list());
    expect(errorOf(review(token, service))).toBe('revocation/revoked');
  });
});

describe('keys and clocks', () => {
  const plain = (): Authenticator => authenticatorOf(PLAIN, ca.pem);

  it('a new key is handed round, then signs, then the old one goes: no session is refused that is still good', () => {
    let keys: readonly [SessionKey, ...SessionKey[]] = [first];
    const service = sessionService({ authenticator: plain, keys: () => keys });
    const old = exchange(service);
    keys = [first, second];
    expect(errorOf(review(old, service))).toBe('authenticated');
    keys = [second, first];
    const young = exchange(service);
    expect([old, young].map((token) => errorOf(review(token, service)))).toEqual([
      'authenticated',
      'authenticated',
    ]);
    keys = [second];
    expect([old, young].map((token) => errorOf(review(token, service)))).toEqual([
      'session/unknown-key',
      'authenticated',
    ]);
  });

  it('two replicas with the same keys take each other’s sessions; with other keys they do not', () => {
    const [one, two, stranger] = [[first], [first], [second]].map(([key]) =>
      sessionService({ authenticator: plain, keys: () => [key!] }),
    );
    const token = exchange(one!);
    expect([two!, stranger!].map((service) => errorOf(review(token, service)))).toEqual([
      'authenticated',
      'session/unknown-key',
    ]);
  });

  it.each([
    ['a minute behind the one that issued it', -60_000, 'authenticated'],
    ['61 seconds behind', -61_000, 'session/issued-in-the-future'],
    ['a minute ahead', 60_000, 'authenticated'],
    ['a millisecond before its end', 299_999, 'authenticated'],
    ['at its end', 300_000, 'session/expired'],
    ['after its end', HOUR, 'session/expired'],
  ])('a clock %s', (_, offset, expected) => {
    const token = exchange(serviceOf(plain()));
    const other = serviceOf(plain(), { now: () => NOW + offset });
    expect(errorOf(review(token, other))).toBe(expected);
  });
});

describe('a native session', () => {
  const ISSUER = 'https://authn.test.example/x509';
  const NATIVE = `${PLAIN}  session: {native: true}\n`;

  it('is a JWT that the published keys verify', async () => {
    const service = serviceOf(authenticatorOf(NATIVE, ca.pem), {
      issuerUrl: ISSUER,
      keys: () => [first, second],
    });
    const door = await openExchange(service);
    try {
      const discovery = await ask(door, { path: '/x509/.well-known/openid-configuration' });
      expect(discovery.body).toMatchObject({ issuer: ISSUER, jwks_uri: `${ISSUER}/openid/v1/jwks` });
      const { body: keys } = await ask(door, { path: '/x509/openid/v1/jwks' });
      expect(keys.keys.map(({ kid, d }: { kid: string; d?: string }) => [kid, d])).toEqual([
        [first.id, undefined],
        [second.id, undefined],
      ]);
      const { payload } = await jwtVerify(exchange(service), createLocalJWKSet(keys), {
        issuer: ISSUER,
        audience: AUDIENCE,
        currentDate: new Date(NOW),
      });
      expect(payload).toMatchObject({ sub: 'alice', groups: ['dev'], uid: '' });
    } finally {
      await door.close();
    }
  });

  it('is an ordinary one where the server has no issuer URL, or a key that kube-apiserver does not know', async () => {
    const authenticator = authenticatorOf(NATIVE, ca.pem);
    const ed25519 = await mintSessionKey('Ed25519');
    expect(exchange(serviceOf(authenticator))).toContain(SESSION_PREFIX);
    const service = serviceOf(authenticator, { issuerUrl: ISSUER, keys: () => [ed25519] });
    expect(exchange(service)).toContain(SESSION_PREFIX);
  });

  it('does not pass for a session of ours, nor one of ours for it', async () => {
    const native = serviceOf(authenticatorOf(NATIVE, ca.pem), { issuerUrl: ISSUER });
    expect(errorOf(review(SESSION_PREFIX + exchange(native), native))).toBe('session/malformed');
    const ours = serviceOf(authenticatorOf(PLAIN, ca.pem), { issuerUrl: ISSUER });
    const jwt = exchange(ours).slice(SESSION_PREFIX.length);
    const key: KeyObject = createPublicKey(first.privateKey);
    await expect(jwtVerify(jwt, key, { issuer: ISSUER, currentDate: new Date(NOW) })).rejects.toThrow(
      /"iss"/,
    );
  });
});
