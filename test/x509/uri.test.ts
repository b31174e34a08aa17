import { describe, expect, it } from 'vitest';
import { goQuote } from '../../src/x509/go-text.ts';
import { parseUri } from '../../src/x509/uri.ts';
import { formatUri } from '../../src/x509/uri-text.ts';

function print(text: string): string {
  const result = parseUri(text);
  return result.ok ? formatUri(result.uri) : `refused: ${result.error}`;
}

function host(text: string): string {
  const result = parseUri(text);
  return result.ok ? result.uri.host : `refused: ${result.error}`;
}

describe('a URI', () => {
  it.each([
    'spiffe://td.example/ns/default/sa/x',
    'https://user:pw@h.example:8443/p%20q?x=1#f',
    'spiffe://td/%2e%2e/admin',
    'spiffe://td:/a',
    'http://[::1]:80/x',
    'http://[fe80::1%25eth0]/',
    'urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66',
    'mailto:a@b.example',
    'file:/etc/passwd',
    'relative/path',
    '//host/path',
    '/path?',
    '*',
    '',
    'spiffe://td/a?b?c=%zz',
  ])('%s is printed as it is', (text) => {
    expect(print(text)).toBe(text);
  });

  it.each([
    ['a space in the path is escaped', 'spiffe://td/a b', 'spiffe://td/a%20b'],
    ['the scheme is lower-case', 'SPIFFE://TD/a', 'spiffe://TD/a'],
    ['an empty fragment is dropped', 'http://h/#', 'http://h/'],
    ['an escape that need not be is kept', 'http://h/%41', 'http://h/%41'],
    ['userinfo is escaped anew', 'http://a@b:c@h/', 'http://a%40b:c@h/'],
    ['a fragment is escaped', 'http://h/#a b', 'http://h/#a%20b'],
    ['a host beyond ASCII is escaped', 'http://h%ff/', 'http://h%FF/'],
  ])('is printed as Go prints it: %s', (_, text, printed) => {
    expect(print(text)).toBe(printed);
  });

  it.each([
    ['user@host is the host', 'spiffe://td.example@evil.example/a', 'evil.example'],
    ['the last @ counts', 'http://a@b@c/', 'c'],
    ['a query ends the host', 'spiffe://evil.example?@td.example/a', 'evil.example'],
    ['a fragment ends the host', 'spiffe://evil.example#@td.example/a', 'evil.example'],
    ['a slash ends the host', 'spiffe://evil.example/@td.example/a', 'evil.example'],
    ['three slashes and a scheme: an empty host', 'spiffe:///a', ''],
    ['three slashes and no scheme: a path', '///a', ''],
    ['a rootless path has no host', 'spiffe:td.example/a', ''],
    ['of several colons the last is the port', 'mongodb://a:1,b:2/', 'a:1,b:2'],
  ])('has the host that Go sees: %s', (_, text, expected) => {
    expect(host(text)).toBe(expected);
  });

  it.each([
    ['a control character', 'spiffe://td/a\nb', 'net/url: invalid control character in URL'],
    ['a DEL', 'spiffe://td/a\u007f', 'net/url: invalid control character in URL'],
    ['no scheme before the colon', ':a', 'missing protocol scheme'],
    ['a colon in the first segment', '1foo:bar', 'first path segment in URL cannot contain colon'],
    ['a space in the host', 'spiffe://t d/a', 'invalid character " " in host name'],
    ['a backslash in the host', 'http://a\\b/', 'invalid character "\\\\" in host name'],
    ['a backslash in the userinfo', 'spiffe://evil\\@td/a', 'net/url: invalid userinfo'],
    ['an escaped ASCII character in the host', 'spiffe://td%2eexample/a', 'invalid URL escape "%2e"'],
    ['an escape that is none', 'spiffe://td/%zz', 'invalid URL escape "%zz"'],
    ['an escape that is cut off', 'spiffe://td/%2', 'invalid URL escape "%2"'],
    ['an escape that is none, in the userinfo', 'http://%zz@td/', 'invalid URL escape "%zz"'],
    ['letters for a port', 'spiffe://td:x/a', 'invalid port ":x" after host'],
    ['two colons in http', 'http://a:b:80/', 'invalid port ":b:80" after host'],
    ['two colons in https', 'https://::1/', 'invalid port "::1" after host'],
    ['a bracket that does not close', 'http://[::1/', "missing ']' in host"],
    ['a bracket inside', 'http://a[::1]/', 'invalid IP-literal'],
    ['an IPv4 address in brackets', 'http://[1.2.3.4]/', 'invalid IP-literal'],
    ['letters for a port after brackets', 'http://[::1]x/', 'invalid port "x" after host'],
    [
      'a zone with an escape of what a host may not have',
      'http://[fe80::1%25%2f]/',
      'invalid URL escape "%2f"',
    ],
  ])('is refused with %s', (_, text, error) => {
    expect(parseUri(text)).toEqual({ ok: false, error: `parse ${goQuote(text)}: ${error}` });
  });

  it('is refused with no address in brackets', () => {
    expect(print('http://[zz]/')).toMatch(/^refused: .*invalid host: ParseAddr/);
    expect(print('http://[::1%25]/')).toMatch(/^refused: .*invalid host: ParseAddr/);
  });

  it('is refused as a whole where the fragment is at fault', () => {
    expect(parseUri('http://h/#%zz')).toEqual({
      ok: false,
      error: 'parse "http://h/#%zz": invalid URL escape "%zz"',
    });
  });
});
