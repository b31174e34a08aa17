import { describe, expect, it } from 'vitest';
import { loadConfig, loadKubernetesConfig } from '../../src/config/decode.ts';

const HEAD = 'apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\n';

function load(text: string): Extract<ReturnType<typeof loadConfig>, { kind: 'config' }> {
  const result = loadConfig(text);
  if (result.kind === 'invalid') throw new Error(result.error);
  return result;
}

function refuse(text: string): Extract<ReturnType<typeof loadConfig>, { kind: 'invalid' }> {
  const result = loadConfig(text);
  if (result.kind === 'config') throw new Error('it was loaded');
  return result;
}

describe('a configuration is loaded', () => {
  it.each(['v1', 'v1beta1', 'v1alpha1'])('in version %s', (version) => {
    const apiVersion = `apiserver.config.k8s.io/${version}`;
    const { config } = load(`apiVersion: ${apiVersion}\nkind: AuthenticationConfiguration\n`);
    expect(config).toMatchObject({ apiVersion, jwt: [], x509: [] });
    expect(config).not.toHaveProperty('anonymous');
  });

  it('with a default for everything that is unset', () => {
    const { config } = load(`${HEAD}x509:\n- {}\n- null\n`);
    const entry = {
      issuer: { name: '', certificateAuthority: '', certificateAuthorityFile: '' },
      requestValidationRules: [],
      certificateValidationRules: [],
      allowSystemIdentities: false,
      userValidationRules: [],
      revocation: { files: [], onStale: 'Deny' },
      evaluationFailurePolicy: 'Open',
      session: { native: false },
    };
    expect(config.x509).toEqual([entry, entry]);
  });

  it('with every field of an x509 entry', () => {
    const { config } = load(`${HEAD}x509:
- issuer: {name: my-ca, certificateAuthority: PEM, certificateAuthorityFile: /ca.crt}
  requestValidationRules:
  - {expression: a, message: b}
  certificateValidationRules:
  - {expression: e, message: f}
  claimMappings:
    username: {expression: u}
    groups: {expression: g}
    uid: {expression: i}
    extra:
    - {key: example.org/a, valueExpression: x}
  workload:
    profile: SPIFFE
    trustDomain: cluster.local
    federatedTrustDomains:
    - {name: one.example, certificateAuthorityFile: /one.crt}
    - {name: two.example, certificateAuthority: PEM}
  allowSystemIdentities: true
  userValidationRules:
  - {expression: c, message: d}
  revocation:
    files: [/one.yaml, {file: /two.crl, issuerFile: /issuer.crt}, {file: /three.crl}]
    onStale: Allow
  evaluationFailurePolicy: Closed
  session: {native: true}
`);
    expect(config.x509).toEqual([
      {
        issuer: { name: 'my-ca', certificateAuthority: 'PEM', certificateAuthorityFile: '/ca.crt' },
        requestValidationRules: [{ expression: 'a', message: 'b' }],
        certificateValidationRules: [{ expression: 'e', message: 'f' }],
        claimMappings: {
          username: { expression: 'u' },
          groups: { expression: 'g' },
          uid: { expression: 'i' },
          extra: [{ key: 'example.org/a', valueExpression: 'x' }],
        },
        workload: {
          profile: 'SPIFFE',
          trustDomain: 'cluster.local',
          federatedTrustDomains: [
            { name: 'one.example', certificateAuthority: '', certificateAuthorityFile: '/one.crt' },
            { name: 'two.example', certificateAuthority: 'PEM', certificateAuthorityFile: '' },
          ],
        },
        allowSystemIdentities: true,
        userValidationRules: [{ expression: 'c', message: 'd' }],
        revocation: {
          files: [
            { file: '/one.yaml', issuerFile: '' },
            { file: '/two.crl', issuerFile: '/issuer.crt' },
            { file: '/three.crl', issuerFile: '' },
          ],
          onStale: 'Allow',
        },
        evaluationFailurePolicy: 'Closed',
        session: { native: true },
      },
    ]);
  });

  it('with kube-apiserver’s own parts, an unset prefix told from an empty one', () => {
    const { config } = load(`${HEAD}anonymous: {enabled: true, conditions: [{path: /livez}]}
jwt:
- issuer: {url: https://issuer.example, audiences: [a, null]}
  claimMappings:
    username: {claim: sub, prefix: ""}
    groups: {claim: groups}
`);
    expect(config.anonymous).toEqual({ enabled: true, conditions: [{ path: '/livez' }] });
    const [entry] = config.jwt;
    expect(entry?.issuer).toMatchObject({
      url: 'https://issuer.example',
      discoveryURL: '',
      audiences: ['a', ''],
    });
    expect(entry?.claimMappings.username.prefix).toBe('');
    expect(entry?.claimMappings.groups.prefix).toBeUndefined();
  });

  it('from JSON as from YAML', () => {
    const { config } = load(
      '{"apiVersion":"apiserver.config.k8s.io/v1","kind":"AuthenticationConfiguration","x509":[{"issuer":{"name":"\\u0061"}}]}',
    );
    expect(config.x509[0]?.issuer.name).toBe('a');
  });

  it('with a warning where a second document follows', () => {
    const { warnings } = load(`${HEAD}---\nx509: []\n`);
    expect(warnings).toMatchObject([
      { id: 'decode/further-document', severity: 'warning', line: 3, column: 1 },
    ]);
    expect(load(`${HEAD}...\n# nothing\n`).warnings).toEqual([]);
  });
});

