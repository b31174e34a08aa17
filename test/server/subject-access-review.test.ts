import type { RequestOptions } from 'node:https';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createNativeJudge, type NativeJudge } from '../../src/authenticator/native-judge.ts';
import type { CallerCheck } from '../../src/server/caller.ts';
import type { ServerLimits } from '../../src/server/server-limits.ts';
import { authenticatorOf } from '../authenticators.ts';
import { policyOf, revocationListOf } from '../native-policies.ts';
import { type Identity, mintAuthority, mintClient } from '../pki.ts';
import { type Answer, startWebhook, type Webhook } from './webhook.ts';

let ca: Identity;
let alice: Identity;
let webhook: Webhook;
let judge: NativeJudge = createNativeJudge(policyOf(''));
let nextId = 0;

beforeAll(async () => {
  ca = await mintAuthority('my-ca');
  alice = await mintClient(ca, { subject: [{ CN: 'alice' }, { O: 'dev' }] });
  const authenticator = authenticatorOf('- issuer: {name: my-ca}\n', ca.pem);
  webhook = await startWebhook({
    authenticator: () => authenticator,
    judge: () => judge,
    newDecisionId: () => String((nextId += 1)),
  });
});

beforeEach(() => {
  nextId = 41;
  webhook.lines.length = 0;
  judge = createNativeJudge(policyOf(POLICY, { 'revoked.yaml': listOf(alice.certificate.fingerprint) }));
});

afterAll(() => webhook.close());

const POLICY = `userValidationRules:
- {expression: '!user.username.startsWith("old-")', message: old accounts are closed}
- {expression: 'user.extra["example.org/missing"][0] == "x"', message: never evaluated}
revocation: {files: [revoked.yaml]}
`;

const listOf = (fingerprint: string): string =>
  revocationListOf(`fingerprints: [{sha256: "${fingerprint}", reason: laptop lost}]\n`);

function send(body: string | Buffer, options: RequestOptions = {}): Promise<Answer> {
  return webhook.send(body, { path: '/authorize?timeout=3s', ...options });
}

/** The very bytes that kube-apiserver 1.36 sends, of v1 or, where the groups have another name, of v1beta1. */
function reviewOf(
  credentialIds: readonly string[],
  { version = 'v1', user = 'alice', attributes = LIST } = {},
): string {
  const groups = version === 'v1' ? 'groups' : 'group';
  return `{"kind":"SubjectAccessReview","apiVersion":"authorization.k8s.io/${version}","metadata":{},"spec":{${attributes},"user":"${user}","${groups}":["dev","ops","system:authenticated"],"extra":{"authentication.kubernetes.io/credential-id":${JSON.stringify(credentialIds)}},"uid":"6f1c2a52-0000-4000-8000-00000000a11c"},"status":{"allowed":false}}\n`;
}

const LIST = '"resourceAttributes":{"verb":"list","version":"v1","resource":"namespaces"}';
const idOf = ({ certificate }: Identity): string => `X509SHA256=${certificate.fingerprint}`;

const NO_OPINION =
  '{"kind":"SubjectAccessReview","apiVersion":"authorization.k8s.io/v1","status":{"allowed":false}}';

