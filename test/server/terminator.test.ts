import { createHash } from 'node:crypto';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SessionKey } from '../../src/credential/session-key.ts';
import { openSession } from '../../src/credential/open-session.ts';
import type { TerminatorHeaders } from '../../src/server/forwarded.ts';
import { authenticatorOf } from '../authenticators.ts';
import { type Identity, mintAuthority, mintClient, mintIntermediate, NOW } from '../pki.ts';
import {
  ask,
  type FrontDoor,
  holding,
  mintSessionKey,
  openTerminator,
  sessionService,
} from './front-door.ts';
import { AUDIENCE } from './webhook.ts';

const ENTRIES = `
- issuer: {name: my-ca}
  requestValidationRules:
  - {expression: 'request.remoteaddr == "10.1.2.3"', message: only from the desk}
- issuer: {name: sub-ca, certificateAuthorityFile: ca.pem}
`;

type Form = TerminatorHeaders['form'];

let ca: Identity;
let sub: Identity;
let alice: Identity;
let bob: Identity;
let nginx: Identity;
let key: SessionKey;
let doors: Record<Form, FrontDoor>;

beforeAll(async () => {
  ca = await mintAuthority('my-ca');
  sub = await mintIntermediate(ca, 'sub-ca');
  alice = await mintClient(ca, { subject: [{ CN: 'alice' }, { O: 'dev' }, { O: 'größe' }] });
  bob = await mintClient(sub, { subject: [{ CN: 'bob' }] });
  const terminatorCa = await mintAuthority('terminators');
  nginx = await mintClient(terminatorCa, { subject: [{ CN: 'nginx' }] });
  key = await mintSessionKey();
  const authenticator = authenticatorOf(ENTRIES, ca.pem);
  const service = sessionService({ authenticator: () => authenticator, keys: () => [key] });
  const open = (form: Form): Promise<FrontDoor> =>
    openTerminator(service, {
      ca: terminatorCa,
      allowedNames: ['nginx'],
      headers: { form, addressHeader: 'x-real-ip' },
    });
  doors = { rfc9440: await open('rfc9440'), nginx: await open('nginx'), envoy: await open('envoy') };
});
afterAll(() => Promise.all(Object.values(doors).map((door) => door.close())));

const bytes = (...identities: Identity[]): string =>
  identities.map(({ der }) => `:${der.toString('base64')}:`).join(', ');
const escaped = (...identities: Identity[]): string =>
  encodeURIComponent(identities.map(({ pem }) => pem).join(''));
const lines = (identity: Identity): string => identity.pem.trimEnd();
const sha256 = ({ der }: Identity): string => createHash('sha256').update(der).digest('hex');
const DESK = ['X-Real-IP', '10.1.2.3'] as const;

type Headers = readonly (readonly [string, string])[];

/** Asks with exactly these headers, in this order. */
function question(form: Form, headers: Headers, options: object = {}) {
  const flat = [['Host', 'localhost'] as const, ...headers].flat();
  return ask(doors[form], { path: '/auth', ...holding(nginx), headers: flat, ...options });
}

