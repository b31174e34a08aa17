import { beforeAll, describe, expect, it } from 'vitest';
import type { Authenticator, Entry } from '../../src/authenticator/authenticator.ts';
import type { Decision } from '../../src/authenticator/decision.ts';
import { createNativeJudge } from '../../src/authenticator/native-judge.ts';
import { describe as describeReason, REASONS } from '../../src/authenticator/reason.ts';
import { mappingRefusalCodes } from '../../src/identity/mapping-refusal.ts';
import type { CallerCheck } from '../../src/server/caller.ts';
import type { AuditEvent, LogOptions } from '../../src/server/log.ts';
import { toDecisionLine } from '../../src/server/decision-line.ts';
import { buildCertificateRevocationList } from '../../src/x509/build.ts';
import { toPem } from '../../src/x509/pem.ts';
import { authenticatorOf, compileText, type Files } from '../authenticators.ts';
import { policyOf, revocationListOf } from '../native-policies.ts';
import {
  DAY,
  type Identity,
  mintAuthority,
  mintClient,
  mintIntermediate,
  NOW,
  type Template,
} from '../pki.ts';
import { element, sequence } from '../x509/der-writer.ts';
import { tokenOf as chainTokenOf } from './reviewer.ts';
import { reviewOf, startWebhook, tokenOf, type Webhook, type WebhookParts } from './webhook.ts';

/** Everything in a certificate or a review by which its holder could be known. */
const IDENTITY = /zuzanna|geheim/i;

const UID = '1.3.6.1.4.1.57683.2';
const NAMES: Template = {
  subject: [{ CN: 'zuzanna' }, { O: 'geheimdienst' }],
  dnsSANs: ['zuzanna.example'],
  emailSANs: ['zuzanna@geheim.example'],
  uriSANs: ['spiffe://cluster.local/ns/zuzanna-ns/sa/geheim-sa'],
};

let ca: Identity;
let zuzanna: Identity;

/** The codes of all refusals that were looked at. */
const seen = new Set<string>();

beforeAll(async () => {
  ca = await mintAuthority('my-ca');
  zuzanna = await mintClient(ca, NAMES);
});

type Happening = (webhook: Webhook) => Promise<string>;

/** All that is told when something happens to a webhook: in the log, in the audit trail, and to who asked. */
async function tellOf(
  parts: Partial<WebhookParts>,
  happen: Happening,
  options: LogOptions = {},
): Promise<readonly string[]> {
  const trail: string[] = [];
  const audit = {
    write: (event: AuditEvent, fields: object) => void trail.push(JSON.stringify({ event, ...fields })),
  };
  const authenticator = entryOf('');
  const webhook = await startWebhook({
    authenticator: () => authenticator,
    ...parts,
    logging: { audit, ...options },
  });
  try {
    const answer = await happen(webhook);
    expect(trail).not.toEqual([]);
    return [...webhook.lines, ...trail, answer];
  } finally {
    await webhook.close();
  }
}

/** Looks for a code and for names in what is told. */
async function search(
  code: string,
  parts: Partial<WebhookParts>,
  happen: Happening,
): Promise<{ readonly hasCode: boolean; readonly named: readonly string[] }> {
  const told = await tellOf(parts, happen);
  seen.add(code);
  return {
    hasCode: told.some((line) => line.includes(`"code":"${code}"`)),
    named: told.filter((line) => IDENTITY.test(line)),
  };
}

const NOBODY = { hasCode: true, named: [] };

const entryOf = (rules: string) => authenticatorOf(`- issuer: {name: my-ca}\n${rules}`, ca.pem);

/** An authenticator of an entry with anchors of its own, and files. */
function authenticatorWith(rules: string, files: Files): Authenticator {
  const text = `apiVersion: apiserver.config.k8s.io/v1beta1
kind: AuthenticationConfiguration
x509:
- issuer: {name: my-ca, certificateAuthorityFile: ca.pem}
${rules}`;
  const { authenticator } = compileText(text, { files: { 'ca.pem': ca.pem, ...files } });
  return authenticator!;
}

