import { randomBytes, sign, createHmac } from 'node:crypto';
import { calculateJwkThumbprint, compactVerify, exportJWK } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { mintToken } from '../../src/credential/mint-token.ts';
import { openToken, type TokenVerdict } from '../../src/credential/open-token.ts';
import { describeTokenRefusal } from '../../src/credential/token-refusal.ts';
import { TOKEN_PREFIX } from '../../src/credential/token.ts';
import { isSignedBy } from '../../src/x509/jws.ts';
import { createPathVerifier } from '../../src/x509/path-verifier.ts';
import type { KeyKind } from '../../src/x509/signing-key.ts';
import { HOUR, type Identity, mintAuthority, mintClient, NOW } from '../pki.ts';

const AUDIENCE = 'x509.test.example';
const IAT = NOW / 1000;

let ca: Identity;
let alice: Identity;

beforeAll(async () => {
  ca = await mintAuthority('my-ca');
  alice = await mintClient(ca);
});

function open(token: string, at = NOW): TokenVerdict {
  return openToken(token, {
    audiences: ['another', AUDIENCE],
    at,
    readChain: createPathVerifier().readChain,
  });
}

interface Parts {
  header: Record<string, unknown>;
  payload: Record<string, unknown>;
}

/** A token of alice's with something changed before, or after, it is signed. */
function forge(change: (parts: Parts) => void, after: (token: string) => string = (token) => token): string {
  const parts: Parts = {
    header: { typ: 'kube-x509+jwt', alg: 'ES256', x5c: [alice.der.toString('base64')] },
    payload: { aud: AUDIENCE, iat: IAT, exp: IAT + 300, jti: 'a' },
  };
  change(parts);
  return after(signed(JSON.stringify(parts.header), JSON.stringify(parts.payload)));
}

function signed(header: string, payload: string): string {
  const input = `${Buffer.from(header).toString('base64url')}.${Buffer.from(payload).toString('base64url')}`;
  const signature = sign('sha256', Buffer.from(input), { key: alice.key, dsaEncoding: 'ieee-p1363' });
  return `${TOKEN_PREFIX}${input}.${signature.toString('base64url')}`;
}

function refusalOf(token: string, at?: number): string {
  const verdict = open(token, at);
  return verdict.kind === 'refused'
    ? `${verdict.refusal.code}: ${describeTokenRefusal(verdict.refusal)}`
    : verdict.kind;
}

describe('a minted token', () => {
  const kinds: [KeyKind, string][] = [
    ['P-256', 'ES256'],
    ['P-384', 'ES384'],
    ['P-521', 'ES512'],
    ['Ed25519', 'EdDSA'],
    ['RSA-2048', 'PS256'],
  ];
  it.each(kinds)('of a %s key opens, is signed with %s, and another library agrees', async (keyKind, alg) => {
    const holder = await mintClient(ca, { keyKind });
    const claims = { aud: AUDIENCE, iat: IAT, exp: IAT + 300, jti: randomBytes(16).toString('base64url') };
    const token = mintToken({ chain: [holder.certificate, ca.certificate], key: holder.key, claims })!;
    const verdict = open(token);
    expect(verdict).toMatchObject({ kind: 'opened', claims, proof: { algorithm: alg } });
    if (verdict.kind !== 'opened') return;
    expect(verdict.chain.map(({ fingerprint }) => fingerprint)).toEqual([
      holder.certificate.fingerprint,
      ca.certificate.fingerprint,
    ]);
    expect(isSignedBy(verdict.chain[0].publicKey, verdict.proof)).toBe(true);
    const { publicKey } = holder.certificate;
    if (!('keyObject' in publicKey)) throw new Error('unknown key');
    const verified = await compactVerify(token.slice(TOKEN_PREFIX.length), publicKey.keyObject());
    expect(JSON.parse(new TextDecoder().decode(verified.payload))).toEqual(claims);
    expect(await calculateJwkThumbprint(await exportJWK(publicKey.keyObject()))).toMatch(/^[\w-]{43}$/);
  });

  it('is not minted for a key that may not sign', async () => {
    const holder = await mintClient(ca);
    const odd = {
      ...holder.certificate,
      publicKey: { algorithm: 'unknown', spki: Buffer.alloc(0) } as const,
    };
    const claims = { aud: AUDIENCE, iat: IAT, exp: IAT + 300, jti: 'a' };
    expect(mintToken({ chain: [odd], key: holder.key, claims })).toBeUndefined();
  });
});

