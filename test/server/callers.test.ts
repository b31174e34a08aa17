import { createPublicKey, generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { createServer, request, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { decodeJwt, decodeProtectedHeader, exportJWK, SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fetchIssuerKeys } from '../../src/kube/issuer-keys.ts';
import { anyCaller, type CallerCheck, everyCaller } from '../../src/server/caller.ts';
import { createCertificateCheck } from '../../src/server/caller-certificate.ts';
import { callerKeysSource, IssuerKeys } from '../../src/server/caller-keys.ts';
import { createTokenCheck } from '../../src/server/caller-token.ts';
import { toTlsOptions } from '../../src/server/tls-settings.ts';
import { parseTrustBundle, type TrustBundle } from '../../src/x509/trust-bundle.ts';
import { type FakeApiServer, startFakeApiServer } from '../kube/fake-api-server.ts';
import {
  DAY,
  HOUR,
  type Identity,
  mintAuthority,
  mintClient,
  mintIntermediate,
  mintServing,
  NOW,
} from '../pki.ts';

const AUDIENCE = 'webhook.example';
const SUBJECT = 'system:serviceaccount:kube-system:caller';

let serving: Identity;
let ca: Identity;
let otherCa: Identity;
let fake: FakeApiServer;
let server: Server;
let check: CallerCheck;
let at = NOW;
let anchors: TrustBundle;

beforeAll(async () => {
  serving = await mintServing();
  ca = await mintAuthority('callers');
  otherCa = await mintAuthority('callers');
  fake = await startFakeApiServer(() => NOW);
  const settings = { minVersion: 'VersionTLS12', cipherSuites: [] } as const;
  const { pem, keyPem } = serving;
  const material = { certificate: Buffer.from(pem), key: Buffer.from(keyPem), callerAuthorities: ca.pem };
  server = createServer(
    { ...toTlsOptions(settings, material), requestCert: true, rejectUnauthorized: false },
    (call, response) => {
      void Promise.resolve(check(call, at)).then((verdict) => response.end(JSON.stringify(verdict)));
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  server.close();
  server.closeAllConnections();
  await fake.close();
});

beforeEach(() => {
  at = NOW;
  anchors = bundleOf(ca.pem);
});

function bundleOf(pem: string): TrustBundle {
  const parsed = parseTrustBundle(pem);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.bundle;
}

/** Calls over TLS, with a certificate and perhaps intermediates, or a bearer token; gives the verdict. */
function call(
  options: { cert?: string; key?: string; headers?: Record<string, string>; maxVersion?: 'TLSv1.2' } = {},
): Promise<unknown> {
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port, ca: serving.pem, agent: false, ...options },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString())));
      },
    );
    sent.on('error', reject);
    sent.end();
  });
}

const ACCEPTED = { kind: 'accepted' };
const refused = (code: string, why: RegExp): object => ({
  kind: 'refused',
  code,
  why: expect.stringMatching(why),
});

