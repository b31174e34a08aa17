import { describe, expect, it } from 'vitest';
import { MalformedError } from '../../src/x509/der.ts';
import { findForbiddenName } from '../../src/x509/name-constraints.ts';
import { parseNameConstraints } from '../../src/x509/name-constraints-extension.ts';
import { element, explicit, extension, integer, sequence } from './der-writer.ts';
import {
  alternativeNames,
  authorityConstraints,
  entity,
  issue,
  nameConstraints,
  parsed,
} from './raw-certificate.ts';

type Names = readonly (readonly [number, Buffer | string])[];

const EMAIL = 1;
const DNS = 2;
const URI = 6;
const IP = 7;

const root = entity('root');
const leaf = entity('leaf');

/** What a leaf with these names is told by an authority with these constraints. */
function objection(names: Names, permitted: Names, excluded: Names = []): string | undefined {
  const authority = issue(root, root, {
    extensions: [authorityConstraints(), nameConstraints(permitted, excluded)],
  });
  const extensions = names.length === 0 ? [] : [alternativeNames(...names)];
  return findForbiddenName([parsed(issue(leaf, root, { extensions })), parsed(authority)]);
}

function range(...octets: readonly number[]): Buffer {
  return Buffer.from(octets);
}

const TEN = range(10, 0, 0, 0, 255, 0, 0, 0);

describe('a permitted subtree', () => {
  it.each([
    ['a domain itself', [[DNS, 'example.com']], [[DNS, 'example.com']]],
    ['what is below it', [[DNS, 'a.b.example.com']], [[DNS, 'example.com']]],
    ['whatever the case', [[DNS, 'A.eXample.com']], [[DNS, 'ExamplE.com']]],
    ['a wildcard below it', [[DNS, '*.example.com']], [[DNS, 'example.com']]],
    ['a domain below a leading dot', [[DNS, 'a.example.com']], [[DNS, '.example.com']]],
    ['everything where it is empty', [[DNS, 'a.b']], [[DNS, '']]],
    [
      'any of several',
      [[DNS, 'b.org']],
      [
        [DNS, 'a.com'],
        [DNS, 'b.org'],
        [DNS, 'a-a.com'],
      ],
    ],
    [
      'names of another kind',
      [
        [URI, 'spiffe://td/x'],
        [EMAIL, 'a@b'],
      ],
      [[DNS, 'example.com']],
    ],
    ['a name with an underscore', [[DNS, 'a_b.example.com']], [[DNS, 'example.com']]],
    ['the host of a URI', [[URI, 'spiffe://td.example/a']], [[URI, 'TD.example']]],
    ['the host of a URI with a port', [[URI, 'https://u@td.example:80/a']], [[URI, 'td.example']]],
    ['a host below that of a URI', [[URI, 'spiffe://a.td.example/a']], [[URI, '.td.example']]],
    ['a mailbox', [[EMAIL, 'bob@EXAMPLE.com']], [[EMAIL, 'bob@example.com']]],
    [
      'one mailbox of two domains',
      [
        [EMAIL, 'bob@a.com'],
        [EMAIL, 'bob@b.com'],
      ],
      [
        [EMAIL, 'bob@a.com'],
        [EMAIL, 'bob@b.com'],
      ],
    ],
    ['a quoted mailbox', [[EMAIL, '"bob"@example.com']], [[EMAIL, 'bob@example.com']]],
    ['the domain of a mailbox', [[EMAIL, 'bob@example.com']], [[EMAIL, 'example.com']]],
    ['an address', [[IP, range(10, 1, 2, 3)]], [[IP, TEN]]],
    [
      'an address of a range written with host bits',
      [[IP, range(10, 1, 2, 3)]],
      [
        [IP, range(9, 0, 0, 0, 255, 0, 0, 0)],
        [IP, range(10, 9, 9, 9, 255, 0, 0, 0)],
      ],
    ],
    [
      'any address of its family with mask 0',
      [[IP, range(1, 2, 3, 4)]],
      [[IP, range(0, 0, 0, 0, 0, 0, 0, 0)]],
    ],
    ['a certificate without names', [], [[DNS, 'example.com']]],
  ] as const)('permits %s', (_, names, permitted) => {
    expect(objection(names, permitted)).toBeUndefined();
  });

  it.each([
    [
      'a domain that only ends like it',
      [[DNS, 'badexample.com']],
      [[DNS, 'example.com']],
      'DNS name "badexample.com" is not permitted by any constraint',
    ],
    [
      'a domain above it',
      [[DNS, 'com']],
      [[DNS, 'example.com']],
      'DNS name "com" is not permitted by any constraint',
    ],
    [
      'the domain itself where it begins with a dot',
      [[DNS, 'example.com']],
      [[DNS, '.example.com']],
      'DNS name "example.com" is not permitted by any constraint',
    ],
    [
      'a wildcard that is wider',
      [[DNS, '*.example.com']],
      [[DNS, 'a.example.com']],
      'DNS name "*.example.com" is not permitted by any constraint',
    ],
    [
      'one name of two',
      [
        [DNS, 'a.com'],
        [DNS, 'b.org'],
      ],
      [[DNS, 'a.com']],
      'DNS name "b.org" is not permitted by any constraint',
    ],
    [
      'another host',
      [[URI, 'spiffe://other/x']],
      [[URI, 'td']],
      'URI "spiffe://other/x" is not permitted by any constraint',
    ],
    [
      'a host behind userinfo',
      [[URI, 'spiffe://td@evil/x']],
      [[URI, 'td']],
      'URI "spiffe://td@evil/x" is not permitted by any constraint',
    ],
    [
      'another mailbox',
      [[EMAIL, 'Bob@a.com']],
      [[EMAIL, 'bob@a.com']],
      'email address "Bob@a.com" is not permitted by any constraint',
    ],
    [
      'another address',
      [[IP, range(11, 0, 0, 1)]],
      [[IP, TEN]],
      'IP address "11.0.0.1" is not permitted by any constraint',
    ],
    [
      'an IPv6 address by an IPv4 range',
      [[IP, Buffer.alloc(16, 1)]],
      [[IP, TEN]],
      'IP address "101:101:101:101:101:101:101:101" is not permitted by any constraint',
    ],
    [
      'an IPv4-mapped address by an IPv4 range',
      [[IP, Buffer.from('00000000000000000000ffff0a010101', 'hex')]],
      [[IP, TEN]],
      'IP address "10.1.1.1" is not permitted by any constraint',
    ],
  ] as const)('does not permit %s', (_, names, permitted, expected) => {
    expect(objection(names, permitted)).toBe(expected);
  });
});