describe('a terminator is told who its client is', () => {
  it.each<[string, Form, () => Headers, string]>([
    ['RFC 9440', 'rfc9440', () => [['Client-Cert', bytes(alice)], DESK], 'alice'],
    [
      'RFC 9440 with a chain',
      'rfc9440',
      () => [['Client-Cert', bytes(bob)], ['Client-Cert-Chain', bytes(sub)], DESK],
      'bob',
    ],
    [
      'RFC 9440 with a chain in another order',
      'rfc9440',
      () => [['Client-Cert', bytes(bob)], ['Client-Cert-Chain', bytes(ca, sub)], DESK],
      'bob',
    ],
    ['nginx', 'nginx', () => [['ssl-client-cert', escaped(alice)], DESK], 'alice'],
    [
      'Envoy',
      'envoy',
      () => [
        [
          'x-forwarded-client-cert',
          `Hash=${sha256(alice)};Cert="${escaped(alice)}";Subject="CN=\\"x\\", O=y";URI=`,
        ],
        DESK,
      ],
      'alice',
    ],
    [
      'Envoy with a chain',
      'envoy',
      () => [
        ['X-Forwarded-Client-Cert', `By=spiffe://x/y;Cert="${escaped(bob)}";Chain="${escaped(bob, sub)}"`],
        DESK,
      ],
      'bob',
    ],
    [
      'Envoy with a chain alone',
      'envoy',
      () => [['x-forwarded-client-cert', `Chain=${escaped(bob, sub)}`], DESK],
      'bob',
    ],
  ])('by %s', async (_, form, headers, username) => {
    const { status, headers: answer } = await question(form, headers());
    expect([status, answer['x-remote-user']]).toEqual([200, username]);
    const token = String(answer['authorization']).replace('Bearer ', '');
    const opened = openSession(token, { audiences: [AUDIENCE], keys: [key], at: NOW });
    expect(opened).toMatchObject({
      kind: 'opened',
      claims: { possession: 'assumed', user: { username } },
    });
  });

  it('with a line for every group, in UTF-8, and escaped keys', async () => {
    const { rawHeaders } = await question('nginx', [['ssl-client-cert', escaped(alice)], DESK]);
    const values = (name: string): readonly string[] =>
      rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1] === name);
    expect(values('X-Remote-Group')).toEqual(['dev', Buffer.from('größe').toString('latin1')]);
    expect(values('X-Remote-Extra-authentication.kubernetes.io%2Fcredential-id')).toEqual([
      `X509SHA256=${sha256(alice)}`,
    ]);
  });

  it('without the headers of a user whom they cannot name exactly', async () => {
    const odd = await mintClient(ca, { subject: [{ CN: 'alice\nX-Remote-Group: system:masters' }] });
    const { status, headers } = await question('nginx', [['ssl-client-cert', escaped(odd)], DESK]);
    expect(status).toBe(200);
    expect(Object.keys(headers).filter((name) => name.startsWith('x-remote'))).toEqual([]);
  });

  it('without the headers of a user who has more groups than fit beside a session', async () => {
    const groups = Array.from({ length: 79 }, (_, index) => ({ O: `g${index}` }));
    const [few, many] = [
      await mintClient(ca, { subject: [{ CN: 'alice' }, ...groups.slice(1)] }),
      await mintClient(ca, { subject: [{ CN: 'alice' }, ...groups] }),
    ];
    const answers = await Promise.all(
      [few, many].map((each) => question('nginx', [['ssl-client-cert', escaped(each)], DESK])),
    );
    expect(answers.map(({ status, headers }) => [status, headers['x-remote-user']])).toEqual([
      [200, 'alice'],
      [200, undefined],
    ]);
  });

  it.each([
    ['GET', '/auth', 200],
    ['POST', '/auth?x=1', 200],
    ['DELETE', '/auth', 405],
    ['DELETE', '/auth/api/v1/namespaces/x', 200],
    ['GET', '/authenticate', 404],
    ['GET', '/', 404],
  ])('%s %s: %d', async (method, path, code) => {
    const { status } = await question('nginx', [['ssl-client-cert', escaped(alice)], DESK], { method, path });
    expect(status).toBe(code);
  });

  it('and why not, in the body and in a header', async () => {
    const { status, body, headers } = await question('nginx', [
      ['ssl-client-cert', escaped(alice)],
      ['X-Real-IP', '10.1.2.4'],
    ]);
    expect([status, body.message]).toEqual([
      403,
      expect.stringMatching(/^request\/denied: only from the desk /),
    ]);
    expect(JSON.parse(String(headers['x-kube-x509-authn-status']))).toEqual(body);
    expect(headers).not.toHaveProperty('authorization');
  });
});

const BAD = 'possession/bad-header';
const MANY = 'x'.repeat(33 * 1024);