describe('a caller with a client certificate', () => {
  beforeAll(() => {
    check = createCertificateCheck({
      anchors: () => anchors,
      allowedNames: new Set(['apiserver', 'spiffe://cluster.local/apiserver', 'api.example']),
    });
  });

  it.each([
    ['common name', { subject: [{ CN: 'apiserver' }] }],
    ['DNS name', { subject: [{ CN: 'x' }], dnsSANs: ['api.example'] }],
    ['URI name', { subject: [], uriSANs: ['spiffe://cluster.local/apiserver'] }],
  ])('whose %s is allowed is let in, over TLS 1.2 and 1.3', async (_, template) => {
    const { pem: cert, keyPem: key } = await mintClient(ca, template);
    expect(await call({ cert, key })).toEqual(ACCEPTED);
    expect(await call({ cert, key, maxVersion: 'TLSv1.2' })).toEqual(ACCEPTED);
  });

  it('that comes with its intermediate is let in, and not without', async () => {
    const intermediate = await mintIntermediate(ca, 'between');
    const { pem, keyPem: key } = await mintClient(intermediate, { subject: [{ CN: 'apiserver' }] });
    expect(await call({ cert: pem + intermediate.pem, key })).toEqual(ACCEPTED);
    expect(await call({ cert: pem, key })).toEqual(
      refused('caller/untrusted-certificate', /unknown authority/),
    );
  });

  it('is not let in without a certificate', async () => {
    expect(await call()).toEqual(refused('caller/no-certificate', /presented no client certificate/));
  });

  it.each([
    [
      'another name',
      () => mintClient(ca, { subject: [{ CN: 'kubelet' }] }),
      'caller/name-not-allowed',
      /not among/,
    ],
    [
      'an allowed name as organization',
      () => mintClient(ca, { subject: [{ CN: 'x' }, { O: 'apiserver' }] }),
      'caller/name-not-allowed',
      /not among/,
    ],
    [
      'a name that only begins like an allowed one',
      () => mintClient(ca, { subject: [{ CN: 'apiserver2' }] }),
      'caller/name-not-allowed',
      /not among/,
    ],
    [
      'another CA of the same name',
      () => mintClient(otherCa, { subject: [{ CN: 'apiserver' }] }),
      'caller/untrusted-certificate',
      /unknown authority/,
    ],
    [
      'a serving certificate',
      () => mintClient(ca, { subject: [{ CN: 'apiserver' }], extKeyUsages: ['serverAuth'] }),
      'caller/untrusted-certificate',
      /key usage/,
    ],
    [
      'an expired certificate',
      () => mintClient(ca, { subject: [{ CN: 'apiserver' }], notAfter: NOW - HOUR }),
      'caller/untrusted-certificate',
      /expired/,
    ],
  ])('is not let in with %s', async (_, mint, code, why) => {
    const { pem: cert, keyPem: key } = await mint();
    expect(await call({ cert, key })).toMatchObject(refused(code, why));
  });

  it('is judged by the anchors and the time of each request, on one connection', async () => {
    const { pem: cert, keyPem: key } = await mintClient(ca, { subject: [{ CN: 'apiserver' }] });
    const { Agent } = await import('node:https');
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const again = (): Promise<unknown> => call({ cert, key, ...({ agent } as object) });
    expect(await again()).toEqual(ACCEPTED);
    anchors = bundleOf(otherCa.pem);
    expect(await again()).toEqual(refused('caller/untrusted-certificate', /unknown authority/));
    anchors = bundleOf(otherCa.pem + ca.pem);
    expect(await again()).toEqual(ACCEPTED);
    at = NOW + 400 * DAY;
    expect(await again()).toEqual(refused('caller/untrusted-certificate', /expired/));
    agent.destroy();
  });

  it('cannot be asked for more than eight certificates', async () => {
    const { pem, keyPem: key } = await mintClient(ca, { subject: [{ CN: 'apiserver' }] });
    const others = (
      await Promise.all(Array.from({ length: 8 }, (_, index) => mintAuthority(`x${index}`)))
    ).map(({ pem }) => pem);
    expect(await call({ cert: pem + others.slice(1).join(''), key })).toEqual(ACCEPTED);
    expect(await call({ cert: pem + others.join(''), key })).toEqual(
      refused('caller/untrusted-certificate', /more than 8/),
    );
  });
});

/** A request as the token check sees it. */
function bearing(authorization: string | undefined): IncomingMessage {
  return { headers: { authorization } } as IncomingMessage;
}