const present =
  (token: string): Happening =>
  async (webhook) =>
    (await webhook.send(reviewOf(token))).text;

type Chain = readonly [Identity, ...Identity[]];

const own = async (): Promise<Chain> => [zuzanna];
const client = async (template: Template): Promise<Chain> => [
  await mintClient(ca, { ...NAMES, ...template }),
];
const under = async (issuer: Identity, ...others: Identity[]): Promise<Chain> => [
  await mintClient(issuer, NAMES),
  issuer,
  ...others,
];

const LIST = `[${Array.from({ length: 150 }, (_, index) => index)}]`;
const COSTLY = `${LIST}.all(a, ${LIST}.all(b, ${LIST}.all(c, a + b + c >= 0)))`;
const NAME = 'cert.subject.commonName';
const CLOSED = '  evaluationFailurePolicy: Closed\n';

/** NameConstraints (RFC 5280 §4.2.1.10) that permit one DNS domain. */
const ELSEWHERE = {
  id: '2.5.29.30',
  critical: true,
  value: sequence(element(0xa0, sequence(element(0x82, Buffer.from('elsewhere.example'))))),
};

/** PolicyConstraints (RFC 5280 §4.2.1.11) that ask for a policy. */
const NEEDS_POLICY = {
  id: '2.5.29.36',
  critical: true,
  value: sequence(element(0x80, Buffer.of(0))),
};

const UNKNOWN = { id: '1.2.3', critical: true, value: Buffer.of(5, 0) };

const rule = (kind: string, expression: string): string =>
  `  ${kind}ValidationRules: [{expression: '${expression}'}]\n`;
const mapping = (username: string, rest = ''): string =>
  `  claimMappings: {username: {expression: '${username}'}${rest}}\n`;

const DECISIONS: readonly (readonly [code: string, rules: string, chain: () => Promise<Chain>])[] = [
  ['request/remoteaddr-unknown', rule('request', 'request.remoteaddr == "x"'), own],
  ['request/denied', rule('request', 'false'), own],
  ['request/evaluation-error', rule('request', '[true][1]') + CLOSED, own],
  ['certificate/denied', rule('certificate', 'cert.dnsSANs.size() == 9'), own],
  ['certificate/evaluation-error', rule('certificate', `{"a": true}[${NAME}]`), own],
  ['user/denied', rule('user', 'user.groups == []'), own],
  ['user/evaluation-error', rule('user', '{"a": true}[user.username]') + CLOSED, own],
  ['cel/cost-limit', rule('user', COSTLY), own],
  ['mapping/evaluation-error', mapping(`{"a": "b"}[${NAME}]`), own],
  ['mapping/username-empty', mapping('""'), own],
  ['mapping/system-username', mapping(`"system:" + ${NAME}`), own],
  ['mapping/system-group', mapping('"x"', `, groups: {expression: '"system:" + ${NAME}'}`), own],
  [
    'mapping/invalid-uid',
    '',
    () => client({ subject: [{ CN: 'zuzanna' }, { [UID]: 'zuzanna-1' }, { [UID]: 'geheim-2' }] }),
  ],
  ['mapping/no-common-name', '', () => client({ subject: [{ O: 'geheimdienst' }] })],
  [
    'path/expired',
    '',
    async () => under(await mintIntermediate(ca, 'sub', { notBefore: NOW - DAY, notAfter: NOW - 1000 })),
  ],
  ['path/not-yet-valid', '', () => client({ notBefore: NOW + DAY })],
  ['path/key-usage', '', () => client({ extKeyUsages: ['serverAuth'] })],
  ['path/unhandled-critical-extension', '', () => client({ extensions: [UNKNOWN] })],
  ['path/policy', '', () => client({ extensions: [NEEDS_POLICY] })],
  ['path/unknown-authority', '', async () => [await mintClient(await mintAuthority('my-ca'), NAMES)]],
  ['path/unknown-authority', '', () => under(zuzanna)],
  [
    'path/too-long',
    '',
    async () => {
      const last = await mintIntermediate(ca, 'last', { pathLength: 0 });
      return under(await mintIntermediate(last, 'too many'), last);
    },
  ],
  [
    'path/name-not-permitted',
    '',
    async () => under(await mintIntermediate(ca, 'sub', { extensions: [ELSEWHERE] })),
  ],
  ['path/issuer-not-anchor', '', async () => under(await mintIntermediate(ca, 'my-ca'))],
];

