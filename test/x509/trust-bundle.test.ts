import { describe, expect, it } from 'vitest';
import { readPemBlocks, toPem } from '../../src/x509/pem.ts';
import { parseChain, parseTrustBundle } from '../../src/x509/trust-bundle.ts';
import { integer } from './der-writer.ts';
import { authorityConstraints, entity, issue } from './raw-certificate.ts';

const root = entity('root');
const one = toPem(issue(root, root, { extensions: [authorityConstraints()] }), 'CERTIFICATE');
const two = toPem(issue(entity('two'), root), 'CERTIFICATE');
const negative = toPem(issue(root, root, { serialNumber: integer(-1n) }), 'CERTIFICATE');
const key = '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n';
const withHeaders = one.replace('-----\n', '-----\nProc-Type: 4,ENCRYPTED\n\n');
const NO_CERTIFICATES = 'data does not contain any valid RSA or ECDSA certificates';

function anchors(pem: string): number | string {
  const result = parseTrustBundle(pem);
  return result.ok ? result.bundle.anchors.length : result.error;
}

describe('a trust bundle', () => {
  it.each([
    ['one certificate', one, 1],
    ['several, with text between', `# first\n${one}\nsecond\n${two}`, 2],
    ['the same one twice', one + one, 1],
    ['a key, which is skipped', key + one, 1],
    ['one with headers, which is skipped', withHeaders + two, 1],
    ['a block that does not end, which is skipped', `-----BEGIN CERTIFICATE-----\nAAAA\n${one}`, 1],
    [
      'a block that is no base64, which is skipped',
      `-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n${one}`,
      1,
    ],
    ['CRLF', one.replaceAll('\n', '\r\n'), 1],
    ['spaces in the base64', one.replaceAll(/^(M.{10})/gm, '$1 \t'), 1],
    ['no newline at the end', one.trimEnd(), 1],
    ['nothing', '', NO_CERTIFICATES],
    ['no certificate', key, NO_CERTIFICATES],
    ['headers only', withHeaders, NO_CERTIFICATES],
    ['one that does not parse, which refuses all', one + negative, 'x509: negative serial number'],
    [
      'a certificate under another label',
      one.replaceAll('CERTIFICATE', 'TRUSTED CERTIFICATE'),
      NO_CERTIFICATES,
    ],
    ['an end of another label', one.replace('END CERTIFICATE', 'END X'), NO_CERTIFICATES],
  ])('of %s', (_, pem, expected) => {
    expect(anchors(pem)).toBe(expected);
  });

  it('counts what it skips', () => {
    const result = parseTrustBundle(key + withHeaders + one);
    expect(result.ok && result.bundle.skippedBlocks).toBe(2);
  });

  it.each([
    ['a byte order mark', (whole: string) => `\ufeff${one}${whole}`],
    ['a missing line end', (whole: string) => `${one.trimEnd()}${one}${whole}`],
    ['a cut', (whole: string) => `${whole}${one.slice(0, 100)}`],
  ])('counts what is lost by %s', (_, damage) => {
    const result = parseTrustBundle(damage(one));
    expect(result.ok && [result.bundle.anchors.length, result.bundle.skippedBlocks]).toEqual([
      1,
      damage(one).split('BEGIN').length - 2,
    ]);
  });

  it('has a generation that is that of its anchors in their order', () => {
    const generation = (pem: string): string => {
      const result = parseTrustBundle(pem);
      return result.ok ? result.bundle.generation : result.error;
    };
    expect(generation(`# comment\n${key}${one}${one}`)).toBe(generation(one));
    expect(generation(one + two)).not.toBe(generation(one));
    expect(generation(one + two)).not.toBe(generation(two + one));
  });
});

describe('a chain', () => {
  it('keeps its order and its duplicates', () => {
    const result = parseChain(two + one + one);
    expect(result.ok && result.chain.length).toBe(3);
    expect(parseChain('')).toEqual({ ok: false, error: NO_CERTIFICATES });
  });
});

describe('a PEM block', () => {
  it('is read with its label', () => {
    expect(readPemBlocks(key)).toEqual([{ label: 'PRIVATE KEY', hasHeaders: false, bytes: Buffer.alloc(3) }]);
  });
});
