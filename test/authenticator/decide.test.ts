import { beforeAll, describe, expect, it } from 'vitest';
import { decide } from '../../src/authenticator/decide.ts';
import type { Decision } from '../../src/authenticator/decision.ts';
import type { Evidence } from '../../src/authenticator/evidence.ts';
import { describeWithNames } from '../../src/authenticator/reason.ts';
import { signJws } from '../../src/x509/jws.ts';
import { authenticatorOf, compileText } from '../authenticators.ts';
import { DAY, type Identity, mintAuthority, mintClient, mintIntermediate, NOW } from '../pki.ts';

let ca: Identity;
let alice: Identity;

beforeAll(async () => {
  ca = await mintAuthority('my-ca');
  alice = await mintClient(ca);
});

function evidenceOf(chain: readonly [Identity, ...Identity[]], rest: Partial<Evidence> = {}): Evidence {
  const [leaf, ...others] = chain.map(({ certificate }) => certificate);
  return { chain: [leaf!, ...others], possession: { kind: 'assumed' }, at: NOW, ...rest };
}

function summary(decision: Decision): string {
  switch (decision.outcome) {
    case 'authenticated':
      return `${decision.user.username} by ${decision.entry.id}`;
    case 'denied':
    case 'no-opinion':
      return `${decision.outcome}: ${decision.reason.code}: ${describeWithNames(decision.reason)}`;
  }
}

/** Decides about alice's certificate under one entry for my-ca. */
function decideAlice(rules: string, evidence: Partial<Evidence> = {}): Decision {
  return decide(authenticatorOf(`- issuer: {name: my-ca}\n${rules}`, ca.pem), evidenceOf([alice], evidence));
}

describe('the stories of the proposal', () => {
  const story1 = `  requestValidationRules:
  - expression: 'request.remoteaddr.startsWith("10.0.0.")'
    message: "Certificate authentication only allowed from internal network"
`;
  const story2 = `  userValidationRules:
  - expression: 'user.username.startsWith("system:")'
    message: "User must be a system user or member of developers group"
`;
  it('1: a certificate is used from the internal network', () => {
    expect(summary(decideAlice(story1, { remoteAddress: '10.0.0.7' }))).toBe('alice by x509[0]/my-ca');
  });
  it('1: and not from elsewhere', () => {
    expect(summary(decideAlice(story1, { remoteAddress: '10.0.1.7' }))).toBe(
      'denied: request/denied: Certificate authentication only allowed from internal network',
    );
  });
  it('1: and not from nobody knows where, as in a TokenReview; the rule is not evaluated', () => {
    const decision = decideAlice(story1);
    expect(decision).toMatchObject({
      outcome: 'denied',
      reason: { code: 'request/remoteaddr-unknown', index: 0 },
    });
    expect(decision.steps).toMatchObject([{ stage: 'request', index: 0, result: 'skipped' }]);
  });
  it('1: compiling warns that a TokenReview cannot supply the address', () => {
    const text = `apiVersion: apiserver.config.k8s.io/v1beta1\nkind: AuthenticationConfiguration\nx509:\n- issuer: {name: my-ca}\n${story1}`;
    const { warnings } = compileText(text, {
      files: { 'ca.pem': ca.pem },
      certificateAuthorityFile: 'ca.pem',
    });
    expect(warnings).toMatchObject([
      {
        id: 'rule/remoteaddr-unknown',
        path: 'x509[0].requestValidationRules[0].expression',
        severity: 'warning',
        line: 6,
      },
    ]);
  });
  it('2: a user attribute is required', async () => {
    const authenticator = authenticatorOf(`- issuer: {name: my-ca}\n${story2}`, ca.pem);
    const system = await mintClient(ca, { subject: [{ CN: 'system:node:a' }] });
    expect(summary(decide(authenticator, evidenceOf([system])))).toBe('system:node:a by x509[0]/my-ca');
    expect(summary(decide(authenticator, evidenceOf([alice])))).toBe(
      'denied: user/denied: User must be a system user or member of developers group',
    );
  });
});

describe('a rule that cannot be evaluated', () => {
  const rules = `  userValidationRules:
  - {expression: 'user.extra["example.org/team"][0] == "blue"', message: blue team only}
`;
  it('lets the request pass under Open, and the step says so', () => {
    const decision = decideAlice(rules);
    expect(summary(decision)).toBe('alice by x509[0]/my-ca');
    expect(decision.steps.at(-1)).toMatchObject({
      stage: 'user',
      index: 0,
      result: 'error',
      error: 'no such key: example.org/team',
      policy: 'Open',
      message: 'blue team only',
    });
  });
  it('denies under Closed', () => {
    expect(summary(decideAlice(`${rules}  evaluationFailurePolicy: Closed\n`))).toBe(
      'denied: user/evaluation-error: blue team only',
    );
  });
  it('lets no request pass that another rule denies', () => {
    expect(summary(decideAlice(`${rules}  - {expression: 'false', message: nobody}\n`))).toBe(
      'denied: user/denied: nobody',
    );
  });
  it('at the cost limit denies under Open too, before anything else', () => {
    const list = `[${Array.from({ length: 200 }, (_, i) => i).join(',')}]`;
    const costly = `  - {expression: '${list}.all(a, ${list}.all(b, ${list}.all(c, a + b + c >= 0)))'}\n`;
    const decision = decideAlice(`  userValidationRules:\n  - {expression: 'false'}\n${costly}`);
    expect(decision).toMatchObject({
      outcome: 'denied',
      reason: { code: 'cel/cost-limit', stage: 'user', index: 1 },
    });
  });
});