describe('a configuration is refused in kube-apiserver’s words', () => {
  it.each([
    ['an empty file', '', 'empty config data'],
    ['a comment alone', '# a\n', "Object 'Kind' is missing in '# a\n'"],
    ['a file without kind', 'apiVersion: v1\n', "Object 'Kind' is missing in 'apiVersion: v1\n'"],
    ['a file without version', 'kind: X\n', "Object 'apiVersion' is missing in 'kind: X\n'"],
    ['a version with two slashes', 'apiVersion: a/b/c\nkind: X\n', 'unexpected GroupVersion string: a/b/c'],
    [
      'a kind that is a number',
      'apiVersion: v1\nkind: 5\n',
      "couldn't get version/kind; json parse error: json: cannot unmarshal number into Go struct field .kind of type string",
    ],
    [
      'a file that is a list',
      '- a\n',
      "couldn't get version/kind; json parse error: json: cannot unmarshal array into Go value of type struct { APIVersion string " +
        '"json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }',
    ],
    [
      'an unknown version',
      'apiVersion: apiserver.config.k8s.io/v2\nkind: AuthenticationConfiguration\n',
      'no kind "AuthenticationConfiguration" is registered for version "apiserver.config.k8s.io/v2" in scheme "pkg/kubeapiserver/options/authentication.go"',
    ],
    [
      'another kind',
      'apiVersion: apiserver.config.k8s.io/v1\nkind: AuthorizationConfiguration\n',
      'expected AuthenticationConfiguration, got *apiserver.AuthorizationConfiguration',
    ],
    [
      'a kind written Kind',
      `${HEAD}Kind: AuthenticationConfiguration\n`,
      'strict decoding error: unknown field "Kind"',
    ],
    ['unknown fields', `${HEAD}b: 1\na: 2\n`, 'strict decoding error: unknown field "a", unknown field "b"'],
    [
      'an unknown field inside',
      `${HEAD}x509: [{}, {issuer: {foo: 1}}]\n`,
      'strict decoding error: unknown field "x509[1].issuer.foo"',
    ],
    [
      'a key that is set twice',
      `${HEAD}x509:\n- issuer: {name: a}\n  issuer: {name: b}\nx509: []\n`,
      'strict decoding error: yaml: unmarshal errors:\n  line 5: key "issuer" already set in map\n  line 6: key "x509" already set in map',
    ],
    [
      'a field of JSON that is set twice',
      '{"apiVersion":"apiserver.config.k8s.io/v1","kind":"AuthenticationConfiguration","x509":[],"x509":[]}',
      'strict decoding error: duplicate field "x509"',
    ],
    [
      'a merged key that is set again',
      `${HEAD}anonymous:\n  <<: {enabled: true}\n  enabled: false\n`,
      'strict decoding error: yaml: unmarshal errors:\n  line 5: key "enabled" already set in map',
    ],
    [
      'a map for a list, in each version’s Go type',
      'apiVersion: apiserver.config.k8s.io/v1beta1\nkind: AuthenticationConfiguration\nx509: {}\n',
      'json: cannot unmarshal object into Go struct field AuthenticationConfiguration.x509 of type []v1beta1.X509AuthConfig',
    ],
    [
      'a number for a string',
      `${HEAD}x509: [{issuer: {name: 5}}]\n`,
      'json: cannot unmarshal number into Go struct field CertIssuer.x509.issuer.name of type string',
    ],
    [
      'a boolean that YAML makes of a word',
      `${HEAD}x509: [{evaluationFailurePolicy: yes}]\n`,
      'json: cannot unmarshal bool into Go struct field X509AuthConfig.x509.evaluationFailurePolicy of type v1.EvaluationFailurePolicyType',
    ],
    [
      'a wrong type before unknown fields',
      `${HEAD}a: 1\nx509: [5]\n`,
      'json: cannot unmarshal number into Go struct field AuthenticationConfiguration.x509 of type v1.X509AuthConfig',
    ],
    [
      'a revocation file that is neither a name nor a map',
      `${HEAD}x509: [{revocation: {files: [[a]]}}]\n`,
      'json: cannot unmarshal array into Go struct field RevocationConfig.x509.revocation.files of type string or v1.RevocationFile',
    ],
    [
      'an unknown field of a revocation file',
      `${HEAD}x509: [{revocation: {files: [{url: a}]}}]\n`,
      'strict decoding error: unknown field "x509[0].revocation.files[0].url"',
    ],
    [
      'a key that no prototype has',
      `${HEAD}constructor: 1\n__proto__: 2\n`,
      'strict decoding error: unknown field "__proto__", unknown field "constructor"',
    ],
  ])('%s', (_name, text, error) => {
    expect(refuse(text).error).toBe(error);
  });

  it('but x509 only for kube-apiserver itself', () => {
    const text = `${HEAD}x509: []\n`;
    expect(loadConfig(text).kind).toBe('config');
    expect(loadKubernetesConfig(text)).toMatchObject({
      error: 'strict decoding error: unknown field "x509"',
    });
  });
});

