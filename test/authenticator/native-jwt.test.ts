import { beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { toNativeJwtEntry } from '../../src/authenticator/native-jwt.ts';
import { authenticatorOf, compileText } from '../authenticators.ts';
import { type Identity, mintAuthority } from '../pki.ts';

const HEAD = 'apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\n';
const NATIVE = `- issuer: {name: my-ca}
  claimMappings:
    username: {expression: cert.subject.commonName}
    extra: [{key: example.org/serial, valueExpression: cert.serialNumber}]
  session: {native: true}
`;
const ISSUER = { url: 'https://authn.test.example', audiences: ['x509.test.example'] };

let ca: Identity;

beforeAll(async () => {
  ca = await mintAuthority('my-ca');
});

describe('the jwt entry of native sessions', () => {
  it('is one that kube-apiserver takes', () => {
    const entry = toNativeJwtEntry(authenticatorOf(NATIVE, ca.pem), {
      ...ISSUER,
      certificateAuthority: ca.pem,
    });
    const { errors, warnings } = compileText(`${HEAD}${stringify({ jwt: [entry] })}`);
    expect([errors, warnings.map(({ message }) => message)]).toEqual([[], []]);
  });

  it('maps username, groups, uid, the credential’s id and the keys of claimMappings', () => {
    const entry = toNativeJwtEntry(authenticatorOf(NATIVE, ca.pem), ISSUER);
    expect(parse(stringify(entry)).claimMappings).toEqual({
      username: { claim: 'sub', prefix: '' },
      groups: { claim: 'groups', prefix: '' },
      uid: { claim: 'uid' },
      extra: [
        {
          key: 'kube-x509-authn.dev/credential-id',
          valueExpression:
            '"authentication.kubernetes.io/credential-id" in claims.extra ? claims.extra["authentication.kubernetes.io/credential-id"] : []',
        },
        {
          key: 'example.org/serial',
          valueExpression: '"example.org/serial" in claims.extra ? claims.extra["example.org/serial"] : []',
        },
      ],
    });
  });

  it('maps the pod and the node of a pod identity, to keys of ours', () => {
    const entry = toNativeJwtEntry(
      authenticatorOf(
        `- issuer: {certificateAuthority: ${JSON.stringify(ca.pem)}}\n  workload: {profile: PodIdentity}\n  session: {native: true}\n`,
      ),
      ISSUER,
    );
    expect(entry?.claimMappings.extra.map(({ key }) => key)).toEqual(
      ['credential-id', 'node-name', 'node-uid', 'pod-name', 'pod-uid'].map(
        (key) => `kube-x509-authn.dev/${key}`,
      ),
    );
    const { errors } = compileText(`${HEAD}${stringify({ jwt: [entry] })}`);
    expect(errors).toEqual([]);
  });

  it('takes any of several audiences', () => {
    const entry = toNativeJwtEntry(authenticatorOf(NATIVE, ca.pem), { ...ISSUER, audiences: ['a', 'b'] });
    expect(entry?.issuer).toMatchObject({ audiences: ['a', 'b'], audienceMatchPolicy: 'MatchAny' });
  });

  it('is none where no entry is native', () => {
    expect(toNativeJwtEntry(authenticatorOf('- issuer: {name: my-ca}\n', ca.pem), ISSUER)).toBeUndefined();
  });
});

describe('session.native', () => {
  const LIST = 'apiVersion: kube-x509-authn.dev/v1alpha1\nkind: RevocationList\nserials: []\n';
  const inputs = {
    files: { 'ca.pem': ca?.pem ?? '', 'revoked.yaml': LIST },
    certificateAuthorityFile: 'ca.pem',
  };

  it.each([
    [
      'revocation of the entry',
      `${NATIVE}  revocation: {files: [revoked.yaml]}\n`,
      {},
      'x509[0].session.native: Forbidden: may not be true together with revocation: nothing would check it',
    ],
    [
      'revocation by the server’s files',
      NATIVE,
      { revocationFiles: ['revoked.yaml'] },
      'x509[0].session.native: Forbidden: may not be true together with --revocation-file: nothing would check it',
    ],
  ])('is refused beside %s', (_, entries, more, message) => {
    const files = { ...inputs.files, 'ca.pem': ca.pem };
    const { errors } = compileText(`${HEAD}x509:\n${entries}`, { ...inputs, files, ...more });
    expect(errors.map((error) => error.message)).toEqual([message]);
  });
});