describe('a token that is none of ours is foreign', () => {
  const cases: [string, () => string][] = [
    ['garbage', () => 'garbage'],
    ['an empty string', () => ''],
    ['a service-account token', () => 'eyJhbGciOiJSUzI1NiJ9.e30.AAAA'],
    ['another version of ours', () => forge(() => {}).replace('kube-x509-v1.', 'kube-x509-v2.')],
    ['the prefix in upper case', () => forge(() => {}).replace('kube-x509-v1.', 'KUBE-X509-V1.')],
    [
      'one of ours over 32 KiB',
      () =>
        forge(
          () => {},
          (token) => token + 'A'.repeat(32 * 1024),
        ),
    ],
    ['one for another audience', () => forge(({ payload }) => (payload['aud'] = 'x509.prod.example'))],
    [
      'one for our audience in another case',
      () => forge(({ payload }) => (payload['aud'] = AUDIENCE.toUpperCase())),
    ],
    ['one for our audience with a slash', () => forge(({ payload }) => (payload['aud'] = `${AUDIENCE}/`))],
  ];
  it.each(cases)('%s', (_, token) => {
    expect(open(token())).toEqual({ kind: 'foreign' });
  });
});

describe('a token with one thing wrong is refused', () => {
  const header = (change: (header: Record<string, unknown>) => void) => () =>
    forge((parts) => change(parts.header));
  const payload = (change: (payload: Record<string, unknown>) => void) => () =>
    forge((parts) => change(parts.payload));
  const after = (change: (token: string) => string) => () => forge(() => {}, change);
  const x5c = (text: () => unknown) => header((h) => (h['x5c'] = [text()]));
  const cases: [string, string, () => string][] = [
    ['an empty JWS', 'token/malformed', () => TOKEN_PREFIX],
    ['two parts', 'token/malformed', after((token) => token.slice(0, token.lastIndexOf('.')))],
    ['four parts', 'token/malformed', after((token) => `${token}.AAAA`)],
    ['an empty signature', 'token/malformed', after((token) => token.replace(/\.[^.]*$/, '.'))],
    ['a header that is not base64url', 'token/malformed', after((token) => token.replace('v1.', 'v1.*'))],
    ['a padded signature', 'token/malformed', after((token) => `${token}=`)],
    ['trailing bytes', 'token/malformed', after((token) => `${token}\n`)],
    ['a header that is not JSON', 'token/malformed', () => signed('{', '{}')],
    ['a header that is a list', 'token/malformed', () => signed('[]', '{}')],
    [
      'a payload that is a string',
      'token/malformed',
      () => signed(JSON.stringify({ typ: 'kube-x509+jwt', alg: 'ES256', x5c: ['AA=='] }), '"x"'),
    ],
    [
      'a payload of invalid UTF-8',
      'token/malformed',
      after((token) =>
        token.replace(/\.[^.]*\.([^.]*)$/, `.${Buffer.from([0x22, 0xff, 0x22]).toString('base64url')}.$1`),
      ),
    ],
    ['no typ', 'token/header', header((h) => delete h['typ'])],
    ['typ JWT', 'token/header', header((h) => (h['typ'] = 'JWT'))],
    ['typ in another case', 'token/header', header((h) => (h['typ'] = 'KUBE-X509+JWT'))],
    ['jwk', 'token/header', header((h) => (h['jwk'] = {}))],
    ['jku', 'token/header', header((h) => (h['jku'] = 'https://evil.example'))],
    ['x5u', 'token/header', header((h) => (h['x5u'] = 'https://evil.example'))],
    ['kid', 'token/header', header((h) => (h['kid'] = '1'))],
    ['crit', 'token/header', header((h) => (h['crit'] = ['exp']))],
    ['b64', 'token/header', header((h) => (h['b64'] = false))],
    ['zip', 'token/header', header((h) => (h['zip'] = 'DEF'))],
    ['no alg', 'token/header', header((h) => delete h['alg'])],
    ['alg none', 'token/header', header((h) => (h['alg'] = 'none'))],
    [
      'alg HS256 keyed with the public key',
      'token/header',
      () =>
        forge(
          ({ header }) => (header['alg'] = 'HS256'),
          (token) => {
            const input = token.slice(TOKEN_PREFIX.length, token.lastIndexOf('.'));
            return `${TOKEN_PREFIX}${input}.${createHmac('sha256', alice.certificate.publicKey.spki).update(input).digest('base64url')}`;
          },
        ),
    ],
    ['alg ES384 with a P-256 key', 'token/algorithm', header((h) => (h['alg'] = 'ES384'))],
    ['alg RS256 with a P-256 key', 'token/algorithm', header((h) => (h['alg'] = 'RS256'))],
    ['alg EdDSA with a P-256 key', 'token/algorithm', header((h) => (h['alg'] = 'EdDSA'))],
    ['alg that is a list', 'token/header', header((h) => (h['alg'] = ['ES256']))],
    ['no x5c', 'token/header', header((h) => delete h['x5c'])],
    ['an empty x5c', 'token/header', header((h) => (h['x5c'] = []))],
    ['x5c that is a string', 'token/header', header((h) => (h['x5c'] = alice.der.toString('base64')))],
    ['x5c with a number', 'token/header', header((h) => (h['x5c'] = [1]))],
    [
      '9 certificates',
      'token/header',
      header((h) => (h['x5c'] = Array.from({ length: 9 }, () => alice.der.toString('base64')))),
    ],
    [
      'base64url in x5c',
      'token/chain',
      x5c(() => alice.der.toString('base64').replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')),
    ],
    ['white space in x5c', 'token/chain', x5c(() => ` ${alice.der.toString('base64')}`)],
    ['PEM in x5c', 'token/chain', x5c(() => alice.pem)],
    ['an empty certificate', 'token/chain', x5c(() => '')],
    ['a truncated certificate', 'token/chain', x5c(() => alice.der.subarray(0, -1).toString('base64'))],
    [
      'a certificate with trailing bytes',
      'token/chain',
      x5c(() => Buffer.concat([alice.der, Buffer.from([0])]).toString('base64')),
    ],
    [
      'a second certificate that is garbage',
      'token/chain',
      header((h) => (h['x5c'] = [alice.der.toString('base64'), 'AAAA'])),
    ],
    ['no aud', 'token/claims', payload((p) => delete p['aud'])],
    ['an empty aud', 'token/claims', payload((p) => (p['aud'] = ''))],
    ['two audiences', 'token/claims', payload((p) => (p['aud'] = [AUDIENCE, 'another']))],
    ['one audience in a list', 'token/claims', payload((p) => (p['aud'] = [AUDIENCE]))],
    ['no exp', 'token/claims', payload((p) => delete p['exp'])],
    ['exp that is a string', 'token/claims', payload((p) => (p['exp'] = String(IAT + 300)))],
    ['exp beyond all time', 'token/claims', payload((p) => (p['exp'] = 1e300))],
    ['no iat', 'token/claims', payload((p) => delete p['iat'])],
    ['a negative iat', 'token/claims', payload((p) => (p['iat'] = -1))],
    ['nbf', 'token/claims', payload((p) => (p['nbf'] = IAT))],
    ['no jti', 'token/claims', payload((p) => delete p['jti'])],
    ['a jti of 129 characters', 'token/claims', payload((p) => (p['jti'] = 'a'.repeat(129)))],
    ['a life of 10 minutes and a second', 'token/lifetime', payload((p) => (p['exp'] = IAT + 601))],
    ['exp before iat', 'token/lifetime', payload((p) => Object.assign(p, { iat: IAT + 10, exp: IAT + 10 }))],
    ['exp that has come', 'token/expired', payload((p) => Object.assign(p, { iat: IAT - 300, exp: IAT }))],
    [
      'iat 61 s ahead',
      'token/issued-in-the-future',
      payload((p) => Object.assign(p, { iat: IAT + 61, exp: IAT + 120 })),
    ],
  ];
  it.each(cases)('%s: %s', (_, code, token) => {
    expect(refusalOf(token())).toMatch(new RegExp(`^${code}: ..`));
  });

  it('exp after the leaf’s notAfter', async () => {
    const short = await mintClient(ca, { notAfter: NOW + 60_000 });
    const claims = { aud: AUDIENCE, iat: IAT, exp: IAT + 300, jti: 'a' };
    const token = mintToken({ chain: [short.certificate], key: short.key, claims })!;
    expect(refusalOf(token)).toBe("token/lifetime: exp is after the leaf certificate's notAfter");
  });

  it('a key that may not sign: RSA of 1024 bits', async () => {
    const { generateKeyPairSync } = await import('node:crypto');
    const { buildCertificate } = await import('../../src/x509/build.ts');
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const der = await buildCertificate({
      subject: [{ CN: 'old' }],
      publicKey,
      issuer: { certificate: ca.der, key: ca.key },
      notBefore: NOW - HOUR,
      notAfter: NOW + HOUR,
    });
    expect(
      refusalOf(
        forge(({ header }) => Object.assign(header, { alg: 'RS256', x5c: [der.toString('base64')] })),
      ),
    ).toMatch(/^token\/algorithm: .*may not sign/);
  });
});

describe('a token at the edges is opened', () => {
  it('with iat 60 s ahead, and in the last millisecond before exp', () => {
    expect(open(forge(({ payload }) => Object.assign(payload, { iat: IAT + 60, exp: IAT + 120 }))).kind).toBe(
      'opened',
    );
    expect(
      open(
        forge(() => {}),
        NOW + 300_000 - 1,
      ).kind,
    ).toBe('opened');
    expect(
      refusalOf(
        forge(() => {}),
        NOW + 300_000,
      ),
    ).toMatch(/^token\/expired/);
  });
  it('with claims that we do not know: none of them names a user', () => {
    expect(open(forge(({ payload }) => (payload['sub'] = 'system:admin')))).toMatchObject({
      kind: 'opened',
      claims: { aud: AUDIENCE },
    });
  });
});
