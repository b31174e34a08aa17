import { describe, expect, it } from 'vitest';
import { loadConfig, loadKubernetesConfig } from '../../src/config/decode.ts';
import { toKubernetesText } from '../../src/config/kubernetes-text.ts';

const V1 = 'apiserver.config.k8s.io/v1';
const HEAD = `apiVersion: ${V1}\nkind: AuthenticationConfiguration\n`;

function convert(text: string, apiVersion = V1): string {
  const loaded = loadConfig(text);
  if (loaded.kind !== 'config') throw new Error(loaded.error);
  const converted = toKubernetesText(text, loaded.config, apiVersion);
  const strict = loadKubernetesConfig(converted);
  if (strict.kind !== 'config')
    throw new Error(`kube-apiserver would refuse it: ${strict.error}\n${converted}`);
  expect(strict.config).toMatchObject({ apiVersion, x509: [] });
  expect([strict.config.jwt, strict.config.anonymous]).toEqual([loaded.config.jwt, loaded.config.anonymous]);
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
    ['x509 by an alias', `${HEAD}x509: &b\n- issuer: {name: a}\n`],
  ])('is written anew, and means the same, with %s', (_, text) => {
    const converted = convert(text);
    expect(converted).not.toMatch(/^\s*"?x509"?:/m);
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