describe('a caller with a bearer token', () => {
  const failures: string[] = [];
  let ticks = 0;
  let keys: IssuerKeys;

  beforeEach(() => {
    fake.faults.length = 0;
    fake.requests.length = 0;
    failures.length = 0;
    ticks = 1_000_000;
    const identity = { authorities: fake.serving.pem, bearer: fake.bearer };
    keys = new IssuerKeys({
      fetchKeys: () => fetchIssuerKeys(fake.issuer, identity),
      ticks: () => ticks,
      onFailure: (error) => void failures.push(error),
    });
    const subjects = new Set([SUBJECT, 'system:serviceaccount:kube-system:other']);
    check = createTokenCheck({ issuer: fake.issuer, audience: AUDIENCE, subjects, keys });
  });

  const judge = (authorization?: string): Promise<unknown> =>
    Promise.resolve(check(bearing(authorization), at));
  const iat = NOW / 1000;

  it('of the issuer, for this audience and of an allowed subject is let in; the keys are fetched once', async () => {
    for (const scheme of ['Bearer', 'bearer', 'BEARER']) {
      expect(await judge(`${scheme} ${await fake.sign({})}`)).toEqual(ACCEPTED);
    }
    const other = await fake.sign({ sub: 'system:serviceaccount:kube-system:other' });
    expect(await judge(`Bearer ${other}`)).toEqual(ACCEPTED);
    expect(fake.requests).toEqual(['GET /.well-known/openid-configuration', 'GET /openid/v1/jwks']);
  });

  it.each([
    ['no token', undefined, 'caller/no-token', /sent no bearer token/],
    ['a password', 'Basic eDp5', 'caller/no-token', /sent no bearer token/],
    ['two tokens', 'Bearer a b', 'caller/no-token', /sent no bearer token/],
    ['something that is no JWT', 'Bearer abc', 'caller/bad-token', /Invalid Compact JWS/],
    ['a token of over 8 KiB', `Bearer ${'a'.repeat(8193)}`, 'caller/bad-token', /over 8192 bytes/],
  ])('is not let in with %s', async (_, authorization, code, why) => {
    expect(await judge(authorization)).toEqual(refused(code, why));
  });

  it.each([
    ['for another audience', { aud: ['https://kubernetes.default.svc'] }, 'caller/bad-token', /"aud"/],
    ['for no audience', { aud: undefined }, 'caller/bad-token', /"aud"/],
    ['of another issuer', { iss: 'https://evil.example' }, 'caller/bad-token', /"iss"/],
    [
      'of another subject',
      { sub: 'system:serviceaccount:default:caller' },
      'caller/subject-not-allowed',
      /^the token's subject is not among those that may call$/,
    ],
    ['of no subject', { sub: undefined }, 'caller/bad-token', /"sub"/],
    ['that expired', { exp: iat - 11 }, 'caller/bad-token', /"exp"/],
    ['that never expires', { exp: undefined }, 'caller/bad-token', /"exp"/],
    ['that is not valid yet', { nbf: iat + 11 }, 'caller/bad-token', /"nbf"/],
  ])('%s is not let in', async (_, claims, code, why) => {
    expect(await judge(`Bearer ${await fake.sign(claims)}`)).toMatchObject(refused(code, why));
  });

  it('with an algorithm that the API server does not use is not let in, nor unsigned', async () => {
    expect(await judge(`Bearer ${await fake.sign({}, 'PS256')}`)).toEqual(refused('caller/bad-token', /alg/));
    const [header, payload] = (await fake.sign({})).split('.');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    expect(await judge(`Bearer ${none}.${payload}.x`)).toEqual(refused('caller/bad-token', /alg/));
    expect(await judge(`Bearer ${header}.${payload}.AAAA`)).toEqual(
      refused('caller/bad-token', /signature verification failed/),
    );
  });

  it('is judged by the time of each request, though it is verified once', async () => {
    const token = `Bearer ${await fake.sign({ exp: iat + 30 })}`;
    expect(await judge(token)).toEqual(ACCEPTED);
    expect(await judge(token)).toEqual(ACCEPTED);
    at = NOW + 41_000;
    expect(await judge(token)).toEqual(refused('caller/bad-token', /"exp"/));
    at = NOW - HOUR;
    expect(await judge(token)).toEqual(refused('caller/bad-token', /"nbf"/));
  });

  it('is neither let in nor refused while there are no keys, which are asked for at most every ten seconds', async () => {
    fake.faults.push(500, 500);
    const token = `Bearer ${await fake.sign({})}`;
    const undecided = { kind: 'undecided', why: expect.not.stringContaining('500') };
    expect(await judge(token)).toEqual(undecided);
    expect(await judge(token)).toEqual(undecided);
    expect(fake.requests.length).toBe(1);
    ticks += 10_001;
    expect(await judge(token)).toEqual(undecided);
    ticks += 10_001;
    expect(await judge(token)).toEqual(ACCEPTED);
    expect(failures).toEqual(Array(2).fill(expect.stringContaining('answered 500: not now')));
  });

  it('waits for the keys with so many others at most, and all of them for one fetch', async () => {
    const token = `Bearer ${await fake.sign({})}`;
    const verdicts = await Promise.all(Array.from({ length: 100 }, () => judge(token)));
    const kinds = verdicts.map((verdict) => (verdict as typeof ACCEPTED).kind);
    expect([kinds.filter((kind) => kind === 'accepted').length, kinds.at(-1)]).toEqual([64, 'undecided']);
    expect(fake.requests.length).toBe(2);
    expect(await judge(token)).toEqual(ACCEPTED);
  });

  it.each<[string, () => Promise<string>, RegExp]>([
    [
      'an HMAC with the public key as its secret',
      async () => {
        const [jwk] = (await fake.keySet()).keys;
        const pem = createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' }).export({
          type: 'spki',
          format: 'pem',
        });
        return new SignJWT(decodeJwt(await fake.sign({})))
          .setProtectedHeader({ alg: 'HS256', kid: (jwk as { kid: string }).kid })
          .sign(Buffer.from(pem));
      },
      /alg/,
    ],
    [
      'a key that it brings along',
      async () => {
        const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
        const { kid } = decodeProtectedHeader(await fake.sign({}));
        return new SignJWT(decodeJwt(await fake.sign({})))
          .setProtectedHeader({ alg: 'RS256', kid: kid ?? '', jwk: await exportJWK(publicKey) })
          .sign(privateKey);
      },
      /signature verification failed/,
    ],
    [
      'an extension that nobody knows',
      async () => {
        const [header = '', payload, signature] = (await fake.sign({})).split('.');
        const known = JSON.parse(Buffer.from(header, 'base64url').toString());
        const extended = Buffer.from(JSON.stringify({ ...known, crit: ['x'], x: 1 })).toString('base64url');
        return [extended, payload, signature].join('.');
      },
      /Extension Header Parameter "x" is not recognized/,
    ],
  ])('that is signed with %s is not let in', async (_, forge, why) => {
    expect(await judge(`Bearer ${await forge()}`)).toEqual(refused('caller/bad-token', why));
  });

  it('signed with a new key makes the keys be fetched anew, and one signed with a withdrawn key is refused then', async () => {
    const former = `Bearer ${await fake.sign({})}`;
    for (let time = 0; time < 2; time += 1) expect(await judge(former)).toEqual(ACCEPTED);
    fake.rotateKey();
    const present = `Bearer ${await fake.sign({})}`;
    expect(await judge(present)).toEqual(refused('caller/bad-token', /no applicable key/));
    ticks += 10_001;
    expect(await judge(present)).toEqual(ACCEPTED);
    expect(await judge(former)).toEqual(refused('caller/bad-token', /no applicable key/));
  });

  it('is let in with the former keys while new ones cannot be fetched', async () => {
    expect(await judge(`Bearer ${await fake.sign({})}`)).toEqual(ACCEPTED);
    ticks += 5 * 60_000 + 1;
    fake.faults.push(500);
    expect(await judge(`Bearer ${await fake.sign({})}`)).toEqual(ACCEPTED);
  });
});

