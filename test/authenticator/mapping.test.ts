import { describe, expect, it } from 'vitest';
import type { Authenticator } from '../../src/authenticator/authenticator.ts';
import { decide } from '../../src/authenticator/decide.ts';
import type { Decision } from '../../src/authenticator/decision.ts';
import { describe as describeReason } from '../../src/authenticator/reason.ts';
import { authenticatorOf, compileText } from '../authenticators.ts';
import { type Identity, mintAuthority, mintClient, NOW } from '../pki.ts';

const ca = await mintAuthority('my-ca');
const alice = await mintClient(ca, {
  subject: [{ CN: 'alice' }, { O: 'dev' }, { O: 'system:masters' }, { OU: 'blue' }],
  uriSANs: ['urn:example:user:alice'],
  emailSANs: ['alice@example.org'],
  serialNumber: 0xa11cen,
});

function judge(authenticator: Authenticator, { certificate }: Identity): Decision {
  return decide(authenticator, { chain: [certificate], possession: { kind: 'assumed' }, at: NOW });
}

/** Decides about a certificate under one entry for my-ca. */
function decideUnder(fields: string, leaf: Identity = alice): Decision {
  return judge(authenticatorOf(`- issuer: {name: my-ca}\n${fields}`, ca.pem), leaf);
}

function summary(decision: Decision): string {
  switch (decision.outcome) {
    case 'authenticated':
      return decision.user.username;
    case 'denied':
    case 'no-opinion':
      return `${decision.outcome}: ${decision.reason.code}: ${describeReason(decision.reason)}`;
  }
}

/** 200³ steps, which no evaluation may take. */
const LIST = `[${Array.from({ length: 200 }, (_, index) => index).join(',')}]`;
const COSTLY = `${LIST}.all(a, ${LIST}.all(b, ${LIST}.all(c, a + b + c >= 0)))`;

describe('claim mappings', () => {
  it('make the user by their expressions, and add the credential id', () => {
    const decision = decideUnder(`  claimMappings:
    username: {expression: 'cert.emailSANs[0]'}
    groups: {expression: 'cert.subject.organizationalUnit.map(ou, "team:" + ou)'}
    uid: {expression: 'cert.serialNumber'}
    extra:
    - {key: example.org/uris, valueExpression: cert.uriSANs}
    - {key: example.org/none, valueExpression: cert.dnsSANs}
`);
    expect(decision).toMatchObject({
      outcome: 'authenticated',
      user: {
        username: 'alice@example.org',
        uid: 'a11ce',
        groups: ['team:blue'],
        extra: new Map([
          ['example.org/uris', ['urn:example:user:alice']],
          ['authentication.kubernetes.io/credential-id', [`X509SHA256=${alice.certificate.fingerprint}`]],
        ]),
      },
    });
    expect(decision.steps.map(({ stage, expression, result }) => [stage, expression, result])).toEqual([
      ['mapping', 'cert.emailSANs[0]', true],
      ['mapping', 'cert.subject.organizationalUnit.map(ou, "team:" + ou)', true],
      ['mapping', 'cert.serialNumber', true],
      ['mapping', 'cert.uriSANs', true],
      ['mapping', 'cert.dnsSANs', true],
      ['mapping', undefined, true],
    ]);
  });

  it('give no groups and no uid where only the username is mapped', () => {
    const decision = decideUnder('  claimMappings: {username: {expression: cert.subject.commonName}}\n');
    expect(decision).toMatchObject({ user: { username: 'alice', uid: '', groups: [] } });
  });

  it.each([
    ['cert.dnsSANs[0]', 'mapping/evaluation-error: the expression of username could not be evaluated'],
    [
      'cert.issuer.organization.join("")',
      'mapping/username-empty: the username expression returned an empty string',
    ],
    ['dyn(cert.uriSANs)', 'mapping/username-type: the username expression must return a string'],
    ['dyn(null)', 'mapping/username-type: the username expression must return a string'],
    [`${COSTLY} ? "a" : "b"`, 'cel/cost-limit: the expression of username exceeded the cost limit'],
    [
      '"system:admin"',
      'mapping/system-username: the username begins with system:, which allowSystemIdentities does not allow',
    ],
  ])('deny where the username is %s', (expression, expected) => {
    const decision = decideUnder(`  claimMappings: {username: {expression: '${expression}'}}\n`);
    expect(summary(decision)).toBe(`denied: ${expected}`);
  });

  it.each([
    ['groups: {expression: cert.subject.organization}', 'mapping/system-group'],
    ['groups: {expression: "dyn([1])"}', 'mapping/groups-type'],
    ['groups: {expression: "cert.dnsSANs[3]"}', 'mapping/evaluation-error'],
    ['uid: {expression: "dyn(null)"}', 'mapping/uid-type'],
    ['uid: {expression: "dyn(1)"}', 'mapping/uid-type'],
    ['extra: [{key: example.org/a, valueExpression: "dyn(1)"}]', 'mapping/extra-type'],
    ['extra: [{key: example.org/a, valueExpression: "cert.dnsSANs[0]"}]', 'mapping/evaluation-error'],
  ])('deny under evaluationFailurePolicy Open too, with %s', (field, code) => {
    const fields = `  claimMappings:
    username: {expression: cert.subject.commonName}
    ${field}
  evaluationFailurePolicy: Open
`;
    expect(decideUnder(fields)).toMatchObject({ outcome: 'denied', reason: { code } });
  });

  it('evaluate every expression; the cost limit is named before an error', () => {
    const decision = decideUnder(`  claimMappings:
    username: {expression: 'cert.dnsSANs[0]'}
    groups: {expression: '${COSTLY} ? "a" : "b"'}
    uid: {expression: '"u"'}
`);
    expect(decision).toMatchObject({ reason: { code: 'cel/cost-limit', stage: 'mapping', field: 'groups' } });
    expect(decision.steps.map(({ result }) => result)).toEqual(['error', 'error', true]);
  });

  it('may give system identities where the entry allows them', () => {
    const decision = decideUnder(`  claimMappings:
    username: {expression: '"system:" + cert.subject.commonName'}
    groups: {expression: cert.subject.organization}
  allowSystemIdentities: true
`);
    expect(decision).toMatchObject({
      outcome: 'authenticated',
      user: { username: 'system:alice', groups: ['dev', 'system:masters'] },
    });
  });

  it('take any text for what it is: no name in it becomes a group', async () => {
    const leaf = await mintClient(ca, { subject: [{ CN: 'x\nO=system:masters' }] });
    const decision = decideUnder(
      '  claimMappings: {username: {expression: cert.subject.commonName}, groups: {expression: cert.subject.organization}}\n',
      leaf,
    );
    expect(decision).toMatchObject({ user: { username: 'x\nO=system:masters', groups: [] } });
  });

  it('leave user rules the user that they made', () => {
    const decision = decideUnder(`  claimMappings: {username: {expression: "cert.emailSANs[0]"}}
  userValidationRules:
  - {expression: 'user.username.endsWith("@example.com")', message: our own people}
`);
    expect(summary(decision)).toBe('denied: user/denied: our own people');
  });
});