const TOKENS: readonly (readonly [code: string, token: () => string])[] = [
  ['token/malformed', () => 'kube-x509-v1.zuzanna.geheim.x'],
  ['token/header', () => withPart(0, { typ: 'zuzanna' })],
  ['token/chain', () => withPart(0, { typ: 'kube-x509+jwt', alg: 'ES256', x5c: ['zuzannaz'] })],
  ['token/algorithm', () => withPart(0, { alg: 'ES384' })],
  ['token/claims', () => withPart(1, { aud: ['zuzanna'] })],
  ['token/lifetime', () => tokenOf(zuzanna, { exp: NOW / 1000 + 9999 })],
  ['token/expired', () => tokenOf(zuzanna, { iat: NOW / 1000 - 60, exp: NOW / 1000 - 1 })],
  ['token/issued-in-the-future', () => tokenOf(zuzanna, { iat: NOW / 1000 + 99, exp: NOW / 1000 + 199 })],
  [
    'possession/bad-signature',
    () => {
      const [prefix, header, payload] = tokenOf(zuzanna).split('.');
      return [prefix, header, payload, tokenOf(zuzanna).split('.')[3]].join('.');
    },
  ],
];

/** A token of Zuzanna's with other members in its header (0) or payload (1). */
function withPart(index: 0 | 1, members: object): string {
  const [prefix = '', ...parts] = tokenOf(zuzanna).split('.');
  const part = JSON.parse(Buffer.from(parts[index]!, 'base64url').toString());
  parts[index] = Buffer.from(JSON.stringify({ ...part, ...members })).toString('base64url');
  return [prefix, ...parts].join('.');
}

/** A SubjectAccessReview of Zuzanna's. */
const accessReviewOf = (credentialIds: readonly string[], user = 'zuzanna'): string =>
  JSON.stringify({
    kind: 'SubjectAccessReview',
    apiVersion: 'authorization.k8s.io/v1',
    spec: {
      user,
      groups: ['geheimdienst'],
      extra: { 'authentication.kubernetes.io/credential-id': credentialIds },
    },
  });

const FINGERPRINT = 'ab'.repeat(32);
const REVOKED = { 'revoked.yaml': revocationListOf(`fingerprints: [{sha256: "${FINGERPRINT}"}]\n`) };
const FAILING = `userValidationRules: [{expression: '{"a": true}[user.username]'}]\n`;

const JUDGEMENTS: readonly (readonly [code: string, policy: string, ids: readonly string[]])[] = [
  ['certificate/unreadable-id', '', ['X509SHA256=zuzanna']],
  [
    'certificate/unknown',
    'certificates: [other.pem]\nunknownCertificates: Deny\n',
    [`X509SHA256=${FINGERPRINT}`],
  ],
  ['revocation/revoked', 'revocation: {files: [revoked.yaml]}\n', [`X509SHA256=${FINGERPRINT}`]],
  ['user/denied', "userValidationRules: [{expression: 'false'}]\n", [`X509SHA256=${FINGERPRINT}`]],
  ['user/evaluation-error', `${FAILING}evaluationFailurePolicy: Closed\n`, [`X509SHA256=${FINGERPRINT}`]],
];

