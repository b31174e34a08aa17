import { describe, expect, it } from 'vitest';
import { formatFieldError } from '../../src/authenticator/field-error.ts';
import { createJwtChecks } from '../../src/authenticator/jwt-checks.ts';
import { validateKubernetesFields } from '../../src/authenticator/validate-jwt.ts';
import { loadConfig } from '../../src/config/decode.ts';

const HEAD = 'apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\n';

function errorsOf(text: string, disallowedIssuers: readonly string[] = []): readonly string[] {
  const result = loadConfig(HEAD + text);
  if (result.kind === 'invalid') throw new Error(result.error);
  return validateKubernetesFields(result.config, createJwtChecks(disallowedIssuers)).map(formatFieldError);
}

/** An entry that is fine but for what is given in place of its parts. */
function entry(parts: { issuer?: string; mappings?: string; rest?: string } = {}): string {
  return `- issuer: {${parts.issuer ?? 'url: https://issuer.example, audiences: [a]'}}
  claimMappings: {${parts.mappings ?? 'username: {claim: sub, prefix: ""}'}}
${parts.rest ?? ''}`;
}

function jwt(parts: { issuer?: string; mappings?: string; rest?: string }): string {
  return `jwt:\n${entry(parts)}`;
}

const issuer = (fields: string): string => jwt({ issuer: fields });
const url = (value: string): string => issuer(`url: ${JSON.stringify(value)}, audiences: [a]`);
const mappings = (fields: string): string => jwt({ mappings: fields });
const claimRules = (list: string): string => jwt({ rest: `  claimValidationRules: ${list}\n` });
const userRules = (list: string): string => jwt({ rest: `  userValidationRules: ${list}\n` });
const extra = (key: string): string =>
  mappings(
    `username: {claim: sub, prefix: ""}, extra: [{key: ${JSON.stringify(key)}, valueExpression: claims.x}]`,
  );

describe('a jwt entry passes', () => {
  it.each([
    ['with what it must have', jwt({})],
    ['with a port, a path and letters beyond ASCII', url('https://bücher.example:8443/a/b/')],
    ['with a question mark and nothing after it', url('https://issuer.example?')],
    ['with a scheme in capitals', url('HTTPS://issuer.example')],
    ['with an IPv6 address', url('https://[2001:db8::1]:8443')],
    [
      'with a discovery URL',
      issuer('url: https://a.example, discoveryURL: https://b.example/x, audiences: [a]'),
    ],
    [
      'with two audiences',
      issuer('url: https://a.example, audiences: [a, b], audienceMatchPolicy: MatchAny'),
    ],
    [
      'with an egress selector',
      issuer('url: https://a.example, audiences: [a], egressSelectorType: cluster'),
    ],
    [
      'with expressions',
      mappings(
        'username: {expression: claims.sub}, groups: {expression: claims.groups}, uid: {expression: claims.uid}',
      ),
    ],
    ['with a required claim', claimRules('[{claim: hd, requiredValue: example.com}, {claim: x}]')],
    [
      'with rules',
      `${claimRules('[{expression: claims.a == "b", message: m}]')}  userValidationRules: [{expression: user.uid == "1"}]\n`,
    ],
    ['with an extra key', extra('example.org/foo')],
    ['or none at all', 'jwt: []\n'],
    ['beside anonymous requests', 'anonymous: {enabled: true, conditions: [{path: /a}]}\n'],
    ['beside no anonymous requests', 'anonymous: {enabled: false}\n'],
  ])('%s', (_name, text) => {
    expect(errorsOf(text)).toEqual([]);
  });
});

