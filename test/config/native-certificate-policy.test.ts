import { Ajv } from 'ajv';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadNativePolicy } from '../../src/config/native-certificate-policy.ts';

const HEAD = 'apiVersion: kube-x509-authn.dev/v1alpha1\nkind: NativeCertificatePolicy\n';

const WHOLE = `${HEAD}userValidationRules:
- expression: '!user.username.startsWith("old-")'
  message: old accounts are closed
revocation:
  files: [/etc/revoked.yaml, {file: /etc/ca.crl, issuerFile: /etc/ca.pem}]
  onStale: Allow
certificates: [/etc/inventory/*.pem]
certificateValidationRules:
- expression: 'cert.notAfter - cert.notBefore <= duration("8760h")'
unknownCertificates: Deny
evaluationFailurePolicy: Closed
`;

function issuesOf(text: string): readonly string[] {
  const result = loadNativePolicy(text);
  return result.kind === 'invalid'
    ? result.issues.map(({ line, column, message }) => `${line}:${column} ${message}`)
    : [];
}

describe('a NativeCertificatePolicy', () => {
  it('has the fields that are written', () => {
    expect(loadNativePolicy(WHOLE)).toMatchObject({
      kind: 'policy',
      warnings: [],
      policy: {
        userValidationRules: [
          { expression: '!user.username.startsWith("old-")', message: 'old accounts are closed' },
        ],
        revocation: {
          files: [
            { file: '/etc/revoked.yaml', issuerFile: '' },
            { file: '/etc/ca.crl', issuerFile: '/etc/ca.pem' },
          ],
          onStale: 'Allow',
        },
        certificates: ['/etc/inventory/*.pem'],
        certificateValidationRules: [
          { expression: 'cert.notAfter - cert.notBefore <= duration("8760h")', message: '' },
        ],
        unknownCertificates: 'Deny',
        evaluationFailurePolicy: 'Closed',
      },
    });
  });
  it.each([
    ['YAML', HEAD],
    ['JSON', '{"apiVersion":"kube-x509-authn.dev/v1alpha1","kind":"NativeCertificatePolicy"}'],
    ['fields that are null', `${HEAD}revocation: null\ncertificates: null\nunknownCertificates: null\n`],
  ])('has its defaults where it is empty: %s', (_, text) => {
    expect(loadNativePolicy(text)).toMatchObject({
      policy: {
        userValidationRules: [],
        revocation: { files: [], onStale: 'Deny' },
        certificates: [],
        unknownCertificates: 'Allow',
        evaluationFailurePolicy: 'Open',
      },
    });
  });
  it('is the first document of its file; a further one is a warning', () => {
    expect(loadNativePolicy(`${HEAD}---\na: 1\n`)).toMatchObject({
      kind: 'policy',
      warnings: [{ id: 'decode/further-document', severity: 'warning', line: 3 }],
    });
  });

  it.each([
    ['is empty', '', '1:1 empty config data'],
    ['is no YAML', 'a: [', '1:5 yaml: line 1: did not find expected node content'],
    [
      'is a list',
      '- a\n',
      '1:1 the file is not a map of fields: expected a NativeCertificatePolicy of kube-x509-authn.dev/v1alpha1',
    ],
    [
      'has no apiVersion',
      'kind: NativeCertificatePolicy\n',
      '1:1 apiVersion: Required value: supported values: "kube-x509-authn.dev/v1alpha1"',
    ],
    [
      'has another apiVersion',
      'apiVersion: v1\nkind: NativeCertificatePolicy\n',
      '1:13 apiVersion: Unsupported value: "v1": supported values: "kube-x509-authn.dev/v1alpha1"',
    ],
    [
      'has an apiVersion that is a number',
      'apiVersion: 1\n',
      '1:13 apiVersion: Invalid value: must be a string: supported values: "kube-x509-authn.dev/v1alpha1"',
    ],
    [
      'is of another kind',
      'apiVersion: kube-x509-authn.dev/v1alpha1\nkind: RevocationList\n',
      '2:7 kind: Unsupported value: "RevocationList": supported values: "NativeCertificatePolicy"',
    ],
    [
      'has an unknown field',
      `${HEAD}userValidationRule: []\n`,
      '3:1 strict decoding error: unknown field "userValidationRule" (did you mean "userValidationRules"?)',
    ],
    [
      'has an unknown field below',
      `${HEAD}revocation: {files: [a, {file: b, x: y}]}\n`,
      '3:35 strict decoding error: unknown field "revocation.files[1].x"',
    ],
    [
      'has a field twice',
      `${HEAD}certificates: []\ncertificates: []\n`,
      '4:1 strict decoding error: yaml: line 4: key "certificates" already set in map',
    ],
    [
      'has a field of another type',
      `${HEAD}certificates: x\n`,
      '3:15 json: cannot unmarshal string into Go struct field NativeCertificatePolicy.certificates of type []string (certificates must be a list)',
    ],
  ])('that %s is refused at the place', (_, text, expected) => {
    expect(issuesOf(text)).toEqual([expected]);
  });
});

describe('the JSON Schema', () => {
  const schema = JSON.parse(
    readFileSync(new URL('../../schemas/native-certificate-policy.schema.json', import.meta.url), 'utf8'),
  );
  const validate = new Ajv({ strict: true, allowUnionTypes: true }).compile(schema);
  it.each([
    ['takes a policy with every field', WHOLE, true],
    ['takes an empty policy', HEAD, true],
    ['minds an unknown field', `${HEAD}rules: []\n`, false],
    ['minds an unknown policy', `${HEAD}unknownCertificates: Warn\n`, false],
    ['minds another kind', 'apiVersion: v1\nkind: Config\n', false],
  ])('%s', (_, text, expected) => {
    expect(validate(parse(text))).toBe(expected);
  });
});