describe('without --log-identities nobody is named, in log, audit trail or answer, by', () => {
  it.each(DECISIONS)('%s', async (code, rules, mint) => {
    const chain = await mint();
    const authenticator = entryOf(rules);
    expect(await search(code, { authenticator: () => authenticator }, present(chainTokenOf(chain)))).toEqual(
      NOBODY,
    );
  });

  it.each(TOKENS)('%s', async (code, token) => {
    expect(await search(code, {}, present(token()))).toEqual(NOBODY);
  });

  it.each([
    ['path/no-entry', () => ({ ...entryOf(''), entries: [] as readonly Entry[] })],
    ['path/issuer-mismatch', () => authenticatorOf('- issuer: {name: other-ca}\n', ca.pem)],
  ])('%s', async (code, make) => {
    const authenticator = make();
    expect(await search(code, { authenticator: () => authenticator }, present(tokenOf(zuzanna)))).toEqual(
      NOBODY,
    );
  });

  it('path/signature-limit', async () => {
    const namesakes = await Promise.all(Array.from({ length: 20 }, () => mintAuthority('my-ca')));
    const stranger = await mintClient(await mintAuthority('my-ca'), NAMES);
    const anchors = namesakes.map(({ pem }) => pem).join('');
    const authenticator = authenticatorOf('- issuer: {name: my-ca}\n', anchors);
    const token = tokenOf(stranger);
    expect(
      await search('path/signature-limit', { authenticator: () => authenticator }, present(token)),
    ).toEqual(NOBODY);
  });

  it.each(['revocation/revoked', 'revocation/stale'])('%s', async (code) => {
    const list = revocationListOf(`fingerprints: [{sha256: "${zuzanna.certificate.fingerprint}"}]\n`);
    const crl = await buildCertificateRevocationList({
      issuer: { certificate: ca.der, key: ca.key },
      thisUpdate: NOW - 2 * DAY,
      nextUpdate: NOW - DAY,
      entries: [],
    });
    const file = code === 'revocation/revoked' ? list : toPem(crl, 'X509 CRL');
    const authenticator = authenticatorWith('  revocation: {files: [file]}\n', { file });
    expect(await search(code, { authenticator: () => authenticator }, present(tokenOf(zuzanna)))).toEqual(
      NOBODY,
    );
  });

  it.each(JUDGEMENTS)('/authorize: %s', async (code, policy, ids) => {
    const judge = createNativeJudge(policyOf(policy, { ...REVOKED, 'other.pem': ca.pem }));
    expect(
      await search(
        code,
        { judge: () => judge },
        async (webhook) => (await webhook.send(accessReviewOf(ids), { path: '/authorize' })).text,
      ),
    ).toEqual(NOBODY);
  });

  it('/authorize: request/too-large', async () => {
    const judge = createNativeJudge(policyOf(''));
    const body = `{"kind":"SubjectAccessReview","apiVersion":"authorization.k8s.io/v1","zuzanna":"${'x'.repeat(5_000_000)}"}`;
    expect(
      await search(
        'request/too-large',
        { judge: () => judge },
        async (webhook) => (await webhook.send(body, { path: '/authorize' })).text,
      ),
    ).toEqual(NOBODY);
  });

  it('caller/subject-not-allowed', async () => {
    const callers: CallerCheck = () => ({
      kind: 'refused',
      code: 'caller/subject-not-allowed',
      why: 'nobody we know',
      names: ['zuzanna'],
    });
    expect(await search('caller/subject-not-allowed', { callers }, present(tokenOf(zuzanna)))).toEqual(
      NOBODY,
    );
  });

  it('a fault of ours', async () => {
    const broken = entryOf('');
    let isBroken = false;
    const authenticator = (): Authenticator => {
      if (isBroken) throw new Error('broken on purpose');
      return broken;
    };
    const told = await tellOf({ authenticator }, (webhook) => {
      isBroken = true;
      return present(tokenOf(zuzanna))(webhook);
    });
    expect(told.join('\n')).toContain('internal/error');
    expect(told.filter((line) => IDENTITY.test(line))).toEqual([]);
    seen.add('internal/error');
  });

  it.each(mappingRefusalCodes)('%s, whatever is quoted', (code) => {
    const isNameless = ['mapping/leaf-extended-key-usage', 'mapping/spiffe-trust-domain'].includes(code);
    const reason = { code, value: isNameless ? 'cluster.local' : 'zuzanna' };
    const decision = {
      outcome: 'denied',
      reason,
      steps: [{ stage: 'mapping', result: false, error: 'zuzanna' }],
      passed: [],
    } as unknown as Decision;
    const event = { decision, chain: [zuzanna.certificate], tokenId: 'x', durationMs: 1 } as const;
    expect(JSON.stringify(toDecisionLine('id', event, 'left-out'))).not.toMatch(IDENTITY);
    expect(describeReason(reason)).not.toMatch(IDENTITY);
    seen.add(code);
  });

  it('a rule that cannot be evaluated and lets pass', async () => {
    const expressions = [
      '{"zuzann": true}[user.username]',
      'timestamp(user.username) > timestamp("2026-01-01T00:00:00Z")',
      'timestamp("2026-01-01T00:00:00Z").getHours(user.username) == 0',
      'int(user.username) > 0',
      'duration(user.username) > duration("1h")',
      'ip(user.username).family() == 4',
      'cidr(user.username).containsIP("10.0.0.1")',
      'url(user.username + ":%").getHost() == ""',
      'quantity(user.username).isInteger()',
      'semver(user.username).major() == 1',
      '"x".matches(user.username + "(")',
      'user.extra[user.username][0] == ""',
      '(user.username + "%q").format([1]) == ""',
      'user.groups[user.groups.size()] == ""',
      'user.username.substring(100) == ""',
      '[user.username].map(x, int(x)).size() == 1',
    ];
    const authenticator = entryOf(
      `  userValidationRules:\n${expressions.map((expression) => `  - {expression: '${expression}'}\n`).join('')}`,
    );
    const told = await tellOf({ authenticator: () => authenticator }, present(tokenOf(zuzanna)));
    const answer = told.at(-1);
    expect(answer).toContain('"username":"zuzanna"');
    const failed = told.filter((line) => line.includes('"event":"rule-failed-open"'));
    expect(failed.length).toBeGreaterThan(expressions.length - 3);
    expect(told.slice(0, -1).filter((line) => IDENTITY.test(line))).toEqual([]);
  });

  it('any code that there is', () => {
    const elsewhere = (code: string): boolean =>
      // Sessions and fronts say nothing of certificates; the others cannot be brought about.
      /^session\/|^possession\/(?:no-certificate|bad-chain|bad-header)$/.test(code) ||
      ['token/foreign', 'path/not-an-authority', 'internal/fault'].includes(code);
    const codes = Object.keys(REASONS).filter((code) => !elsewhere(code));
    expect(codes.filter((code) => !seen.has(code))).toEqual([]);
  });
});