describe('a key set file', () => {
  const load = (text: string): unknown => {
    const loaded = callerKeysSource('jwks.json').load(() => Buffer.from(text));
    return loaded.kind === 'invalid' ? loaded.problem : loaded.kind;
  };

  it('of public keys is taken', async () => {
    expect(load(JSON.stringify(await fake.keySet()))).toBe('loaded');
  });

  it.each([
    ['no JSON', 'x', 'not JSON'],
    ['null', 'null', 'no JSON Web Key Set'],
    ['no keys', '{"keys":[]}', 'no JSON Web Key Set'],
    ['what is no key', '{"keys":[{}]}', 'keys[0] is no JSON Web Key'],
    ['a private key', '{"keys":[{"kty":"RSA","d":"x"}]}', 'keys[0] is a private or secret key'],
    ['a shared secret', '{"keys":[{"kty":"oct","k":"x"}]}', 'keys[0] is a private or secret key'],
  ])('with %s is refused', (_, text, problem) => {
    expect(load(text)).toContain(`jwks.json: ${problem}`);
  });
});

describe('several checks', () => {
  const accepts: CallerCheck = () => ({ kind: 'accepted' });
  const lacks: CallerCheck = () => ({ kind: 'refused', code: 'caller/no-certificate', why: 'none' });
  const refuses: CallerCheck = () => ({ kind: 'refused', code: 'caller/bad-token', why: 'bad' });
  const wonders: CallerCheck = () => ({ kind: 'undecided', why: 'no keys' });

  it.each([
    ['any: one lets in', anyCaller([lacks, accepts]), 'accepted'],
    ['any: one lets in, another cannot say', anyCaller([wonders, accepts]), 'accepted'],
    ['any: a wrong credential says more than a missing one', anyCaller([lacks, refuses]), 'caller/bad-token'],
    ['any: one cannot say', anyCaller([refuses, wonders]), 'undecided'],
    ['all: every one lets in', everyCaller([accepts, accepts]), 'accepted'],
    ['all: one does not', everyCaller([accepts, lacks]), 'caller/no-certificate'],
  ])('%s', async (_, check, expected) => {
    const verdict = await check(bearing(undefined), NOW);
    expect(verdict.kind === 'refused' ? verdict.code : verdict.kind).toBe(expected);
  });
});