describe('a header attack is refused', () => {
  it.each<[string, Form, () => Headers, string]>([
    ['no certificate', 'rfc9440', () => [DESK], 'possession/no-certificate'],
    ['a chain without a certificate', 'rfc9440', () => [['Client-Cert-Chain', bytes(alice)], DESK], BAD],
    [
      'the certificate twice',
      'rfc9440',
      () => [['Client-Cert', bytes(alice)], ['Client-Cert', bytes(alice)], DESK],
      BAD,
    ],
    [
      'the certificate twice, in another case',
      'rfc9440',
      () => [['Client-Cert', bytes(alice)], ['CLIENT-CERT', bytes(bob)], DESK],
      BAD,
    ],
    ['two certificates in one header', 'rfc9440', () => [['Client-Cert', bytes(alice, bob)], DESK], BAD],
    [
      'the chain twice',
      'rfc9440',
      () => [
        ['Client-Cert', bytes(bob)],
        ['Client-Cert-Chain', bytes(sub)],
        ['Client-Cert-Chain', bytes(sub)],
        DESK,
      ],
      BAD,
    ],
    [
      'a chain that repeats the leaf',
      'rfc9440',
      () => [['Client-Cert', bytes(bob)], ['Client-Cert-Chain', bytes(bob, sub)], DESK],
      BAD,
    ],
    ['a parameter', 'rfc9440', () => [['Client-Cert', `${bytes(alice)};a=1`], DESK], BAD],
    [
      'base64 without padding',
      'rfc9440',
      () => [['Client-Cert', `:${alice.der.toString('base64').slice(0, -1)}:`], DESK],
      BAD,
    ],
    ['base64url', 'rfc9440', () => [['Client-Cert', `:${alice.der.toString('base64url')}_:`], DESK], BAD],
    [
      'a string, not bytes',
      'rfc9440',
      () => [['Client-Cert', `"${alice.der.toString('base64')}"`], DESK],
      BAD,
    ],
    ['nothing between the colons', 'rfc9440', () => [['Client-Cert', '::'], DESK], BAD],
    ['an empty header', 'rfc9440', () => [['Client-Cert', ''], DESK], BAD],
    [
      'an empty item of a chain',
      'rfc9440',
      () => [['Client-Cert', bytes(bob)], ['Client-Cert-Chain', `${bytes(sub)},`], DESK],
      BAD,
    ],
    [
      'DER with trailing data',
      'rfc9440',
      () => [['Client-Cert', `:${Buffer.concat([alice.der, Buffer.from([0])]).toString('base64')}:`], DESK],
      'possession/bad-chain',
    ],
    [
      'DER that is no certificate',
      'rfc9440',
      () => [['Client-Cert', ':AAAA:'], DESK],
      'possession/bad-chain',
    ],
    ['more than 32 KiB', 'rfc9440', () => [['Client-Cert', `:${MANY}:`], DESK], BAD],
    [
      'nginx’s form where RFC 9440’s is on',
      'rfc9440',
      () => [['ssl-client-cert', escaped(alice)], DESK],
      BAD,
    ],
    [
      'both forms at once',
      'rfc9440',
      () => [['Client-Cert', bytes(alice)], ['ssl-client-cert', escaped(bob)], DESK],
      BAD,
    ],
    [
      'Envoy’s form beside nginx’s',
      'nginx',
      () => [['ssl-client-cert', escaped(alice)], ['x-forwarded-client-cert', `Cert=${escaped(bob)}`], DESK],
      BAD,
    ],
    ['two certificates in PEM', 'nginx', () => [['ssl-client-cert', escaped(alice, bob)], DESK], BAD],
    ['text after the PEM', 'nginx', () => [['ssl-client-cert', `${escaped(alice)}trailing`], DESK], BAD],
    ['text before the PEM', 'nginx', () => [['ssl-client-cert', `leading%0A${escaped(alice)}`], DESK], BAD],
    ['a NUL after the PEM', 'nginx', () => [['ssl-client-cert', `${escaped(alice)}%00`], DESK], BAD],
    [
      'PEM that is not escaped',
      'nginx',
      () => [['ssl-client-cert', lines(alice).replaceAll('\n', ' ')], DESK],
      BAD,
    ],
    [
      'PEM with plus signs',
      'nginx',
      () => [['ssl-client-cert', escaped(alice).replaceAll('%20', '+')], DESK],
      BAD,
    ],
    [
      'base64 that is not escaped',
      'nginx',
      () => [['ssl-client-cert', escaped(alice).replaceAll(/%(?:2B|2F|3D)/g, decodeURIComponent)], DESK],
      BAD,
    ],
    ['a broken escape', 'nginx', () => [['ssl-client-cert', `${escaped(alice)}%4`], DESK], BAD],
    ['PEM of a key', 'nginx', () => [['ssl-client-cert', encodeURIComponent(alice.keyPem)], DESK], BAD],
    [
      'PEM with headers',
      'nginx',
      () => [['ssl-client-cert', escaped(alice).replace('-----%0A', '-----%0AX%3A%20y%0A%0A')], DESK],
      BAD,
    ],
    [
      'two elements',
      'envoy',
      () => [['x-forwarded-client-cert', `Cert=${escaped(alice)},Cert=${escaped(bob)}`], DESK],
      BAD,
    ],
    [
      'a key twice',
      'envoy',
      () => [['x-forwarded-client-cert', `Cert=${escaped(alice)};cert=${escaped(bob)}`], DESK],
      BAD,
    ],
    [
      'an unknown key',
      'envoy',
      () => [['x-forwarded-client-cert', `Cert=${escaped(alice)};Leaf=${escaped(bob)}`], DESK],
      BAD,
    ],
    [
      'a quote that does not end',
      'envoy',
      () => [['x-forwarded-client-cert', `Cert="${escaped(alice)}`], DESK],
      BAD,
    ],
    [
      'a chain that begins with another',
      'envoy',
      () => [['x-forwarded-client-cert', `Cert=${escaped(alice)};Chain=${escaped(bob, sub)}`], DESK],
      BAD,
    ],
    [
      'the hash of another',
      'envoy',
      () => [['x-forwarded-client-cert', `Hash=${sha256(bob)};Cert=${escaped(alice)}`], DESK],
      BAD,
    ],
    [
      'a hash alone',
      'envoy',
      () => [['x-forwarded-client-cert', `Hash=${sha256(alice)};URI=spiffe://x/y`], DESK],
      BAD,
    ],
    ['no address', 'nginx', () => [['ssl-client-cert', escaped(alice)]], 'request/remoteaddr-unknown'],
    [
      'an address in another header',
      'nginx',
      () => [
        ['ssl-client-cert', escaped(alice)],
        ['X-Forwarded-For', '10.1.2.3'],
      ],
      'request/remoteaddr-unknown',
    ],
    [
      'two addresses',
      'nginx',
      () => [['ssl-client-cert', escaped(alice)], DESK, ['x-real-ip', '10.1.2.4']],
      BAD,
    ],
    [
      'a list of addresses',
      'nginx',
      () => [
        ['ssl-client-cert', escaped(alice)],
        ['X-Real-IP', '10.1.2.3, 10.1.2.4'],
      ],
      BAD,
    ],
    [
      'an address with a port',
      'nginx',
      () => [
        ['ssl-client-cert', escaped(alice)],
        ['X-Real-IP', '10.1.2.3:80'],
      ],
      BAD,
    ],
    [
      'an address of IPv4 with a zone',
      'nginx',
      () => [
        ['ssl-client-cert', escaped(alice)],
        ['X-Real-IP', '10.1.2.3%eth0'],
      ],
      BAD,
    ],
    [
      'an octal address',
      'nginx',
      () => [
        ['ssl-client-cert', escaped(alice)],
        ['X-Real-IP', '012.1.2.3'],
      ],
      BAD,
    ],
    [
      'a short address',
      'nginx',
      () => [
        ['ssl-client-cert', escaped(alice)],
        ['X-Real-IP', '10.66051'],
      ],
      BAD,
    ],
  ])('%s (%s)', async (_, form, headers, code) => {
    const { status, body, headers: answer } = await question(form, headers());
    expect([status, answer['authorization']]).toEqual([403, undefined]);
    expect(body.message).toMatch(new RegExp(`^(?:${code}): `));
  });

  it('an address of IPv4 in IPv6 is that of IPv4, and no attack', async () => {
    const { status } = await question('nginx', [
      ['ssl-client-cert', escaped(alice)],
      ['X-Real-IP', '::ffff:10.1.2.3'],
    ]);
    expect(status).toBe(200);
  });

  it('the chain names nobody: with the issuer in the leaf’s place the client is the issuer', async () => {
    const headers = [['Client-Cert', bytes(sub)], ['Client-Cert-Chain', bytes(bob)], DESK] as const;
    const { status, headers: answer } = await question('rfc9440', headers);
    expect([status, answer['x-remote-user']]).toEqual([200, 'sub-ca']);
  });

  it('the certificate twice, with thousands of headers between', async () => {
    const cert = `ssl-client-cert: ${escaped(alice)}\r\n`;
    const answer = await raw(
      `GET /auth HTTP/1.1\r\nHost: x\r\nX-Real-IP: 10.1.2.3\r\n${cert}${'a: b\r\n'.repeat(4000)}${cert}\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 403 [^]*ssl-client-cert came twice/);
  });

  it('a folded header', async () => {
    const [first, second] = [escaped(alice).slice(0, 100), escaped(alice).slice(100)];
    const answer = await raw(
      `GET /auth HTTP/1.1\r\nHost: x\r\nX-Real-IP: 10.1.2.3\r\nssl-client-cert: ${first}\r\n ${second}\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 4(?:00|03) /);
  });

  it('a header over 64 KiB', async () => {
    const answer = await raw(
      `GET /auth HTTP/1.1\r\nHost: x\r\nssl-client-cert: ${'x'.repeat(70 * 1024)}\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
  });

  it('a header with white space before its colon', async () => {
    const answer = await raw(`GET /auth HTTP/1.1\r\nHost: x\r\nssl-client-cert : ${escaped(alice)}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe('who is no terminator', () => {
  const headers = (): Headers => [['ssl-client-cert', escaped(alice)], DESK];
  it.each<[string, () => Promise<object> | object, RegExp]>([
    ['without a certificate', () => ({ cert: undefined, key: undefined }), /^caller\/no-certificate: /],
    ['with a user’s certificate', () => holding(alice), /^caller\/untrusted-certificate: /],
    [
      'with a certificate of a namesake of the CA',
      async () =>
        holding(await mintClient(await mintAuthority('terminators'), { subject: [{ CN: 'nginx' }] })),
      /^caller\/untrusted-certificate: /,
    ],
  ])('%s is told nothing', async (_, options, message) => {
    const { status, body, headers: answer } = await question('nginx', headers(), await options());
    expect([status, answer['authorization']]).toEqual([403, undefined]);
    expect(body.message).toMatch(message);
  });
});

/** Sends bytes as a terminator; gives the beginning of the answer. */
function raw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const { listener, serving } = doors.nginx;
    const options = {
      host: '127.0.0.1',
      port: listener.address.port,
      ca: serving.pem,
      servername: 'localhost',
    };
    const socket: TLSSocket = connect({ ...options, cert: nginx.pem, key: nginx.keyPem }, () =>
      socket.write(text),
    );
    socket.on('error', reject);
    socket.once('data', (data: Buffer) => {
      resolve(data.toString());
      socket.destroy();
    });
  });
}
