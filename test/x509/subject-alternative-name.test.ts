import { describe, expect, it } from 'vitest';
import { MalformedError } from '../../src/x509/der.ts';
import { limits } from '../../src/x509/limits.ts';
import { parseSubjectAlternativeNames } from '../../src/x509/subject-alternative-name.ts';
import { element, sequence } from './der-writer.ts';

const EMAIL = 0x81;
const DNS = 0x82;
const URI = 0x86;
const IP = 0x87;

function names(...list: readonly (readonly [number, string])[]): Buffer {
  return sequence(...list.map(([tag, text]) => element(tag, Buffer.from(text, 'latin1'))));
}

describe('subject alternative names', () => {
  it('are kept exactly, of each kind in their order, and others are passed over', () => {
    const list = names(
      [DNS, 'a.com, DNS:b.com'],
      [0xa0, ''],
      [URI, 'spiffe://td/a b'],
      [DNS, 'a\0b'],
      [URI, 'urn:x'],
      [EMAIL, 'x'],
      [0x88, ''],
    );
    expect(parseSubjectAlternativeNames(list)).toEqual({
      dnsNames: ['a.com, DNS:b.com', 'a\0b'],
      emailAddresses: ['x'],
      uris: ['spiffe://td/a b', 'urn:x'],
      ipAddresses: [],
    });
  });

  it.each([
    ['a DNS name beyond ASCII', names([DNS, 'é']), 'x509: SAN dNSName is malformed'],
    ['an email address beyond ASCII', names([EMAIL, 'é']), 'x509: SAN rfc822Name is malformed'],
    ['a URI beyond ASCII', names([URI, 'http://é']), 'x509: SAN uniformResourceIdentifier is malformed'],
    [
      'a URI that does not parse',
      names([URI, 'http://a b/']),
      'x509: cannot parse URI "http://a b/": parse "http://a b/": invalid character " " in host name',
    ],
    [
      'a URI with an empty label',
      names([URI, 'spiffe://a..b/x']),
      'x509: cannot parse URI "spiffe://a..b/x": invalid domain',
    ],
    [
      'a URI whose host ends in a dot',
      names([URI, 'spiffe://td./a']),
      'x509: cannot parse URI "spiffe://td./a": invalid domain',
    ],
    ['an address of 3 octets', names([IP, 'abc']), 'x509: cannot parse IP address of length 3'],
    ['an address of no octets', names([IP, '']), 'x509: cannot parse IP address of length 0'],
  ])('are refused with %s', (_, list, error) => {
    expect(() => parseSubjectAlternativeNames(list)).toThrow(new MalformedError(error));
  });

  it('are refused beyond as many as none in use has', () => {
    const many = Array.from({ length: limits.subjectAlternativeNames + 1 }, () => [DNS, 'a'] as const);
    expect(() => parseSubjectAlternativeNames(names(...many))).toThrow(
      /more than 4096 subject alternative names/,
    );
    expect(parseSubjectAlternativeNames(names(...many.slice(1))).dnsNames).toHaveLength(4096);
  });
});
