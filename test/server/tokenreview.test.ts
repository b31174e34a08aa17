import { get } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Authenticator } from '../../src/authenticator/authenticator.ts';
import { authenticatorOf } from '../authenticators.ts';
import { type Identity, mintAuthority, mintClient, NOW } from '../pki.ts';
import { APISERVER, AUDIENCE, reviewOf, startWebhook, tokenOf, type Webhook } from './webhook.ts';

let ca: Identity;
let alice: Identity;
let stranger: Identity;
let webhook: Webhook;
let authenticator: Authenticator;
let lines: string[];

beforeAll(async () => {
  ca = await mintAuthority('my-ca');
  alice = await mintClient(ca, { subject: [{ CN: 'alice' }, { O: 'dev' }, { O: 'ops' }] });
  stranger = await mintClient(await mintAuthority('my-ca'));
  authenticator = authenticatorOf(
    `- issuer: {name: my-ca}
  userValidationRules:
  - {expression: '!user.username.startsWith("system:")', message: this CA may not issue system users}
  - {expression: 'user.extra["example.org/missing"][0] == "x"', message: never evaluated}
`,
    ca.pem,
  );
  webhook = await startWebhook({ authenticator: () => authenticator });
  lines = webhook.lines;
});

afterAll(() => webhook.close());

const send: Webhook['send'] = (body, options) => webhook.send(body, options);

describe('a TokenReview as kube-apiserver sends it', () => {
  it.each(['v1', 'v1beta1'])('%s of a good token is answered with the user', async (version) => {
    const answer = await send(reviewOf(tokenOf(alice), version));
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('application/json');
    expect(answer.text).toBe(
      `{"kind":"TokenReview","apiVersion":"authentication.k8s.io/${version}","status":{"authenticated":true,"user":{"username":"alice","groups":["dev","ops"],"extra":{"authentication.kubernetes.io/credential-id":["X509SHA256=${alice.certificate.fingerprint}"]}}}}`,
    );
  });

  it.each([
    ["the API server's own", `["${APISERVER}"]`, undefined],
    ['none', 'null', undefined],
    ['an empty list', '[]', undefined],
    ["another component's", '["vault"]', undefined],
    ['ours', `["${AUDIENCE}"]`, [AUDIENCE]],
    ['ours among others', `["vault","${AUDIENCE}"]`, [AUDIENCE]],
  ])('for the audiences %s gives audiences only where ours is asked for', async (_, audiences, expected) => {
    const { status } = JSON.parse((await send(reviewOf(tokenOf(alice), 'v1', audiences))).text);
    expect(status.authenticated).toBe(true);
    expect(status.audiences).toEqual(expected);
  });

  it.each([
    ['garbage', () => 'garbage'],
    ['a token for another cluster', () => tokenOf(alice, { aud: 'x509.other.example' })],
  ])('of %s is not ours: no error, so that kube-apiserver remembers it', async (_, token) => {
    expect((await send(reviewOf(token()))).text).toBe(
      '{"kind":"TokenReview","apiVersion":"authentication.k8s.io/v1","status":{"authenticated":false}}',
    );
  });

  it.each([
    [
      'a stranger of the same CA name',
      () => tokenOf(stranger),
      /^path\/unknown-authority: x509: certificate signed by unknown authority.* \(decision [0-9a-f]{16}\)$/,
    ],
    [
      'an expired token',
      () => tokenOf(alice, { iat: NOW / 1000 - 500, exp: NOW / 1000 - 200 }),
      /^token\/expired: .* \(decision [0-9a-f]{16}\)$/,
    ],
    [
      'a tampered signature',
      () => tokenOf(alice).replace(/.{8}$/, 'AAAAAAAA'),
      /^possession\/bad-signature: .* \(decision [0-9a-f]{16}\)$/,
    ],
  ])('of %s is refused with the reason', async (_, token, error) => {
    const answer = await send(reviewOf(token()));
    expect(answer.status).toBe(200);
    const { status } = JSON.parse(answer.text);
    expect(status).toEqual({ authenticated: false, error: expect.stringMatching(error) });
  });

  it('denied by a rule gives the rule’s message and no identity', async () => {
    const system = await mintClient(ca, { subject: [{ CN: 'system:admin' }] });
    const { status } = JSON.parse((await send(reviewOf(tokenOf(system)))).text);
    expect(status.error).toMatch(
      /^user\/denied: this CA may not issue system users \(decision [0-9a-f]{16}\)$/,
    );
  });

  it('logs one line a decision, a warning for the rule that failed open, and never a token or a name', async () => {
    lines.length = 0;
    const token = tokenOf(alice);
    await send(reviewOf(token));
    const entries = lines.map((line) => JSON.parse(line));
    expect(entries).toMatchObject([
      {
        level: 'warn',
        entry: 'x509[0]/my-ca',
        stage: 'user',
        rule: 1,
        expression: 'user.extra["example.org/missing"][0] == "x"',
        error: 'no such key: example.org/missing',
      },
      {
        level: 'info',
        outcome: 'authenticated',
        entry: 'x509[0]/my-ca',
        credentialId: `X509SHA256=${alice.certificate.fingerprint}`,
      },
    ]);
    expect(lines.join('')).not.toContain('alice');
    for (const part of token.split('.').slice(1)) expect(lines.join('')).not.toContain(part);
  });
});