describe('every rule of a kind is evaluated', () => {
  it('and the first evaluation error that denies comes before the first false one', () => {
    const decision = decideAlice(`  evaluationFailurePolicy: Closed
  userValidationRules:
  - {expression: 'false', message: first}
  - {expression: 'user.groups[7] == ""', message: second}
  - {expression: 'true', message: third}
`);
    expect(summary(decision)).toBe('denied: user/evaluation-error: second');
    expect(decision.steps.filter(({ stage }) => stage === 'user').map(({ result }) => result)).toEqual([
      false,
      'error',
      true,
    ]);
  });
});

describe('trust is the verified anchor, the name a filter on top', () => {
  const named = '- issuer: {name: my-ca}\n';

  it('a stranger’s CA of the same name has no opinion', async () => {
    const mallory = await mintClient(await mintAuthority('my-ca'));
    expect(summary(decide(authenticatorOf(named, ca.pem), evidenceOf([mallory])))).toMatch(
      /^no-opinion: path\/unknown-authority: x509: certificate signed by unknown authority/,
    );
  });
  it('a stranger’s CA sent along does not become an anchor', async () => {
    const evil = await mintAuthority('my-ca');
    const mallory = await mintClient(evil);
    expect(decide(authenticatorOf(named, ca.pem), evidenceOf([mallory, evil])).outcome).toBe('no-opinion');
  });
  it('another CA of the pool that makes a sub-CA of the name is not matched', async () => {
    const other = await mintAuthority('other-ca');
    const sub = await mintIntermediate(other, 'my-ca');
    const mallory = await mintClient(sub, { subject: [{ CN: 'mallory' }] });
    const decision = decide(authenticatorOf(named, ca.pem + other.pem), evidenceOf([mallory, sub]));
    expect(decision).toMatchObject({
      outcome: 'no-opinion',
      reason: { code: 'path/issuer-not-anchor', issuedBy: 'my-ca' },
    });
  });
  it('an entry with its own anchors takes an intermediate of the name', async () => {
    const root = await mintAuthority('root');
    const sub = await mintIntermediate(root, 'my-ca');
    const bob = await mintClient(sub, { subject: [{ CN: 'bob' }] });
    const entry = `- issuer: {name: my-ca, certificateAuthorityFile: root.pem}\n`;
    const text = `apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\nx509:\n${entry}`;
    const { authenticator } = compileText(text, { files: { 'root.pem': root.pem } });
    expect(summary(decide(authenticator!, evidenceOf([bob, sub])))).toBe('bob by x509[0]/my-ca');
  });
  it('an entry with its own anchors needs no name', async () => {
    const nameless = await mintAuthority('', { subject: [] });
    const bob = await mintClient(nameless, { subject: [{ CN: 'bob' }] });
    const entry = `- issuer:\n    certificateAuthority: |\n${nameless.pem.replaceAll(/^/gm, '      ')}\n`;
    expect(summary(decide(authenticatorOf(entry), evidenceOf([bob])))).toBe('bob by x509[0]/');
  });
  it('the name is the issuing certificate’s, not a string in the leaf', async () => {
    const bob = await mintClient(ca, { subject: [{ CN: 'other-ca' }, { OU: 'CN=other-ca' }] });
    expect(decide(authenticatorOf('- issuer: {name: other-ca}\n', ca.pem), evidenceOf([bob]))).toMatchObject({
      outcome: 'no-opinion',
      reason: { code: 'path/issuer-mismatch', expected: 'other-ca', issuedBy: 'my-ca' },
    });
  });
  it('a leaf that is itself an anchor has no issuer, and no named entry matches it', () => {
    expect(
      decide(authenticatorOf('- issuer: {name: alice}\n', alice.pem), evidenceOf([alice])),
    ).toMatchObject({
      outcome: 'no-opinion',
      reason: { code: 'path/issuer-mismatch', issuedBy: '' },
    });
  });
  it.each([
    ['expired', { notBefore: NOW - 2 * DAY, notAfter: NOW - DAY }, 'path/expired'],
    ['not valid yet', { notBefore: NOW + DAY }, 'path/not-yet-valid'],
    ['for servers only', { extKeyUsages: ['serverAuth'] }, 'path/key-usage'],
  ])('a certificate that is %s has no opinion', async (_, template, code) => {
    expect(
      decide(authenticatorOf(named, ca.pem), evidenceOf([await mintClient(ca, template)])),
    ).toMatchObject({ outcome: 'no-opinion', reason: { code } });
  });
});