describe('an excluded subtree', () => {
  it.each([
    [
      'a domain below',
      [[DNS, 'x.bad.com']],
      [[DNS, 'bad.com']],
      'DNS name "x.bad.com" is excluded by constraint "bad.com"',
    ],
    [
      'a domain in another case',
      [[DNS, 'BAD.com']],
      [[DNS, 'bad.COM']],
      'DNS name "BAD.com" is excluded by constraint "bad.COM"',
    ],
    [
      'everything where it is empty',
      [[DNS, 'a.b']],
      [[DNS, '']],
      'DNS name "a.b" is excluded by constraint ""',
    ],
    [
      'a wildcard that stands for it',
      [[DNS, '*.example.com']],
      [[DNS, 'a.example.com']],
      'DNS name "*.example.com" is excluded by constraint "a.example.com"',
    ],
    [
      'a wildcard that stands for it in another case',
      [[DNS, '*.EXAMPLE.com']],
      [[DNS, 'a.Example.com']],
      'DNS name "*.EXAMPLE.com" is excluded by constraint "a.Example.com"',
    ],
    [
      'a host',
      [[URI, 'https://a.bad.com/']],
      [[URI, 'bad.com']],
      'URI "https://a.bad.com/" is excluded by constraint "bad.com"',
    ],
    [
      'a mailbox',
      [[EMAIL, 'bob@A.com']],
      [[EMAIL, 'bob@a.com']],
      'email address "bob@a.com" is excluded by constraint "bob@a.com"',
    ],
    [
      'a mailbox by its domain',
      [[EMAIL, 'bob@x.a.com']],
      [[EMAIL, 'a.com']],
      'email address "bob@x.a.com" is excluded by constraint "a.com"',
    ],
    [
      'an address',
      [[IP, range(10, 1, 2, 3)]],
      [[IP, TEN]],
      'IP address "10.1.2.3" is excluded by constraint "10.0.0.0/8"',
    ],
    [
      'an IPv6 address',
      [[IP, Buffer.alloc(16, 1)]],
      [[IP, Buffer.concat([Buffer.alloc(16, 1), Buffer.alloc(16, 255)])]],
      'IP address "101:101:101:101:101:101:101:101" is excluded by constraint "101:101:101:101:101:101:101:101/128"',
    ],
  ] as const)('excludes %s', (_, names, excluded, expected) => {
    expect(objection(names, [], excluded)).toBe(expected);
  });

  it.each([
    ['a domain that only ends like it', [[DNS, 'abad.com']], [[DNS, 'bad.com']]],
    ['a wildcard that is one label above it', [[DNS, '*.example.com']], [[DNS, 'a.b.example.com']]],
    ['a wildcard of one label', [[DNS, '*']], [[DNS, 'com']]],
    ['the domain itself where it begins with a dot', [[DNS, 'example.com']], [[DNS, '.example.com']]],
    ['another address', [[IP, range(11, 1, 2, 3)]], [[IP, TEN]]],
  ] as const)('does not exclude %s', (_, names, excluded) => {
    expect(objection(names, [], excluded)).toBeUndefined();
  });

  it('excludes also what is permitted', () => {
    expect(objection([[DNS, 'a.b.com']], [[DNS, 'b.com']], [[DNS, 'a.b.com']])).toMatch(/excluded/);
  });
});