describe('a jwt entry is refused as kube-apiserver refuses it', () => {
  it.each([
    ['no URL', issuer('audiences: [a]'), 'jwt[0].issuer.url: Required value'],
    ['http', url('http://a'), 'jwt[0].issuer.url: Invalid value: "http://a": URL scheme must be https'],
    [
      'a user',
      url('https://u@a'),
      'jwt[0].issuer.url: Invalid value: "https://u@a": URL must not contain a username or password',
    ],
    [
      'a query',
      url('https://a?b'),
      'jwt[0].issuer.url: Invalid value: "https://a?b": URL must not contain a query',
    ],
    [
      'a fragment',
      url('https://a#b'),
      'jwt[0].issuer.url: Invalid value: "https://a#b": URL must not contain a fragment',
    ],
    [
      'a port of letters',
      url('https://a:b'),
      'jwt[0].issuer.url: Invalid value: "https://a:b": parse "https://a:b": invalid port ":b" after host',
    ],
    [
      'a space in the host',
      url('https://a b'),
      'jwt[0].issuer.url: Invalid value: "https://a b": parse "https://a b": invalid character " " in host name',
    ],
    [
      'no scheme before the colon',
      url('://a'),
      'jwt[0].issuer.url: Invalid value: "://a": parse "://a": missing protocol scheme',
    ],
    [
      'a control character',
      url('https://a/\t'),
      'jwt[0].issuer.url: Invalid value: "https://a/\\t": parse "https://a/\\t": net/url: invalid control character in URL',
    ],
    [
      'the issuer’s own URL for discovery',
      issuer('url: https://a.example, discoveryURL: https://a.example//, audiences: [a]'),
      'jwt[0].issuer.discoveryURL: Invalid value: "https://a.example//": discoveryURL must be different from URL',
    ],
    [
      'http for discovery',
      issuer('url: https://a, discoveryURL: http://b, audiences: [a]'),
      'jwt[0].issuer.discoveryURL: Invalid value: "http://b": URL scheme must be https',
    ],
    [
      'no audience',
      issuer('url: https://a'),
      'jwt[0].issuer.audiences: Required value: at least one jwt[0].issuer.audiences is required',
    ],
    [
      'an empty audience',
      issuer('url: https://a, audiences: [""]'),
      'jwt[0].issuer.audiences[0]: Required value',
    ],
    [
      'an audience twice',
      issuer('url: https://a, audiences: [b, b], audienceMatchPolicy: MatchAny'),
      'jwt[0].issuer.audiences[1]: Duplicate value: "b"',
    ],
    [
      'two audiences without a policy',
      issuer('url: https://a, audiences: [b, c]'),
      'jwt[0].issuer.audienceMatchPolicy: Invalid value: "": audienceMatchPolicy must be MatchAny for multiple audiences',
    ],
    [
      'an unknown policy',
      issuer('url: https://a, audiences: [b], audienceMatchPolicy: "<All>"'),
      'jwt[0].issuer.audienceMatchPolicy: Invalid value: "\\u003cAll\\u003e": audienceMatchPolicy must be empty or MatchAny for single audience',
    ],
    [
      'no PEM',
      issuer('url: https://a, audiences: [b], certificateAuthority: c'),
      'jwt[0].issuer.certificateAuthority: Invalid value: "<omitted>": data does not contain any valid RSA or ECDSA certificates',
    ],
    [
      'an unknown egress selector',
      issuer('url: https://a, audiences: [b], egressSelectorType: etcd'),
      'jwt[0].issuer.egressSelectorType: Invalid value: "etcd": egress selector must be either controlplane or cluster',
    ],
    [
      'no username',
      mappings('groups: {}'),
      'jwt[0].claimMappings.username: Required value: claim or expression is required',
    ],
    [
      'claim and expression for the username',
      mappings('username: {claim: a, expression: b}'),
      'jwt[0].claimMappings.username: Invalid value: "": claim and expression can\'t both be set',
    ],
    [
      'no prefix for a claim',
      mappings('username: {claim: a}'),
      'jwt[0].claimMappings.username.prefix: Required value: prefix is required when claim is set. It can be set to an empty string to disable prefixing',
    ],
    [
      'a prefix for an expression',
      mappings('username: {expression: claims.sub, prefix: ""}'),
      'jwt[0].claimMappings.username.prefix: Invalid value: "": may not be specified when expression is set',
    ],
    [
      'claim and expression for groups',
      mappings('username: {claim: a, prefix: ""}, groups: {claim: a, expression: b}'),
      'jwt[0].claimMappings.groups: Invalid value: "": claim and expression can\'t both be set',
    ],
    [
      'claim and expression for the uid',
      mappings('username: {claim: a, prefix: ""}, uid: {claim: a, expression: b}'),
      'jwt[0].claimMappings.uid: Invalid value: "": claim and expression can\'t both be set',
    ],
    [
      'an expression that does not compile',
      mappings('username: {expression: foo}'),
      "jwt[0].claimMappings.username.expression: Invalid value: \"foo\": compilation failed: ERROR: <input>:1:1: undeclared reference to 'foo' (in container '')\n | foo\n | ^",
    ],
    [
      'an expression that cannot become a program',
      mappings('username: {expression: "int(\'a\')"}'),
      "jwt[0].claimMappings.username.expression: Internal error: program instantiation failed: type conversion error from 'string' to 'int'",
    ],
    ['no extra key', extra(''), 'jwt[0].claimMappings.extra[0].key: Required value'],
    [
      'an extra key without a domain',
      extra('foo'),
      'jwt[0].claimMappings.extra[0].key: Invalid value: "foo": must be a domain-prefixed path (such as "acme.io/foo")',
    ],
    [
      'an extra key of Kubernetes’ own',
      extra('a.k8s.io/b'),
      'jwt[0].claimMappings.extra[0].key: Invalid value: "a.k8s.io/b": k8s.io, kubernetes.io and their subdomains are reserved for Kubernetes use',
    ],
    [
      'an extra key in capitals',
      extra('a.org/B'),
      'jwt[0].claimMappings.extra[0].key: Invalid value: "a.org/B": must be lowercase',
    ],
    [
      'an extra key with a bad path',
      extra('a.org/b c'),
      "jwt[0].claimMappings.extra[0].key: Invalid value: \"b c\": Invalid path (regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')",
    ],
    [
      'an extra key with a bad domain',
      extra('a_b/c'),
      "jwt[0].claimMappings.extra[0].key: Invalid value: \"a_b\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ],
    [
      'an extra key with a long domain',
      extra(`${'a'.repeat(254)}/b`),
      `jwt[0].claimMappings.extra[0].key: Invalid value: "${'a'.repeat(254)}": must be no more than 253 characters`,
    ],
    [
      'no extra value',
      mappings('username: {claim: a, prefix: ""}, extra: [{key: a.org/b}]'),
      'jwt[0].claimMappings.extra[0].valueExpression: Required value',
    ],
    [
      'an extra key twice',
      mappings(
        'username: {claim: a, prefix: ""}, extra: [{key: a.org/b, valueExpression: "1"}, {key: a.org/b}]',
      ),
      'jwt[0].claimMappings.extra[1].key: Duplicate value: "a.org/b"',
    ],
    [
      'a claim rule of nothing',
      claimRules('[{}]'),
      'jwt[0].claimValidationRules[0]: Required value: claim or expression is required',
    ],
    [
      'a claim rule of both',
      claimRules('[{claim: a, expression: b}]'),
      'jwt[0].claimValidationRules[0]: Invalid value: "a": claim and expression can\'t both be set',
    ],
    [
      'a claim with a message',
      claimRules('[{claim: a, message: m}]'),
      'jwt[0].claimValidationRules[0].message: Invalid value: "m": may not be specified when claim is set',
    ],
    [
      'a claim twice',
      claimRules('[{claim: a}, {claim: a}]'),
      'jwt[0].claimValidationRules[1].claim: Duplicate value: "a"',
    ],
    [
      'an expression with a value',
      claimRules('[{expression: "true", requiredValue: a}]'),
      'jwt[0].claimValidationRules[0].requiredValue: Invalid value: "a": may not be specified when expression is set',
    ],
    [
      'a claim expression twice',
      claimRules('[{expression: "true"}, {expression: "true"}]'),
      'jwt[0].claimValidationRules[1].expression: Duplicate value: "true"',
    ],
    [
      'a claim expression that is no bool',
      claimRules('[{expression: claims.a}]'),
      'jwt[0].claimValidationRules[0].expression: Invalid value: "claims.a": must evaluate to bool',
    ],
    [
      'no user expression',
      userRules('[{message: m}]'),
      'jwt[0].userValidationRules[0].expression: Required value',
    ],
    [
      'a user expression twice',
      userRules('[{expression: "true"}, {expression: "true"}]'),
      'jwt[0].userValidationRules[1].expression: Duplicate value: "true"',
    ],
    [
      'a user expression that is no bool',
      userRules('[{expression: user.uid}]'),
      'jwt[0].userValidationRules[0].expression: Invalid value: "user.uid": must evaluate to bool',
    ],
    [
      'a URL twice',
      `jwt:\n${entry()}${entry()}`,
      'jwt[1].issuer.url: Duplicate value: "https://issuer.example"',
    ],
    [
      '65 entries',
      `jwt:\n${'- {}\n'.repeat(65)}anonymous: {conditions: [{path: a}]}\n`,
      'jwt: Too many: 65: must have at most 64 items',
    ],
    [
      'conditions of no anonymous requests',
      'anonymous: {conditions: [{path: /a&b}]}\n',
      'anonymous.conditions: Invalid value: [{"Path":"/a\\u0026b"}]: enabled should be set to true when conditions are defined',
    ],
  ])('%s', (_name, text, error) => {
    expect(errorsOf(text)).toEqual([error]);
  });

  it('for an issuer of the cluster’s own', () => {
    const disallowed = ['https://z.example', 'https://issuer.example', 'https://a.example'];
    expect(errorsOf(jwt({}), disallowed)).toEqual([
      'jwt[0].issuer.url: Invalid value: "https://issuer.example": URL must not overlap with disallowed issuers: [https://a.example https://issuer.example https://z.example]',
    ]);
    expect(
      errorsOf(issuer('url: https://b, discoveryURL: https://a.example, audiences: [a]'), disallowed),
    ).toEqual([]);
  });

  it('with all errors, in kube-apiserver’s order', () => {
    const text = `jwt:
- issuer: {url: "http://u@a?b#c", discoveryURL: "http://u@a?b#c", certificateAuthority: x, egressSelectorType: z}
  claimValidationRules: [{}]
  claimMappings: {extra: [{key: A}], uid: {claim: a, expression: b}, groups: {claim: a}}
  userValidationRules: [{}]
- issuer: {url: "http://u@a?b#c", discoveryURL: "http://u@a?b#c"}
anonymous: {conditions: [{}]}
`;
    expect(errorsOf(text).map((error) => error.slice(0, error.indexOf(': ')))).toEqual([
      ...Array(4).fill('jwt[0].issuer.url'),
      ...Array(5).fill('jwt[0].issuer.discoveryURL'),
      'jwt[0].issuer.audiences',
      'jwt[0].issuer.certificateAuthority',
      'jwt[0].issuer.egressSelectorType',
      'jwt[0].claimValidationRules[0]',
      'jwt[0].claimMappings.username',
      'jwt[0].claimMappings.groups.prefix',
      'jwt[0].claimMappings.uid',
      'jwt[0].claimMappings.extra[0].key',
      'jwt[0].claimMappings.extra[0].key',
      'jwt[0].claimMappings.extra[0].valueExpression',
      'jwt[0].userValidationRules[0].expression',
      ...Array(4).fill('jwt[1].issuer.url'),
      ...Array(5).fill('jwt[1].issuer.discoveryURL'),
      'jwt[1].issuer.audiences',
      'jwt[1].claimMappings.username',
      'jwt[1].issuer.url',
      'jwt[1].issuer.discoveryURL',
      'anonymous.conditions',
    ]);
  });
});

describe('a username from claims.email needs claims.email_verified', () => {
  const username = (expression: string): string =>
    mappings(`username: {expression: ${JSON.stringify(expression)}}`);
  it.each([
    'claims.email',
    'claims.?email.orValue("a")',
    'has(claims.email) ? "a" : "b"',
    '(claims).email',
    '.claims.email',
    'claims.email.local',
    '[{"email": 1}].map(claims, claims.email)[0]',
    '{"a": claims.email}.a',
    'claims.email_verified2 ? claims.email : "a"',
    'claims["email_verified"] ? claims.email : "a"',
  ])('%s', (expression) => {
    expect(errorsOf(username(expression))).toEqual([
      `jwt[0].claimMappings.username.expression: Invalid value: ${JSON.stringify(expression)}: claims.email_verified must be used in ` +
        'claimMappings.username.expression or claimMappings.extra[*].valueExpression or claimValidationRules[*].expression when ' +
        'claims.email is used in claimMappings.username.expression',
    ]);
  });
  it.each([
    'claims["email"]',
    'claims[?"email"].orValue("a")',
    '"claims.email"',
    'claims.email_verified ? claims.email : "a"',
    'claims.a.email',
  ])('but not %s', (expression) => {
    expect(errorsOf(username(expression))).toEqual([]);
  });
  it.each([
    [
      'a claim rule',
      jwt({
        mappings: 'username: {expression: claims.email}',
        rest: '  claimValidationRules: [{expression: claims.email_verified == true}]\n',
      }),
      0,
    ],
    [
      'an extra value',
      mappings(
        'username: {expression: claims.email}, extra: [{key: a.org/b, valueExpression: "claims.?email_verified.orValue(false)"}]',
      ),
      0,
    ],
    [
      'groups, where it does not count',
      mappings('username: {expression: claims.email}, groups: {expression: claims.email_verified}'),
      1,
    ],
    [
      'a claim rule by name, where it does not count',
      jwt({
        mappings: 'username: {expression: claims.email}',
        rest: '  claimValidationRules: [{claim: email_verified, requiredValue: "true"}]\n',
      }),
      1,
    ],
    [
      'an extra value that does not compile',
      mappings(
        'username: {expression: claims.email}, extra: [{key: a.org/b, valueExpression: claims.email_verified +}]',
      ),
      2,
    ],
    ['nothing, but with a prefix too many', mappings('username: {expression: claims.email, prefix: a}'), 1],
  ])('in %s', (_name, text, errors) => {
    expect(errorsOf(text)).toHaveLength(errors);
  });
});
