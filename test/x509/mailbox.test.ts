import { describe, expect, it } from 'vitest';
import { isDomainConstraint, isDomainName } from '../../src/x509/domain-name.ts';
import { parseMailbox } from '../../src/x509/mailbox.ts';

describe('a mailbox', () => {
  it.each([
    ['alice@example.com', 'alice', 'example.com'],
    ['a.b+c@example.com', 'a.b+c', 'example.com'],
    ['"a b@c"@example.com', 'a b@c', 'example.com'],
    [String.raw`"a\"b"@example.com`, 'a"b', 'example.com'],
    ['""@example.com', '', 'example.com'],
    ['".."@example.com', '..', 'example.com'],
    [String.raw`a\@b@example.com`, 'a@b', 'example.com'],
    ['invalid@address@example.com', 'invalid', 'address@example.com'],
    ['a@', 'a', ''],
  ])('%s is %j at %s', (text, local, domain) => {
    expect(parseMailbox(text)).toEqual({ local, domain });
  });

  it.each([
    '',
    'alice',
    '@example.com',
    '.a@example.com',
    'a.@example.com',
    'a..b@example.com',
    'a b@example.com',
    '"a@example.com',
    '"a"b@example.com',
    '"a\nb"@example.com',
    'a\\',
    'a@example.com.',
    'a@exa mple.com',
    '"a\\',
  ])('%j is none', (text) => {
    expect(parseMailbox(text)).toBeUndefined();
  });

  it('is read in one go, however long it is', () => {
    expect(parseMailbox(`${'a.'.repeat(60_000)}a@x`)?.domain).toBe('x');
    expect(parseMailbox('\\'.repeat(120_000))).toBeUndefined();
  });
});

describe('a domain name', () => {
  it.each(['', 'a', 'a.b', 'a_b.*', 'x'.repeat(300)])('may be %j', (text) => {
    expect(isDomainName(text)).toBe(true);
  });

  it.each(['.', '.a', 'a.', 'a..b', 'a b', 'a\0b', 'é'])('is not %j', (text) => {
    expect(isDomainName(text)).toBe(false);
  });

  it('may begin with a dot as a constraint', () => {
    expect(isDomainConstraint('.a.b')).toBe(true);
    expect(['.', '..a', '.a.', 'a.'].some(isDomainConstraint)).toBe(false);
  });
});