describe('under any constraint, even of another kind,', () => {
  it.each([
    [
      'a URI without a host',
      [[URI, 'urn:x']],
      'URI with empty host ("urn:x") cannot be matched against constraints',
    ],
    [
      'a URI with an IPv4 address',
      [[URI, 'https://10.0.0.1/']],
      'URI with IP ("https://10.0.0.1/") cannot be matched against constraints',
    ],
    [
      'a URI with an IPv6 address',
      [[URI, 'https://[::1]/']],
      'URI with IP ("https://[::1]/") cannot be matched against constraints',
    ],
    [
      'a URI with an IPv6 address and a port',
      [[URI, 'https://[::1]:1/']],
      'URI with IP ("https://[::1]:1/") cannot be matched against constraints',
    ],
    [
      'a URI with several ports',
      [[URI, 'db://a:1,b:2/']],
      'cannot parse URI host "a:1,b:2": address a:1,b:2: too many colons in address',
    ],
    ['no mailbox', [[EMAIL, 'nobody']], 'cannot parse rfc822Name "nobody"'],
    ['a DNS name that ends in a dot', [[DNS, 'a.b.']], 'x509: cannot parse dnsName "a.b."'],
    ['a DNS name that begins with a dot', [[DNS, '.a.b']], 'x509: cannot parse dnsName ".a.b"'],
    ['a DNS name with a NUL', [[DNS, 'a\0.b']], String.raw`x509: cannot parse dnsName "a\x00.b"`],
  ] as const)('is refused: %s', (_, names, expected) => {
    expect(objection(names, [[IP, TEN]])).toBe(expected);
  });
});

describe('name constraints', () => {
  const constrained = [authorityConstraints(), nameConstraints([[DNS, 'example.com']])];
  const other = alternativeNames([DNS, 'other.org']);

  it('hold for every certificate below, also one that is self-issued or an authority', () => {
    const anchor = parsed(issue(root, root, { extensions: constrained }));
    const between = parsed(issue(root, root, { extensions: [authorityConstraints(), other] }));
    const end = parsed(issue(leaf, root));
    expect(findForbiddenName([end, between, anchor])).toMatch(/other.org/);
  });

  it('do not hold for the certificate that has them, nor for those above', () => {
    const anchor = parsed(issue(root, root, { extensions: [authorityConstraints(), other] }));
    const between = parsed(issue(root, root, { extensions: [...constrained, other] }));
    const end = parsed(issue(leaf, root, { extensions: [alternativeNames([DNS, 'a.example.com'])] }));
    expect(findForbiddenName([end, between, anchor])).toBeUndefined();
    expect(findForbiddenName([between])).toBeUndefined();
  });

  it('narrow each other', () => {
    const anchor = parsed(issue(root, root, { extensions: constrained }));
    const narrower = [authorityConstraints(), nameConstraints([[DNS, 'a.example.com']])];
    const between = parsed(issue(root, root, { extensions: narrower }));
    const end = parsed(issue(leaf, root, { extensions: [alternativeNames([DNS, 'b.example.com'])] }));
    expect(findForbiddenName([end, between, anchor])).toMatch(/b.example.com/);
    expect(findForbiddenName([end, anchor])).toBeUndefined();
  });

  it('are looked up in one walk, however many there are', () => {
    const many = Array.from({ length: 2000 }, (_, index) => [DNS, `p${index}.example.com`] as const);
    const names = many.map(([kind, domain]) => [kind, `a.${domain}`] as const);
    expect(objection(names, many)).toBeUndefined();
    expect(objection([[DNS, 'a.'.repeat(10_000).concat('b')]], many)).toMatch(/not permitted/);
  });
});