describe('a SubjectAccessReview as kube-apiserver sends it', () => {
  it.each(['v1', 'v1beta1'])(
    '%s of a revoked certificate is denied, with the list’s reason and nothing else',
    async (version) => {
      const answer = await send(reviewOf([idOf(alice)], { version }));
      expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/json']);
      expect(answer.text).toBe(
        `{"kind":"SubjectAccessReview","apiVersion":"authorization.k8s.io/${version}","status":{"allowed":false,"denied":true,"reason":"revocation/revoked: laptop lost (decision 42)"}}`,
      );
    },
  );
  it('of a request for a path is judged alike', async () => {
    const attributes = '"nonResourceAttributes":{"path":"/version","verb":"get"}';
    expect((await send(reviewOf([idOf(alice)], { attributes }))).text).toContain('"denied":true');
  });
  it.each([
    ['another certificate', [`X509SHA256=${'a'.repeat(64)}`]],
    ['a service account', ['JTI=8c1d5a4b-0000-4000-8000-000000000000']],
    ['somebody impersonated, who has no credential id', []],
  ])('of %s gets no opinion', async (_, ids) => {
    expect((await send(reviewOf(ids))).text).toBe(NO_OPINION);
  });
  it.each([
    ['no extra', '{"user":"alice","groups":["dev"]}'],
    [
      'extra of nothing',
      '{"user":"alice","groups":null,"extra":{"authentication.kubernetes.io/credential-id":null}}',
    ],
    ['nothing at all', '{}'],
  ])('of a user with %s gets no opinion', async (_, spec) => {
    const body = `{"kind":"SubjectAccessReview","apiVersion":"authorization.k8s.io/v1","spec":${spec}}`;
    expect((await send(body)).text).toBe(NO_OPINION);
  });
  it.each([
    [
      'a rule’s message',
      'old-alice',
      [`X509SHA256=${'a'.repeat(64)}`],
      'user/denied: old accounts are closed (decision 42)',
    ],
    [
      'a credential id that is none',
      'alice',
      ['X509SHA256=abc'],
      'certificate/unreadable-id: a credential id is not the SHA-256 of a certificate (decision 42)',
    ],
    ['capitals', 'alice', () => [idOf(alice).toUpperCase()], 'revocation/revoked: laptop lost (decision 42)'],
    [
      'one revoked certificate of several',
      'alice',
      () => [`X509SHA256=${'a'.repeat(64)}`, idOf(alice)],
      'revocation/revoked: laptop lost (decision 42)',
    ],
  ])('is denied for %s', async (_, user, ids, reason) => {
    const { text } = await send(reviewOf(typeof ids === 'function' ? ids() : ids, { user }));
    expect(JSON.parse(text).status).toEqual({ allowed: false, denied: true, reason });
  });
  it('of v1beta1 has its groups judged', async () => {
    judge = createNativeJudge(
      policyOf(`userValidationRules: [{expression: '!("ops" in user.groups)', message: no ops}]\n`),
    );
    for (const version of ['v1', 'v1beta1']) {
      expect((await send(reviewOf([idOf(alice)], { version }))).text).toContain('user/denied: no ops');
    }
  });
  it('is never allowed, whatever is asked', async () => {
    const body = reviewOf([]).replace('"allowed":false', '"allowed":true');
    expect((await send(body)).text).toBe(NO_OPINION);
  });
});

describe('a body that is no SubjectAccessReview', () => {
  const v1 = '"kind":"SubjectAccessReview","apiVersion":"authorization.k8s.io/v1"';
  it.each([
    ['is empty', '', 'the body is not JSON'],
    ['is not JSON', 'hello', 'the body is not JSON'],
    ['is cut off', reviewOf([]).slice(0, -40), 'the body is not JSON'],
    ['is a list', '[]', 'not a JSON object'],
    [
      'is another kind',
      '{"kind":"TokenReview","apiVersion":"authentication.k8s.io/v1"}',
      'kind: got "TokenReview", expected "SubjectAccessReview"',
    ],
    [
      'is of another version',
      '{"kind":"SubjectAccessReview","apiVersion":"authorization.k8s.io/v9","spec":{}}',
      'apiVersion: got "authorization.k8s.io/v9", expected',
    ],
    ['has no spec', `{${v1}}`, 'spec: expected an object with a user'],
    ['has a user that is a number', `{${v1},"spec":{"user":1}}`, 'spec.user: expected a string'],
    [
      'has groups that are a string',
      `{${v1},"spec":{"groups":"dev"}}`,
      'spec.groups: expected a list of strings',
    ],
    [
      'has groups with a number',
      `{${v1},"spec":{"groups":["dev",1]}}`,
      'spec.groups: expected a list of strings',
    ],
    [
      'has extra that is a list',
      `{${v1},"spec":{"extra":[]}}`,
      'spec.extra: expected a map of lists of strings',
    ],
    [
      'has extra with a string',
      `{${v1},"spec":{"extra":{"authentication.kubernetes.io/credential-id":"X509SHA256=aa"}}}`,
      'spec.extra: expected a map of lists of strings',
    ],
  ])('because it %s is a 400 with a Status', async (_, body, message) => {
    const answer = await send(body);
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.text)).toMatchObject({
      kind: 'Status',
      status: 'Failure',
      reason: 'BadRequest',
      code: 400,
      message: expect.stringContaining(message),
    });
  });
});

