import { beforeAll, describe, expect, it } from 'vitest';
import { type CompiledPolicy, toCompiledPolicy } from '../../src/authenticator/compiled-policy.ts';
import { diffPolicies } from '../../src/authenticator/policy-diff.ts';
import { loadConfig } from '../../src/config/decode.ts';
import { compileText } from '../authenticators.ts';
import { DAY, type Identity, mintAuthority, NOW } from '../pki.ts';

let ca: Identity;
let other: Identity;

beforeAll(async () => {
  ca = await mintAuthority('my-ca');
  other = await mintAuthority('other-ca', { notAfter: NOW + 300 * DAY });
});

function policyOf(entries: string, anchors = ca.pem + other.pem): CompiledPolicy {
  const text = `apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\nx509:\n${entries}`;
  const files = {
    'ca.pem': anchors,
    'own.pem': other.pem,
    'list.yaml': 'apiVersion: kube-x509-authn.dev/v1alpha1\nkind: RevocationList\n',
    'list2.yaml': 'apiVersion: kube-x509-authn.dev/v1alpha1\nkind: RevocationList\n',
  };
  const loaded = loadConfig(text);
  if (loaded.kind === 'invalid') throw new Error(loaded.error);
  const { authenticator, errors } = compileText(text, { files, certificateAuthorityFile: 'ca.pem' });
  if (authenticator === undefined) throw new Error(errors.map(({ message }) => message).join('\n'));
  return toCompiledPolicy(authenticator, loaded.config, Buffer.from(text));
}

const A = `- issuer: {name: a}\n  userValidationRules:\n  - {expression: 'user.uid == ""', message: no uid}\n`;
const B = '- issuer: {name: b}\n';

describe('what changed in meaning', () => {
  it.each<[string, string, string]>([
    ['the same', A + B, A + B],
    ['comments and quotes', A, `# a\n${A.replace('\'user.uid == ""\'', '"user.uid == \'\'"')}`],
    ['a rule written otherwise', A, A.replace('user.uid == ""', '!(user.uid != "")')],
    [
      'names of variables',
      A.replace('user.uid == ""', 'user.groups.all(g, g != "a")'),
      A.replace('user.uid == ""', '!user.groups.exists(x, x == "a")'),
    ],
    ['a default that is written', A, `${A}  evaluationFailurePolicy: Open\n`],
  ])('is nothing for %s', (_, before, after) =>
    expect(diffPolicies(policyOf(before), policyOf(after))).toEqual([]),
  );

  it.each<[string, string, string, readonly string[]]>([
    ['an entry more', A, A + B, ['x509[1]/b was added']],
    ['an entry fewer', A + B, B, ['x509[0]/a was removed']],
    ['another order', A + B, B + A, ['the order of entries is now x509[0]/b, x509[1]/a']],
    [
      'a rule more',
      A,
      `${A}  - {expression: 'user.username != "x"'}\n`,
      ['x509[0]/a: the user rule user.username != "x" was added'],
    ],
    ['a rule fewer', A, '- issuer: {name: a}\n', ['x509[0]/a: the user rule user.uid == "" was removed']],
    [
      'a rule that is another',
      A,
      A.replace('user.uid == ""', 'user.uid != ""'),
      [
        'x509[0]/a: the user rule user.uid == "" was removed',
        'x509[0]/a: the user rule user.uid != "" was added',
      ],
    ],
    [
      'a message',
      A,
      A.replace('no uid', 'no UID'),
      ['x509[0]/a: the user rule user.uid == "" now says "no UID"'],
    ],
    [
      'the policy',
      A,
      `${A}  evaluationFailurePolicy: Closed\n`,
      ['x509[0]/a: evaluationFailurePolicy was "Open" and is "Closed"'],
    ],
    [
      'revocation',
      A,
      `${A}  revocation: {files: [list.yaml]}\n`,
      ['x509[0]/a: revocation was not set and is {"files":[{"file":"list.yaml"}],"onStale":"Deny"}'],
    ],
    [
      'one list fewer',
      `${B}  revocation: {files: [list.yaml, list2.yaml]}\n`,
      `${B}  revocation: {files: [list.yaml]}\n`,
      [
        'x509[0]/b: revocation was {"files":[{"file":"list.yaml"},{"file":"list2.yaml"}],"onStale":"Deny"} and is {"files":[{"file":"list.yaml"}],"onStale":"Deny"}',
      ],
    ],
    [
      'sessions that nothing ends',
      B,
      `${B}  session: {native: true}\n`,
      ['x509[0]/b: sessions was not set and is "native"'],
    ],
    [
      'a mapping',
      B,
      `${B}  claimMappings: {username: {expression: cert.serialNumber}}\n`,
      [
        'x509[0]/b: the mapping was {"kind":"kubernetes"} and is {"expressions":{"username":"cert.serialNumber"},"kind":"claims","systemIdentities":"refused"}',
      ],
    ],
  ])('is told of %s', (_, before, after, changes) =>
    expect(diffPolicies(policyOf(before), policyOf(after))).toEqual(changes),
  );

  it('is told of anchors, by their keys', () => {
    const changes = diffPolicies(policyOf(B, ca.pem + other.pem), policyOf(B, ca.pem));
    expect(changes).toEqual([
      expect.stringMatching(
        /^x509\[0\]\/b: the anchor "other-ca" \(key SHA-256 [0-9a-f]{16}…\) was removed$/,
      ),
    ]);
    const own = diffPolicies(
      policyOf(B),
      policyOf('- issuer: {name: b, certificateAuthorityFile: own.pem}\n'),
    );
    expect(own).toEqual([
      expect.stringContaining('"my-ca"'),
      'x509[0]/b: whose the anchors are was "server" and is "entry"',
    ]);
  });

  it('does not take one kind of rule for another', () => {
    const rule = (kind: string): string =>
      `- issuer: {name: a}\n  ${kind}ValidationRules: [{expression: 'true'}]\n`;
    expect(diffPolicies(policyOf(rule('user')), policyOf(rule('request')))).toHaveLength(2);
  });
});
