import { describe, expect, it } from 'vitest';
import { DerReader, MalformedError } from '../../src/x509/der.ts';
import { readObjectIdentifier } from '../../src/x509/object-identifier.ts';

function reader(hex: string): DerReader {
  return new DerReader(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
}

describe('a DER reader', () => {
  it.each([
    ['an indefinite length', '30 80 00 00'],
    ['a long form where the short one would do', '30 81 05 0000000000'],
    ['a length with a leading zero', `30 82 00 80 ${'00'.repeat(128)}`],
    ['a length in more than four octets', '30 85 0000000001 00'],
    ['a length beyond the end', '30 05 0000'],
    ['a length whose octets are cut off', '30 82 01'],
    ['a tag number in more than one octet', '3f 81 01 00'],
    ['nothing', ''],
    ['a tag alone', '30'],
  ])('refuses %s', (_, hex) => {
    expect(() => reader(hex).read(0x30, 'no sequence')).toThrow(new MalformedError('no sequence'));
  });

  it('refuses an element of another tag', () => {
    expect(() => reader('31 00').read(0x30, 'no sequence')).toThrow(MalformedError);
  });

  it('reads a length of several octets in its shortest form', () => {
    expect(reader(`04 82 01 00 ${'ab'.repeat(256)}`).readContents(0x04, 'bad')).toHaveLength(256);
  });

  it('leaves an optional element that is not there', () => {
    const input = reader('02 01 05');
    expect(input.readOptional(0xa0, 'bad')).toBeUndefined();
    expect(input.readInteger('bad')).toBe(5n);
    expect(input.isEmpty()).toBe(true);
  });

  it('does not follow nesting further than it is asked', () => {
    const deep = Buffer.concat([
      ...Array.from({ length: 20_000 }, () => Buffer.of(0x30, 0x80)),
      Buffer.of(0x30, 0),
    ]);
    expect(() => new DerReader(deep).read(0x30, 'bad')).toThrow(MalformedError);
  });
});

describe('an INTEGER', () => {
  it.each([
    ['zero', '02 01 00', 0n],
    ['the largest of one octet', '02 01 7f', 127n],
    ['a sign octet', '02 02 00 80', 128n],
    ['minus one', '02 01 ff', -1n],
    ['a negative of two octets', '02 02 ff 7f', -129n],
    ['more than 64 bits', '02 09 01 0000000000000000', 2n ** 64n],
  ])('may be %s', (_, hex, value) => {
    expect(reader(hex).readInteger('bad')).toBe(value);
  });

  it.each([
    ['without octets', '02 00'],
    ['with a superfluous zero', '02 02 00 7f'],
    ['with a superfluous ff', '02 02 ff 80'],
  ])('is refused %s', (_, hex) => {
    expect(() => reader(hex).readInteger('bad')).toThrow(MalformedError);
  });

  it('is refused as a small one beyond 64 bits', () => {
    expect(reader('02 08 7fffffffffffffff').readSmallInteger('bad')).toBeGreaterThan(2 ** 62);
    expect(() => reader('02 09 00ffffffffffffffff').readSmallInteger('bad')).toThrow(MalformedError);
  });
});

describe('a BOOLEAN', () => {
  it('is 00 or ff', () => {
    expect(reader('01 01 ff').readBoolean('bad')).toBe(true);
    expect(reader('01 01 00').readBoolean('bad')).toBe(false);
  });

  it.each([['01 01 01'], ['01 00'], ['01 02 ffff']])('is not %s', (hex) => {
    expect(() => reader(hex).readBoolean('bad')).toThrow(MalformedError);
  });
});

describe('a BIT STRING', () => {
  it('gives its octets, and shifts unused bits out of octets', () => {
    expect(reader('03 02 04 a0').readBits('bad').toString('hex')).toBe('a0');
    expect(reader('03 03 04 ab c0').readOctetsOfBits('bad').toString('hex')).toBe('0abc');
  });

  it.each([
    ['without a count of unused bits', '03 00'],
    ['with more than seven unused bits', '03 02 08 00'],
    ['with unused bits of nothing', '03 01 01'],
    ['with unused bits that are set', '03 02 04 a1'],
  ])('is refused %s', (_, hex) => {
    expect(() => reader(hex).readBits('bad')).toThrow(MalformedError);
  });
});

describe('an OBJECT IDENTIFIER', () => {
  it.each([
    ['06 03 55 04 03', '2.5.4.3'],
    ['06 09 2a864886f70d01010b', '1.2.840.113549.1.1.11'],
    ['06 01 27', '0.39'],
    ['06 02 88 37', '2.999'],
  ])('of %s is %s', (hex, dotted) => {
    expect(readObjectIdentifier(reader(hex), 'bad')).toBe(dotted);
  });

  it.each([
    ['without arcs', '06 00'],
    ['with an arc that does not end', '06 02 55 84'],
    ['with an arc that begins with zeros', '06 04 55 04 80 03'],
    ['with an arc beyond 31 bits', '06 06 55 88 80 80 80 00'],
  ])('is refused %s', (_, hex) => {
    expect(() => readObjectIdentifier(reader(hex), 'bad')).toThrow(MalformedError);
  });
});
