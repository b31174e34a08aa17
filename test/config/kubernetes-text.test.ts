import { describe, expect, it } from 'vitest';
import { loadConfig, loadKubernetesConfig } from '../../src/config/decode.ts';
import { toKubernetesText } from '../../src/config/kubernetes-text.ts';

const V1 = 'apiserver.config.k8s.io/v1';
const HEAD = `apiVersion: ${V1}\nkind: AuthenticationConfiguration\n`;

/** As `jwt` has them. */
const ADDED = [
  {
    issuer: { url: 'https://b.example', audiences: ['b'], certificateAuthority: 'two\nlines\n' },
    claimMappings: {
      username: { claim: 'sub', prefix: '' },
      extra: [{ key: 'b.example/y', valueExpression: '"y" in claims ? [claims.y] : []' }],
    },
  },
];

function convert(text: string, apiVersion = V1, jwt: readonly object[] = []): string {
  const loaded = loadConfig(text);
  if (loaded.kind !== 'config') throw new Error(loaded.error);
  const converted = toKubernetesText(text, loaded.config, { apiVersion, jwt });
  const strict = loadKubernetesConfig(converted);
  if (strict.kind !== 'config')
    throw new Error(`kube-apiserver would refuse it: ${strict.error}\n${converted}`);
  expect(strict.config).toMatchObject({ apiVersion, x509: [] });
  const further = strict.config.jwt.slice(loaded.config.jwt.length);
  expect([strict.config.jwt.slice(0, loaded.config.jwt.length), strict.config.anonymous]).toEqual([
    loaded.config.jwt,
    loaded.config.anonymous,
  ]);
  expect(further.map(({ issuer }) => issuer.url)).toEqual(jwt.length === 0 ? [] : ['https://b.example']);
  return converted;
}