describe('absurd sizes', () => {
  const selectors = (count: number): string =>
    `"resourceAttributes":{"verb":"list","version":"v1","resource":"pods","labelSelector":{"requirements":[${Array(count).fill('{"key":"a","operator":"Exists"}').join(',')}]}}`;

  it('of what is asked for do not keep a revoked certificate from being found', async () => {
    const body = reviewOf([idOf(alice)], { attributes: selectors(100_000) });
    expect(body.length).toBeGreaterThan(3_000_000);
    expect((await send(body)).text).toContain('revocation/revoked: laptop lost');
  });
  it('past what is read are denied, and not left to the failure policy', async () => {
    const body = reviewOf([idOf(alice)], { attributes: selectors(600_000) });
    expect(body.length).toBeGreaterThan(17_000_000);
    const counted = () => webhook.count('native_denials_total', { code: 'request/too-large' });
    const before = await counted();
    const answer = await send(body);
    expect(await counted()).toBe(before + 1);
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text).status).toEqual({
      allowed: false,
      denied: true,
      reason: 'request/too-large: the SubjectAccessReview is too large (decision 42)',
    });
  });
  it('of what is no review are a 413', async () => {
    const answer = await send(Buffer.alloc(5 * 1024 * 1024, 0x20));
    expect([answer.status, JSON.parse(answer.text).kind]).toEqual([413, 'Status']);
  });
  it('of a user are judged', async () => {
    const groups = JSON.stringify(Array.from({ length: 20_000 }, (_, index) => `group-${index}`));
    const body = reviewOf([idOf(alice)]).replace('["dev","ops","system:authenticated"]', groups);
    expect((await send(body)).text).toContain('revocation/revoked');
  });
});

describe('a limit turns nobody away who is revoked', () => {
  const attributes = `"resourceAttributes":{"verb":"list","resource":"pods","name":"${'x'.repeat(100_000)}"}`;
  it.each<[string, Partial<ServerLimits>, () => string, string]>([
    ['of places', { inFlight: 0 }, () => reviewOf([idOf(alice)]), 'revocation/revoked: laptop lost'],
    ['of places, where nobody is', { inFlight: 0 }, () => reviewOf(['JTI=1']), '{"allowed":false}'],
    [
      'of buffered bytes',
      { bufferedBytes: 0 },
      () => reviewOf([idOf(alice)], { attributes }),
      'request/too-large: there is no room',
    ],
    [
      'of buffered bytes, for a small review',
      { bufferedBytes: 0 },
      () => reviewOf([idOf(alice)]),
      'revocation/revoked: laptop lost',
    ],
  ])('%s', async (_, limits, body, expected) => {
    const authenticator = authenticatorOf('- issuer: {name: my-ca}\n', ca.pem);
    const narrow = await startWebhook({ authenticator: () => authenticator, judge: () => judge, limits });
    try {
      const answer = await narrow.send(body(), { path: '/authorize' });
      expect([answer.status, answer.text]).toEqual([200, expect.stringContaining(expected)]);
    } finally {
      await narrow.close();
    }
  });
});

