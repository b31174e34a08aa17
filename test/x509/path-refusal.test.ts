import { describe, expect, it } from 'vitest';
import { goQuote } from '../../src/x509/go-text.ts';
import { describeVerificationFailure } from '../../src/x509/path-refusal.ts';
import { integer } from './der-writer.ts';
import { authorityKeyId, entity, issue, parsed, subjectKeyId } from './raw-certificate.ts';

describe('a refusal', () => {
  it('names the certificate as kube-apiserver does', () => {
    const extensions = [subjectKeyId(Buffer.of(0xaa, 0x0b)), authorityKeyId(Buffer.of(0x0a, 0x1b, 0x2c))];
    const leaf = parsed(issue(entity('a'), entity('b'), { serialNumber: integer(17n), extensions }));
    expect(describeVerificationFailure(leaf, { code: 'path/unknown-authority', certificate: leaf })).toBe(
      'verifying certificate SN=17, SKID=AA:0B, AKID=0A:1B:2C failed: x509: certificate signed by unknown authority',
    );
  });

  it('names it also without key identifiers', () => {
    const leaf = parsed(issue(entity('a'), entity('b')));
    expect(describeVerificationFailure(leaf, { code: 'path/key-usage' })).toBe(
      'verifying certificate SN=7, SKID=, AKID= failed: x509: certificate specifies an incompatible key usage',
    );
  });
});

describe('a quoted text', () => {
  it.each([
    ['letters of any script', 'aé漢', '"aé漢"'],
    ['quotes and backslashes', 'a"\\', String.raw`"a\"\\"`],
    ['control characters', '\u0007\b\f\n\r\t\v\0\u001b', String.raw`"\a\b\f\n\r\t\v\x00\x1b"`],
    ['spaces that are not ASCII', '\u00a0\u2028', String.raw`"\u00a0\u2028"`],
    ['what lies beyond the first plane', '😀\u{e0001}', String.raw`"😀\U000e0001"`],
  ])('is quoted as Go quotes it: %s', (_, text, quoted) => {
    expect(goQuote(text)).toBe(quoted);
  });
});