describe('everything that is wrong is told at once, with where it is', () => {
  it('wrong types, unknown and double fields together', () => {
    const { issues } = refuse(`${HEAD}x509:
- issuer: {name: 5, nam: a}
  userValidationRules: x
  issuer: {name: {}}
`);
    expect(issues.map(({ id, path, line, column }) => [id, path, line, column])).toEqual([
      ['decode/duplicate-field', '', 6, 3],
      ['decode/wrong-type', 'x509[0].issuer.name', 6, 18],
      ['decode/wrong-type', 'x509[0].userValidationRules', 5, 24],
    ]);
  });

  it.each([
    ['a letter too many', 'x509s: []', '(did you mean "x509"?)'],
    ['another case', 'x509: [{Issuer: {}}]', '(did you mean "issuer"?)'],
    ['two letters swapped', 'x509: [{issuer: {nmae: a}}]', '(did you mean "name"?)'],
    ['a shorter name', 'x509: [{userValidationRule: []}]', '(did you mean "userValidationRules"?)'],
    [
      'a field one level too high',
      'x509: [{certificateAuthority: a}]',
      '(did you mean "issuer.certificateAuthority"?)',
    ],
    ['nothing like any field', 'x509: [{zzzzzz: a}]', 'unknown field "x509[0].zzzzzz"'],
  ])('an unknown field names a near one: %s', (_name, line, end) => {
    const { issues } = refuse(`${HEAD}${line}\n`);
    expect(issues).toHaveLength(1);
    expect(issues[0]?.message.endsWith(end)).toBe(true);
  });

  it('a syntax error with its line', () => {
    const { issues } = refuse(`${HEAD}x509:\n\t- issuer: {}\n`);
    expect(issues).toMatchObject([
      {
        id: 'decode/syntax',
        line: 4,
        column: 1,
        message: 'yaml: line 4: found character that cannot start any token',
      },
    ]);
  });

  it('without repeating the whole file', () => {
    const { issues } = refuse(`secret: ${'x'.repeat(1000)}\n`);
    expect(issues[0]?.message).toBe("Object 'Kind' is missing (kind must be AuthenticationConfiguration)");
  });
});
