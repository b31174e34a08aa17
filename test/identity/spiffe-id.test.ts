import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findTrustDomainFault, formatSpiffeId, parseSpiffeId } from '../../src/identity/spiffe-id.ts';
import { trustDomains } from './workloads.ts';

const domain255 = `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(63)}`;

describe('parseSpiffeId', () => {
  it.each([
    ['a service account', 'spiffe://cluster.local/ns/default/sa/web', 'cluster.local', 'ns default sa web'],
    ['a path of one segment', 'spiffe://td/a', 'td', 'a'],
    ['a trust domain that looks like an IPv4 address', 'spiffe://10.0.0.1/a', '10.0.0.1', 'a'],
    ['a trust domain of hyphens and underscores', 'spiffe://-_._-/a', '-_._-', 'a'],
    ['upper case in the path', 'spiffe://td/Ns/A', 'td', 'Ns A'],
    ['segments that begin with dots', 'spiffe://td/.../..a/.b', 'td', '... ..a .b'],
    ['a trust domain of 255 bytes', `spiffe://${domain255}/a`, domain255, 'a'],
    ['an ID of 2048 bytes', `spiffe://td/${'x'.repeat(2036)}`, 'td', 'x'.repeat(2036)],
  ])('reads %s', (_, uri, ...[trustDomain, path]) => {
    expect(parseSpiffeId(uri)).toEqual({ ok: true, id: { trustDomain, path: path.split(' ') } });
  });

  it.each([
    ['nothing', '', 'spiffe-scheme'],
    ['another scheme', 'https://td/a', 'spiffe-scheme'],
    ['an upper-case scheme', 'SPIFFE://td/a', 'spiffe-scheme'],
    ['a scheme in mixed case', 'Spiffe://td/a', 'spiffe-scheme'],
    ['a scheme without slashes', 'spiffe:td/a', 'spiffe-scheme'],
    ['a scheme with one slash', 'spiffe:/td/a', 'spiffe-scheme'],
    ['a space before the scheme', ' spiffe://td/a', 'spiffe-scheme'],
    ['no trust domain', 'spiffe:///a', 'spiffe-trust-domain-empty'],
    ['the scheme alone', 'spiffe://', 'spiffe-trust-domain-empty'],
    ['an upper-case trust domain', 'spiffe://Td/a', 'spiffe-trust-domain-upper-case'],
    ['a trust domain of 256 bytes', `spiffe://${domain255}x/a`, 'spiffe-trust-domain-too-long'],
    ['a trust domain in Unicode', 'spiffe://tđ/a', 'spiffe-trust-domain-character'],
    ['a Kelvin sign for a k', 'spiffe://\u212aube/a', 'spiffe-trust-domain-character'],
    ['a NUL in the trust domain', 'spiffe://td\0/a', 'spiffe-trust-domain-character'],
    ['a space in the trust domain', 'spiffe://t d/a', 'spiffe-trust-domain-character'],
    ['a tilde in the trust domain', 'spiffe://t~d/a', 'spiffe-trust-domain-character'],
    ['a backslash after the trust domain', 'spiffe://td\\a', 'spiffe-trust-domain-character'],
    ['a line feed after the trust domain', 'spiffe://td\n/a', 'spiffe-trust-domain-character'],
    ['a trust domain that ends with a dot', 'spiffe://td./a', 'spiffe-trust-domain-label'],
    ['a trust domain that begins with a dot', 'spiffe://.td/a', 'spiffe-trust-domain-label'],
    ['a trust domain that is a dot', 'spiffe://./a', 'spiffe-trust-domain-label'],
    ['a percent-encoded trust domain', 'spiffe://%74d/a', 'spiffe-percent-encoding'],
    ['a user', 'spiffe://user@td/a', 'spiffe-userinfo'],
    ['a user and a password', 'spiffe://user:secret@td/a', 'spiffe-userinfo'],
    ['an empty user', 'spiffe://@td/a', 'spiffe-userinfo'],
    ['a port', 'spiffe://td:443/a', 'spiffe-port'],
    ['an empty port', 'spiffe://td:/a', 'spiffe-port'],
    ['an IPv6 address', 'spiffe://[::1]/a', 'spiffe-port'],
    ['no path', 'spiffe://td', 'spiffe-no-path'],
    ['a path that is a slash', 'spiffe://td/', 'spiffe-trailing-slash'],
    ['a slash at the end', 'spiffe://td/a/', 'spiffe-trailing-slash'],
    ['two slashes at the end', 'spiffe://td/a//', 'spiffe-trailing-slash'],
    ['an empty segment', 'spiffe://td/a//b', 'spiffe-empty-segment'],
    ['an empty first segment', 'spiffe://td//a', 'spiffe-empty-segment'],
    ['a segment that is a dot', 'spiffe://td/./a', 'spiffe-dot-segment'],
    ['a segment that is two dots', 'spiffe://td/a/../b', 'spiffe-dot-segment'],
    ['two dots at the end', 'spiffe://td/a/..', 'spiffe-dot-segment'],
    ['a percent-encoded dot', 'spiffe://td/%2e%2e/a', 'spiffe-percent-encoding'],
    ['a percent-encoded slash', 'spiffe://td/a%2fb', 'spiffe-percent-encoding'],
    ['a percent-encoded letter', 'spiffe://td/%61', 'spiffe-percent-encoding'],
    ['a percent sign alone', 'spiffe://td/100%', 'spiffe-percent-encoding'],
    ['a query', 'spiffe://td/a?b=c', 'spiffe-query'],
    ['an empty query', 'spiffe://td/a?', 'spiffe-query'],
    ['a query instead of a path', 'spiffe://td?a', 'spiffe-query'],
    ['a fragment', 'spiffe://td/a#b', 'spiffe-fragment'],
    ['an empty fragment', 'spiffe://td/a#', 'spiffe-fragment'],
    ['a colon in the path', 'spiffe://td/a:b', 'spiffe-path-character'],
    ['a space in the path', 'spiffe://td/a b', 'spiffe-path-character'],
    ['a tab in the path', 'spiffe://td/a\tb', 'spiffe-path-character'],
    ['a NUL in the path', 'spiffe://td/a\0', 'spiffe-path-character'],
    ['a backslash in the path', 'spiffe://td/a\\b', 'spiffe-path-character'],
    ['a line feed at the end', 'spiffe://td/a\n', 'spiffe-path-character'],
    ['a letter that is not ASCII', 'spiffe://td/ä', 'spiffe-path-character'],
    ['a full-width slash', 'spiffe://td/a\uff0fb', 'spiffe-path-character'],
    ['2049 bytes', `spiffe://td/${'x'.repeat(2037)}`, 'spiffe-too-long'],
    ['2048 characters that are more bytes', `spiffe://td/${'ä'.repeat(2036)}`, 'spiffe-too-long'],
  ])('refuses %s', (_, uri, slug) => {
    const result = parseSpiffeId(uri);
    expect(result.ok ? result.id : result.refusal.code).toBe(`mapping/${slug}`);
  });

  it('accepts a text only if it is, byte for byte, what it formats again', () => {
    const character = fc.constantFrom(...Array.from('spiffe:/ab.AZ09-_%?#@ \0\n\\ä\uff0f'));
    const start = fc.constantFrom('spiffe://', 'spiffe://td/', '');
    const law = fc.property(start, fc.string({ unit: character }), (start, rest) => {
      const result = parseSpiffeId(start + rest);
      return !result.ok || formatSpiffeId(result.id) === start + rest;
    });
    expect(fc.check(law, { numRuns: 2000 })).toMatchObject({ failed: false });
  });

  it('reads every ID of valid parts as those parts', () => {
    const segment = fc.stringMatching(/^[A-Za-z0-9._-]{1,60}$/).filter((text) => !/^\.\.?$/.test(text));
    const path = fc.array(segment, { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(trustDomains, path, (trustDomain, path) => {
        const id = { trustDomain, path };
        expect(parseSpiffeId(formatSpiffeId(id))).toEqual({ ok: true, id });
      }),
    );
  });
});

describe('findTrustDomainFault', () => {
  it.each(['cluster.local', 'a', '_', domain255])('has nothing against %s', (text) => {
    expect(findTrustDomainFault(text)).toBeUndefined();
  });

  it.each([
    ['', 'mapping/spiffe-trust-domain-empty'],
    ['Cluster.local', 'mapping/spiffe-trust-domain-upper-case'],
    ['spiffe://cluster.local', 'mapping/spiffe-trust-domain-character'],
    ['cluster.local\n', 'mapping/spiffe-trust-domain-character'],
  ])('finds fault with %j', (text, code) => {
    expect(findTrustDomainFault(text)).toBe(code);
  });
});