describe('certificate rules', () => {
  const short = `  certificateValidationRules:
  - {expression: 'cert.notAfter - cert.notBefore <= duration("24h")', message: only short-lived certificates}
`;

  it('judge the certificate that Kubernetes’ own mapping made a user of', async () => {
    const lasting = await mintClient(ca, { notBefore: NOW, notAfter: NOW + 24 * 3600_000 });
    expect(summary(decideUnder(short, lasting))).toBe('alice');
    expect(summary(decideUnder(short))).toBe('denied: certificate/denied: only short-lived certificates');
  });

  it('deny where they cannot be evaluated, even under Open', () => {
    const decision = decideUnder(`  certificateValidationRules:
  - {expression: 'cert.dnsSANs[0] == "alice.example"', message: named hosts only}
  - {expression: 'false', message: nobody}
  evaluationFailurePolicy: Open
`);
    expect(summary(decision)).toBe('denied: certificate/evaluation-error: named hosts only');
    expect(decision.steps.slice(1)).toMatchObject([
      { stage: 'certificate', index: 0, result: 'error', policy: 'Closed' },
      { stage: 'certificate', index: 1, result: false },
    ]);
  });

  it('are judged after the mapping and before the user rules', async () => {
    const rules = `${short}  userValidationRules:\n  - {expression: 'false', message: nobody}\n`;
    const nameless = await mintClient(ca, { subject: [] });
    expect(decideUnder(rules, nameless)).toMatchObject({ reason: { code: 'mapping/no-common-name' } });
    expect(decideUnder(rules)).toMatchObject({ reason: { code: 'certificate/denied' } });
  });

  it('exceed the cost limit like others', () => {
    const decision = decideUnder(`  certificateValidationRules:\n  - {expression: '${COSTLY}'}\n`);
    expect(summary(decision)).toBe('denied: cel/cost-limit: certificate rule 0 exceeded the cost limit');
  });
});

describe('fields without effect', () => {
  const head = 'apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\nx509:\n';

  it.each([
    [
      'allowSystemIdentities without claim mappings',
      '- issuer: {certificateAuthorityFile: ca.pem}\n  allowSystemIdentities: true\n',
      'x509[0].allowSystemIdentities: has no effect: it limits claimMappings, and the entry has none',
    ],
    [
      'a trust domain with the profile PodIdentity',
      '- issuer: {certificateAuthorityFile: ca.pem}\n  workload: {profile: PodIdentity, trustDomain: a.example}\n',
      'x509[0].workload.trustDomain: has no effect: a certificate with a PodIdentity extension has no SPIFFE ID',
    ],
  ])('are warned of: %s', (_, entry, message) => {
    const { warnings, errors } = compileText(head + entry, { files: { 'ca.pem': ca.pem } });
    expect(errors).toEqual([]);
    expect(warnings).toMatchObject([{ id: 'entry/idle-field', severity: 'warning', message }]);
  });
});