describe('a NameConstraints extension', () => {
  const base = (tag: number, contents: string | Buffer): Buffer =>
    sequence(element(tag, Buffer.from(contents)));
  const permit = (...bases: readonly Buffer[]): Buffer => sequence(explicit(0, ...bases));

  it.each([
    ['nothing', sequence(), 'x509: empty name constraints extension'],
    ['two empty lists', sequence(explicit(0), explicit(1)), 'x509: empty name constraints extension'],
    [
      'octets after it',
      Buffer.concat([permit(base(0x82, 'a')), Buffer.of(0)]),
      'x509: invalid NameConstraints extension',
    ],
    [
      'a third list',
      sequence(explicit(0, base(0x82, 'a')), explicit(2)),
      'x509: invalid NameConstraints extension',
    ],
    ['no sequence', integer(1n), 'x509: invalid NameConstraints extension'],
    [
      'a domain with a space',
      permit(base(0x82, 'exa mple..com')),
      'x509: failed to parse dnsName constraint "exa mple..com"',
    ],
    [
      'a domain beyond ASCII',
      permit(base(0x82, Buffer.of(0x61, 0xff))),
      String.raw`x509: invalid constraint value: x509: "a\xff" cannot be encoded as an IA5String`,
    ],
    ['no mailbox', permit(base(0x81, '@')), 'x509: failed to parse rfc822Name constraint "@"'],
    [
      'no domain for mailboxes',
      permit(base(0x81, 'a..b')),
      'x509: failed to parse rfc822Name constraint "a..b"',
    ],
    [
      'an address for URIs',
      permit(base(0x86, '1.2.3.4')),
      'x509: failed to parse URI constraint "1.2.3.4": cannot be IP address',
    ],
    ['no domain for URIs', permit(base(0x86, 'a.')), 'x509: failed to parse URI constraint "a."'],
    [
      'an address without a mask',
      permit(base(0x87, range(1, 2, 3, 4))),
      'x509: IP constraint contained value of length 4',
    ],
    [
      'a mask with a hole',
      permit(base(0x87, range(1, 2, 3, 4, 255, 0, 255, 0))),
      'x509: IP constraint contained invalid mask ff00ff00',
    ],
  ])('is refused with %s', (_, value, error) => {
    expect(() => parseNameConstraints(value)).toThrow(new MalformedError(error));
  });

  it('may have minimum and maximum, which are not looked at', () => {
    const subtree = sequence(
      element(0x82, Buffer.from('a')),
      element(0x80, Buffer.of(1)),
      element(0x81, Buffer.of(2)),
    );
    expect(parseNameConstraints(permit(subtree)).permitted.dnsDomains).toEqual(['a']);
  });

  it('says where it constrains what is not understood', () => {
    expect(parseNameConstraints(permit(base(0xa4, ''))).hasUnsupported).toBe(true);
    expect(parseNameConstraints(permit(base(0x82, 'a'))).hasUnsupported).toBe(false);
  });

  it('is refused beyond as many constraints as none in use has', () => {
    const many = Array.from({ length: 4097 }, () => base(0x82, 'a'));
    expect(() => parseNameConstraints(permit(...many))).toThrow(/more than 4096 name constraints/);
  });
});

describe('an authority with constraints that are not understood', () => {
  it('constrains what is understood all the same where the extension is not critical', () => {
    const mixed = sequence(
      explicit(0, sequence(element(0xa4)), sequence(element(0x82, Buffer.from('a.com')))),
    );
    const anchor = parsed(issue(root, root, { extensions: [extension('2.5.29.30', mixed)] }));
    const end = parsed(issue(leaf, root, { extensions: [alternativeNames([DNS, 'b.org'])] }));
    expect(findForbiddenName([end, anchor])).toMatch(/b.org/);
  });
});