describe('the endpoint', () => {
  it('is behind the check of callers', async () => {
    const authenticator = authenticatorOf('- issuer: {name: my-ca}\n', ca.pem);
    const callers: CallerCheck = () =>
      Promise.resolve({ kind: 'refused', code: 'caller/no-certificate', why: 'x' });
    const guarded = await startWebhook({ authenticator: () => authenticator, judge: () => judge, callers });
    try {
      expect((await guarded.send(reviewOf([]), { path: '/authorize' })).status).toBe(401);
    } finally {
      await guarded.close();
    }
  });
  it('is not there without a policy', async () => {
    const authenticator = authenticatorOf('- issuer: {name: my-ca}\n', ca.pem);
    const plain = await startWebhook({ authenticator: () => authenticator });
    try {
      expect((await plain.send(reviewOf([]), { path: '/authorize' })).status).toBe(404);
    } finally {
      await plain.close();
    }
  });
  it('allows only POST', async () => {
    const answer = await send('', { method: 'GET' });
    expect([answer.status, answer.headers['allow']]).toEqual([405, 'POST']);
  });
  it('takes any query', async () => {
    expect((await send(reviewOf([]), { path: '/authorize' })).status).toBe(200);
    expect((await send(reviewOf([]), { path: '/authorize?a=b' })).status).toBe(200);
  });
  it.each(['/authorize/', '/authorizex', '/sar'])('is not at %s', async (path) => {
    expect((await send(reviewOf([]), { path })).status).toBe(404);
  });
  it('answers 503, without Retry-After, for a fault of ours: the failure policy is for outages', async () => {
    judge = {
      ...judge,
      judge: () => {
        throw new Error('planted');
      },
    };
    const answer = await send(reviewOf([idOf(alice)]));
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, undefined]);
    expect(JSON.parse(answer.text).message).toBe(
      'internal/error: the review could not be judged (decision 42)',
    );
    expect(JSON.parse(webhook.lines[0]!)).toMatchObject({
      level: 'error',
      decisionId: '42',
      err: { message: 'planted' },
    });
  });
});

describe('a new policy', () => {
  it('holds from the next review on, whatever was remembered', async () => {
    const body = reviewOf([idOf(alice)]);
    expect((await send(body)).text).toContain('"denied":true');
    judge = createNativeJudge(policyOf(''));
    expect((await send(body)).text).toBe(NO_OPINION);
    judge = createNativeJudge(
      policyOf('revocation: {files: [r]}\n', { r: listOf(alice.certificate.fingerprint) }),
    );
    expect((await send(body)).text).toContain('"denied":true');
  });
});

describe('what is seen of it', () => {
  it('is a line for every denial, with its decision id and without a name', async () => {
    await send(reviewOf([idOf(alice)]));
    await send(reviewOf([idOf(alice)]));
    const entries = webhook.lines.map((line) => JSON.parse(line));
    expect(entries).toMatchObject(
      ['42', '43'].map((decisionId) => ({
        level: 'info',
        msg: 'judged',
        decisionId,
        outcome: 'denied',
        code: 'revocation/revoked',
        why: 'laptop lost',
        credentialIds: [idOf(alice)],
      })),
    );
    expect(webhook.lines.join('')).not.toContain('alice');
  });
  it('is one line for a verdict of no opinion, a warning for the rule that failed open, and nothing for a token', async () => {
    const id = `X509SHA256=${'b'.repeat(64)}`;
    await send(reviewOf([id]));
    await send(reviewOf([id]));
    await send(reviewOf(['JTI=1']));
    const entries = webhook.lines.map((line) => JSON.parse(line));
    expect(entries).toMatchObject([
      {
        level: 'warn',
        stage: 'user',
        rule: 1,
        expression: 'user.extra["example.org/missing"][0] == "x"',
        error: 'no such key: example.org/missing',
      },
      { level: 'info', outcome: 'no-opinion', credentialIds: [id] },
    ]);
  });
  it('is counted: outcomes, codes, what was remembered', async () => {
    const counts = (): Promise<readonly number[]> =>
      Promise.all([
        webhook.count('native_reviews_total', { outcome: 'denied' }),
        webhook.count('native_reviews_total', { outcome: 'no-opinion' }),
        webhook.count('native_reviews_total', { outcome: 'not-concerned' }),
        webhook.count('native_denials_total', { code: 'revocation/revoked' }),
        webhook.count('native_verdict_cache_total', { status: 'hit' }),
        webhook.count('native_verdict_cache_total', { status: 'miss' }),
      ]);
    const before = await counts();
    for (const ids of [[idOf(alice)], [idOf(alice)], ['JTI=1'], [`X509SHA256=${'c'.repeat(64)}`]])
      await send(reviewOf(ids));
    const after = await counts();
    expect(after.map((count, index) => count - before[index]!)).toEqual([2, 1, 1, 2, 1, 2]);
  });
});
