import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../../src/config/decode.ts';

const file = new URL('../../schemas/authentication-configuration.schema.json', import.meta.url);
const schema = JSON.parse(readFileSync(file, 'utf8')) as {
  readonly definitions: Readonly<
    Record<string, { readonly type?: string; readonly description?: string; readonly default?: string }>
  >;
};
const validate: ValidateFunction = new Ajv({ strict: true, allErrors: true }).compile(schema);

const HEAD = 'apiVersion: apiserver.config.k8s.io/v1beta1\nkind: AuthenticationConfiguration\n';

const GOOD: readonly (readonly [string, string])[] = [
  ['nothing but version and kind', ''],
  [
    'an entry of the server’s anchors',
    'x509:\n- issuer: {name: my-ca}\n  userValidationRules: [{expression: "true"}]\n',
  ],
  [
    'an entry of its own anchors',
    'x509:\n- issuer: {certificateAuthorityFile: /ca.crt}\n  evaluationFailurePolicy: Closed\n',
  ],
  [
    'revocation',
    'x509:\n- issuer: {name: a}\n  revocation: {files: [a, {file: b, issuerFile: c}], onStale: Allow}\n',
  ],
  [
    'claim mappings',
    'x509:\n- issuer: {name: a}\n  claimMappings: {username: {expression: b}, extra: [{key: c, valueExpression: d}]}\n  allowSystemIdentities: true\n',
  ],
  [
    'a workload',
    'x509:\n- workload: {profile: SPIFFE, trustDomain: a, federatedTrustDomains: [{name: b, certificateAuthorityFile: /b}]}\n  certificateValidationRules: [{expression: c}]\n',
  ],
  [
    'a token issuer',
    'jwt:\n- issuer: {url: https://a.example, audiences: [b], audienceMatchPolicy: MatchAny}\n  claimMappings: {username: {claim: sub, prefix: ""}}\n',
  ],
  ['anonymous requests', 'anonymous: {enabled: true, conditions: [{path: /livez}]}\n'],
];

const BAD: readonly (readonly [string, string])[] = [
  ['an unknown field', 'x509s: []\n'],
  ['an unknown field inside', 'x509: [{issuer: {nam: a}}]\n'],
  ['a map for a list', 'x509: {}\n'],
  ['a number for a string', 'x509: [{issuer: {name: 5}}]\n'],
  ['a claim where there are none', 'x509: [{claimMappings: {username: {claim: sub}}}]\n'],
  ['a string for allowSystemIdentities', 'x509: [{allowSystemIdentities: "yes"}]\n'],
  ['a map for trust domains', 'x509: [{workload: {federatedTrustDomains: {name: a}}}]\n'],
  ['a number for a file', 'x509: [{revocation: {files: [5]}}]\n'],
  ['a string for a boolean', 'anonymous: {enabled: "true"}\n'],
];

describe('the schema is for editors what the decoder is for us', () => {
  it.each(GOOD)('both take %s', (_name, text) => {
    expect(validate(parse(HEAD + text))).toBe(true);
    expect(loadConfig(HEAD + text).kind).toBe('config');
  });
  it.each(BAD)('both refuse %s', (_name, text) => {
    expect(validate(parse(HEAD + text))).toBe(false);
    expect(loadConfig(HEAD + text).kind).toBe('invalid');
  });
  it('with the defaults that the decoder fills in', () => {
    const result = loadConfig(`${HEAD}x509: [{}]\n`);
    const entry = result.kind === 'config' ? result.config.x509[0] : undefined;
    expect(schema.definitions['EvaluationFailurePolicyType']?.default).toBe(entry?.evaluationFailurePolicy);
    expect(schema.definitions['StaleRevocationPolicyType']?.default).toBe(entry?.revocation.onStale);
  });
});