describe('the first entry that verifies and matches decides', () => {
  it('and a later one of the same CA cannot let in whom it denies', () => {
    const entries = `- issuer: {name: my-ca}
  userValidationRules:
  - {expression: 'user.username != "alice"', message: not alice}
- issuer:
    certificateAuthority: |
${ca.pem.replaceAll(/^/gm, '      ')}
`;
    expect(summary(decide(authenticatorOf(entries, ca.pem), evidenceOf([alice])))).toBe(
      'denied: user/denied: not alice',
    );
  });
  it('an entry that does not take the chain is passed over, with the reason kept', () => {
    const decision = decide(
      authenticatorOf('- issuer: {name: other-ca}\n- issuer: {name: my-ca}\n', ca.pem),
      evidenceOf([alice]),
    );
    expect(summary(decision)).toBe('alice by x509[1]/my-ca');
    expect(decision.passed).toMatchObject([
      { entry: { id: 'x509[0]/other-ca' }, reason: { code: 'path/issuer-mismatch' } },
    ]);
  });
});

describe('possession', () => {
  const signingInput = Buffer.from('header.payload');
  const decideSigned = (signature: Buffer, algorithm: 'ES256' | 'ES384' = 'ES256'): Decision =>
    decideAlice('', { possession: { kind: 'signed', proof: { algorithm, signingInput, signature } } });

  it('is proved by a signature with the leaf’s key', () => {
    const decision = decideSigned(signJws(alice.key, 'ES256', signingInput));
    expect(summary(decision)).toBe('alice by x509[0]/my-ca');
    expect(decision.steps[0]).toEqual({ stage: 'possession', result: true });
  });
  it.each([
    ['another key', () => signJws(ca.key, 'ES256', signingInput)],
    ['other bytes', () => signJws(alice.key, 'ES256', Buffer.from('other'))],
    ['nothing', () => Buffer.alloc(64)],
    ['an empty signature', () => Buffer.alloc(0)],
  ])('is not proved by a signature of %s', (_, signature) => {
    expect(summary(decideSigned(signature()))).toMatch(/^denied: possession\/bad-signature: /);
  });
  it('is not proved under an algorithm that is not the key’s', () => {
    expect(decideSigned(signJws(alice.key, 'ES256', signingInput), 'ES384').outcome).toBe('denied');
  });
  it('is judged before any rule', () => {
    const possession = {
      kind: 'signed',
      proof: { algorithm: 'ES256', signingInput, signature: Buffer.alloc(64) },
    } as const;
    const decision = decideAlice("  userValidationRules:\n  - {expression: 'false'}\n", { possession });
    expect(decision.steps).toEqual([{ stage: 'possession', result: false }]);
  });
});

describe('Kubernetes’ own mapping', () => {
  it.each([
    ['no common name', [{ O: 'dev' }], 'no-opinion: mapping/no-common-name'],
    [
      'two UIDs',
      [{ CN: 'a' }, { '1.3.6.1.4.1.57683.2': 'x' }, { '1.3.6.1.4.1.57683.2': 'y' }],
      'denied: mapping/invalid-uid: expected 1 UID, but found multiple: [x y]',
    ],
    [
      'an empty UID',
      [{ CN: 'a' }, { '1.3.6.1.4.1.57683.2': '' }],
      'denied: mapping/invalid-uid: UID cannot be an empty string',
    ],
  ])('of a certificate with %s', async (_, subject, expected) => {
    const leaf = await mintClient(ca, { subject });
    expect(
      summary(decide(authenticatorOf('- issuer: {name: my-ca}\n', ca.pem), evidenceOf([leaf]))),
    ).toContain(expected);
  });
  it('gives the last common name, all organizations, the UID and the credential id', async () => {
    const leaf = await mintClient(ca, {
      subject: [
        { CN: 'first' },
        { O: 'a' },
        { O: 'b' },
        { O: 'a' },
        { CN: 'x\nO=system:masters' },
        { '1.3.6.1.4.1.57683.2': 'u-1' },
      ],
    });
    const decision = decide(authenticatorOf('- issuer: {name: my-ca}\n', ca.pem), evidenceOf([leaf]));
    expect(decision).toMatchObject({
      outcome: 'authenticated',
      user: { username: 'x\nO=system:masters', uid: 'u-1', groups: ['a', 'b', 'a'] },
    });
    if (decision.outcome !== 'authenticated') return;
    expect([...decision.user.extra]).toEqual([
      ['authentication.kubernetes.io/credential-id', [`X509SHA256=${leaf.certificate.fingerprint}`]],
    ]);
  });
});

describe('a configuration without entries', () => {
  it('has no opinion on anybody', () => {
    const { authenticator } = compileText(
      'apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\n',
    );
    expect(summary(decide(authenticator!, evidenceOf([alice])))).toBe(
      'no-opinion: path/no-entry: no x509 entry is configured',
    );
  });
});