describe('what kube-apiserver gets of a file', () => {
  it.each<[string, string, string]>([
    [
      'keeps comments, but for those of x509',
      `# header\n${HEAD}# of x509\nx509: # this\n- issuer:\n    name: a\n  # within\n  userValidationRules: []\n  # at its end\n\n# of anonymous\nanonymous:\n  enabled: true # yes\n# end\n`,
      `# header\n${HEAD}# of anonymous\nanonymous:\n  enabled: true # yes\n# end\n`,
    ],
    [
      'x509 last',
      `${HEAD}anonymous: {enabled: true}\nx509:\n- issuer: {name: a}\n# end\n`,
      `${HEAD}anonymous: {enabled: true}\n# end\n`,
    ],
    ['x509 first', `# header\nx509:\n- issuer: {name: a}\n${HEAD}`, `# header\n${HEAD}`],
    ['no x509', `${HEAD}jwt: [] # none\n`, `${HEAD}jwt: [] # none\n`],
    [
      'a block scalar at its end',
      `${HEAD}x509:\n- issuer:\n    certificateAuthority: |\n      -----BEGIN\n\n      x\nanonymous: {enabled: false}\n`,
      `${HEAD}anonymous: {enabled: false}\n`,
    ],
    [
      'flow style in one line',
      `{apiVersion: ${V1}, kind: AuthenticationConfiguration, x509: [{issuer: {name: a}}], jwt: []}`.replace(
        '{',
        '# yaml\n{',
      ),
      `# yaml\n{apiVersion: ${V1}, kind: AuthenticationConfiguration, jwt: []}`,
    ],
    [
      'JSON',
      `{"apiVersion": "${V1}", "kind": "AuthenticationConfiguration", "x509": [], "jwt": []}`,
      `{"apiVersion": "${V1}", "kind": "AuthenticationConfiguration", "jwt": []}`,
    ],
    [
      'JSON with x509 last',
      `{"apiVersion": "${V1}", "kind": "AuthenticationConfiguration",\n "x509": []\n}`,
      `{"apiVersion": "${V1}", "kind": "AuthenticationConfiguration"\n}`,
    ],
    [
      'JSON behind a byte order mark, which is YAML',
      `\ufeff{"apiVersion": "${V1}", "kind": "AuthenticationConfiguration", "x509": [], "jwt": []}`,
      `\ufeff{"apiVersion": "${V1}", "kind": "AuthenticationConfiguration", "jwt": []}`,
    ],
    [
      'line ends of Windows',
      `${HEAD}x509:\n- issuer: {name: a}\njwt: []\n`.replaceAll('\n', '\r\n'),
      `${HEAD}jwt: []\n`.replaceAll('\n', '\r\n'),
    ],
  ])('%s', (_, text, expected) => expect(convert(text)).toBe(expected));

  it.each<[string, string]>([
    [
      'an anchor within x509 that is used elsewhere',
      `x509:\n- issuer: {name: &a /livez}\n${HEAD}anonymous: {enabled: true, conditions: [{path: *a}]}\n`,
    ],
    [
      'lines that end as those of an old Macintosh',
      `${HEAD}x509:\n- issuer: {name: a}\njwt: []\n`.replaceAll('\n', '\r'),
    ],
    ['x509 by an alias', `${HEAD}x509: &b\n- issuer: {name: a}\n`],
  ])('is written anew, and means the same, with %s', (_, text) => {
    const converted = convert(text);
    expect(converted).not.toMatch(/^\s*"?x509"?:/m);
  });

  const OWN =
    '{issuer: {url: "https://a.example", audiences: [a]}, claimMappings: {username: {claim: sub, prefix: ""}}}';
  const X509 = 'x509:\n- issuer: {name: a}\n';
  it.each<[string, string, RegExp]>([
    [
      'in a block list',
      `${HEAD}jwt:\n- ${OWN} # ours\n${X509}`,
      /# ours\n# Sessions.*\n- issuer:\n {4}url: https/,
    ],
    [
      'in a block list that is indented, before what follows',
      `${HEAD}${X509}jwt:\n  - ${OWN} # ours\n# of anonymous\nanonymous: {enabled: true}\n`,
      /# ours\n {2}# Sessions.*\n {2}- issuer:\n[^]*\n# of anonymous\nanonymous: \{enabled: true\}\n$/,
    ],
    [
      'in a block list that ends with a text of its own',
      `${HEAD}jwt:\n- issuer: {url: "https://a.example", audiences: [a]}\n  claimMappings: {username: {claim: sub, prefix: ""}}\n  userValidationRules:\n  - message: |\n      one\n\n    expression: >\n      user.username\n      != ""\n\n\n# end\n${X509}`,
      /!= ""\n# Sessions/,
    ],
    ['in a flow list', `${HEAD}jwt: [${OWN}]\n${X509}`, /"b\.example\/y"/],
    ['in an empty flow list', `${HEAD}jwt: [] # none yet\n${X509}`, /jwt: \[\{.*\}\] # none yet\n$/],
    ['where there is no jwt', `${HEAD}${X509}`, /Configuration\njwt:\n# Sessions.*\n- issuer:\n/],
    ['where there is no jwt, and no line end', HEAD.trimEnd(), /Configuration\njwt:\n/],
    ['before what follows the document', `${HEAD}${X509}# end\n---\na: b\n`, /jwt:\n[^]*---\na: b\n$/],
    [
      'in JSON',
      `{"apiVersion": "${V1}", "kind": "AuthenticationConfiguration",\n "x509": []\n}`,
      /, "jwt":\[.*\]\n\}$/,
    ],
    [
      'in JSON with jwt',
      `{"apiVersion": "${V1}", "kind": "AuthenticationConfiguration", "jwt": [ ], "x509": []}`,
      /"jwt": \[\{.*\} ?\]\}$/,
    ],
    [
      'with line ends of Windows',
      `${HEAD}jwt:\n- ${OWN}\n${X509}`.replaceAll('\n', '\r\n'),
      /# Sessions[^\n]*\r\n- issuer:\r\n/,
    ],
    ['where jwt is null', `${HEAD}jwt:\n${X509}`, /^# Written anew/],
    ['where jwt is an alias', `${HEAD}jwt: &j\n- ${OWN}\n${X509}`, /b\.example/],
    [
      'after a comma too many',
      `# flow\n{apiVersion: ${V1}, kind: AuthenticationConfiguration, }`,
      /b\.example/,
    ],
  ])('has a further jwt entry %s', (_, text, expected) => {
    expect(convert(text, V1, ADDED)).toMatch(expected);
  });

  it.each([
    [`${HEAD}x509: []\n`, 'apiserver.config.k8s.io/v1beta1'],
    [
      `{"apiVersion": "${V1}", "kind": "AuthenticationConfiguration", "x509": []}`,
      'apiserver.config.k8s.io/v1beta1',
    ],
    [HEAD.replace(V1, `"${V1}" # of 1.34`), 'apiserver.config.k8s.io/v1alpha1'],
  ])('has another apiVersion where that is asked for', (text, apiVersion) => {
    expect(convert(text, apiVersion)).toContain(apiVersion);
  });
});