describe('a body that is no TokenReview', () => {
  it.each([
    ['is empty', '', 'the body is not JSON'],
    ['is not JSON', 'hello', 'the body is not JSON'],
    ['is a list', '[]', 'not a JSON object'],
    [
      'is another kind',
      '{"kind":"SubjectAccessReview","apiVersion":"authorization.k8s.io/v1"}',
      'kind: got "SubjectAccessReview", expected "TokenReview"',
    ],
    [
      'is of another version',
      '{"kind":"TokenReview","apiVersion":"authentication.k8s.io/v9","spec":{"token":"x"}}',
      'apiVersion: got "authentication.k8s.io/v9", expected',
    ],
    [
      'is of a kind that nests deeper than the stack',
      `{"kind":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
      'kind: got a list, expected "TokenReview"',
    ],
    [
      'is of a version that nests deeper than the stack',
      `{"kind":"TokenReview","apiVersion":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`,
      'apiVersion: got an object, expected',
    ],
    [
      'has no spec',
      '{"kind":"TokenReview","apiVersion":"authentication.k8s.io/v1"}',
      'spec: expected an object',
    ],
    [
      'has no token',
      '{"kind":"TokenReview","apiVersion":"authentication.k8s.io/v1","spec":{}}',
      'spec.token: expected a non-empty string',
    ],
    [
      'has audiences that are a string',
      '{"kind":"TokenReview","apiVersion":"authentication.k8s.io/v1","spec":{"token":"x","audiences":"y"}}',
      'spec.audiences: expected a list of strings',
    ],
  ])('because it %s is a 400 with a Status', async (_, body, message) => {
    const answer = await send(body);
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.text)).toMatchObject({
      kind: 'Status',
      apiVersion: 'v1',
      status: 'Failure',
      reason: 'BadRequest',
      code: 400,
      message: expect.stringContaining(message),
    });
  });

  it('because it is over 4 MiB is a 413; one of 3.2 MB is read', async () => {
    expect((await send(Buffer.alloc(4 * 1024 * 1024 + 1, 0x20))).status).toBe(413);
    expect((await send(reviewOf('x'.repeat(3_200_000)))).status).toBe(200);
  });
});

describe('the TLS port', () => {
  it('allows only POST on /authenticate', async () => {
    const answer = await send('', { method: 'GET' });
    expect([answer.status, answer.headers['allow']]).toEqual([405, 'POST']);
  });
  it('takes any content type and any query', async () => {
    expect((await send(reviewOf('x'), { type: 'text/plain', path: '/authenticate?a=b&c' })).status).toBe(200);
    expect((await send(reviewOf('x'), { path: '/authenticate' })).status).toBe(200);
  });
  it.each(['/', '/authenticate/', '/authenticatex', '/livez'])('serves nothing at %s', async (path) => {
    const answer = await send(reviewOf('x'), { path });
    expect([answer.status, JSON.parse(answer.text).kind]).toEqual([404, 'Status']);
  });
  it.each(['http://[::1', 'http://x:99999/authenticate', 'http://%zz/'])(
    'answers the broken target %s with a Status, as the health port does',
    async (path) => {
      const { port } = webhook.server.healthAddress;
      const refused = { kind: 'Status', code: 400, message: expect.stringContaining('expected a path') };
      expect(JSON.parse((await send('', { path })).text)).toMatchObject(refused);
      const answer: string = await new Promise((resolve, reject) => {
        get({ host: '127.0.0.1', port, path }, (response) =>
          response.setEncoding('utf8').once('data', resolve),
        ).once('error', reject);
      });
      expect(JSON.parse(answer)).toMatchObject(refused);
    },
  );
});

describe('the health port', () => {
  it('answers a fault of ours with a Status and no more, and it is logged', async () => {
    const fault = (): never => {
      throw new Error('a planted fault');
    };
    const faulty = await startWebhook({
      authenticator: () => authenticator,
      checks: [{ name: 'faulty', problem: fault }],
    });
    const response = await fetch(`http://127.0.0.1:${faulty.server.healthAddress.port}/readyz`);
    const text = await response.text();
    expect([response.status, JSON.parse(text)]).toEqual([503, expect.objectContaining({ kind: 'Status' })]);
    expect(text).not.toContain('planted');
    expect(faulty.lines.some((line) => line.includes('a planted fault'))).toBe(true);
    await faulty.close();
  });

  it('writes what a terminal would act on as escapes', async () => {
    const note = (): string => 'stays in force: \u001b[31m\r\u202e\nnext line';
    const checks = [{ name: 'noted', problem: () => undefined, note }];
    const noted = await startWebhook({ authenticator: () => authenticator, checks });
    const response = await fetch(`http://127.0.0.1:${noted.server.healthAddress.port}/readyz?verbose`);
    expect(await response.text()).toBe(
      '[+]noted ok: stays in force: \\u001b[31m\\r\\u202e\nnext line\nreadyz check passed\n',
    );
    await noted.close();
  });
  it.each([
    ['/livez', 'ok'],
    ['/readyz', 'ok'],
    ['/readyz?verbose', 'readyz check passed\n'],
  ])('answers %s', async (path, text) => {
    const response = await fetch(`http://127.0.0.1:${webhook.server.healthAddress.port}${path}`);
    expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([
      200,
      'text/plain; charset=utf-8',
      text,
    ]);
  });
});