describe('with --log-identities', () => {
  it.each([
    ['a login', '', own],
    ['a denial', rule('user', 'false'), own],
    ['names that are not permitted', '', DECISIONS.find(([code]) => code === 'path/name-not-permitted')![2]],
  ] as const)(
    '%s names its holder in the log and the trail, and not in the error',
    async (_, rules, mint) => {
      const chain = await mint();
      const authenticator = entryOf(rules);
      const told = await tellOf({ authenticator: () => authenticator }, present(chainTokenOf(chain)), {
        identities: 'shown',
      });
      const [line, event, answer = ''] = told;
      expect(line).toMatch(IDENTITY);
      expect(event).toMatch(IDENTITY);
      expect(JSON.parse(answer).status.error ?? '').not.toMatch(IDENTITY);
    },
  );

  it('a caller who is not let in is named, too', async () => {
    const refusal = { kind: 'refused', code: 'caller/name-not-allowed', why: 'nobody we know' } as const;
    const callers: CallerCheck = () => ({ ...refusal, names: ['zuzanna'] });
    const [line, event, answer] = await tellOf({ callers }, present(tokenOf(zuzanna)), {
      identities: 'shown',
    });
    expect([line, event]).toEqual([expect.stringMatching(IDENTITY), expect.stringMatching(IDENTITY)]);
    expect(answer).not.toMatch(IDENTITY);
  });
});
