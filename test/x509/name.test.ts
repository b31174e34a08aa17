import { describe, expect, it } from 'vitest';
import type { AttributeValues } from '../../src/x509/attribute-value.ts';
import type { DistinguishedName } from '../../src/x509/certificate.ts';
import { MalformedError } from '../../src/x509/der.ts';
import { limits } from '../../src/x509/limits.ts';
import { commonName, organizations, parseName, valuesOf } from '../../src/x509/name.ts';
import { boolean, element, integer, octetString, sequence, utf8String } from './der-writer.ts';
import { attributeOf, name } from './raw-certificate.ts';

const CN = '2.5.4.3';
const O = '2.5.4.10';
const PRINTABLE = 0x13;
const INVALID = 'x509: invalid RDNSequence';

function read(der: Buffer, allowed: AttributeValues = 'strings'): DistinguishedName {
  return parseName(der, allowed);
}

function stringOf(tag: number, hex: string): Buffer {
  return name([CN, element(tag, Buffer.from(hex.replaceAll(' ', ''), 'hex'))]);
}

describe('the attributes of a name', () => {
  it('are read in the order of the DER, across and inside of RDNs', () => {
    const both = element(0x31, attributeOf(O, utf8String('dev')), attributeOf(CN, utf8String('bob')));
    const subject = read(sequence(element(0x31, attributeOf(O, utf8String('ops'))), both));
    expect(subject.attributes).toEqual([
      { type: O, value: 'ops' },
      { type: O, value: 'dev' },
      { type: CN, value: 'bob' },
    ]);
    expect(organizations(subject)).toEqual(['ops', 'dev']);
  });

  it('give the last of several common names, even where it is empty', () => {
    expect(commonName(read(name('admin', 'bob')))).toBe('bob');
    expect(commonName(read(name('admin', '')))).toBe('');
  });

  it('give an empty common name where there is none', () => {
    expect(commonName(read(sequence()))).toBe('');
    expect(commonName(read(sequence(element(0x31))))).toBe('');
  });

  it('keep duplicate and empty organizations', () => {
    const subject = read(name([O, utf8String('a')], [O, utf8String('')], [O, utf8String('a')]));
    expect(valuesOf(subject, O)).toEqual(['a', '', 'a']);
  });

  it.each(['x\nO=system:masters', 'bob, O=system:masters', 'bob+O=x', 'a\0b', '﻿a', ' é😀'])(
    'keep %j as one value',
    (value) => {
      expect(read(name(value)).attributes).toEqual([{ type: CN, value }]);
    },
  );
});

describe('a string of a name', () => {
  it.each([
    ['UTF8String', 0x0c, 'c3a9', 'é'],
    ['PrintableString', PRINTABLE, '61 2a 26 3a 3f', 'a*&:?'],
    ['NumericString', 0x12, '31 20 32', '1 2'],
    ['IA5String', 0x16, '61 40 00', 'a@\0'],
    ['T61String, read as Latin-1', 0x14, '61 e9 ff', 'aéÿ'],
    ['BMPString', 0x1e, '0061 00e9 20ac', 'aé€'],
    ['BMPString with a terminator', 0x1e, '0061 0000', 'a'],
    ['BMPString with a NUL inside', 0x1e, '0000 0061', '\0a'],
    ['empty BMPString', 0x1e, '', ''],
  ])('may be a %s', (_, tag, hex, value) => {
    expect(commonName(read(stringOf(tag, hex)))).toBe(value);
  });

  it.each([
    ['an octet that begins nothing', 0x0c, 'ff', 'invalid UTF-8 string'],
    ['an overlong form', 0x0c, 'c0 af', 'invalid UTF-8 string'],
    ['a surrogate', 0x0c, 'ed a0 80', 'invalid UTF-8 string'],
    ['an at sign', PRINTABLE, '61 40', 'invalid PrintableString'],
    ['an underscore', PRINTABLE, '61 5f', 'invalid PrintableString'],
    ['a newline at the end', PRINTABLE, '61 0a', 'invalid PrintableString'],
    ['a letter', 0x12, '61', 'invalid NumericString'],
    ['an octet beyond ASCII', 0x16, 'e9', 'invalid IA5String'],
    ['half a character', 0x1e, '0061 00', 'invalid BMPString'],
    ['a surrogate', 0x1e, 'd83d de00', 'invalid BMPString'],
    ['a noncharacter', 0x1e, 'fdd0', 'invalid BMPString'],
    ['a byte order mark the wrong way round', 0x1e, 'fffe', 'invalid BMPString'],
    ['a UniversalString', 0x1c, '00000061', 'unsupported string type: 28'],
    ['a constructed UTF8String', 0x2c, '0c0161', 'unsupported string type: 44'],
  ])('is refused with %s', (_, tag, hex, reason) => {
    expect(() => read(stringOf(tag, hex))).toThrow(
      new MalformedError(`${INVALID}: invalid attribute value: ${reason}`),
    );
  });
});

describe('an attribute that is no string', () => {
  it.each([
    ['BOOLEAN', boolean(true)],
    ['INTEGER', integer(5n)],
    ['OCTET STRING', octetString(Buffer.from('adm'))],
    ['BIT STRING', element(0x03, Buffer.of(0, 1))],
    ['NULL', element(0x05)],
    ['OBJECT IDENTIFIER', element(0x06, Buffer.of(0x55, 4, 3))],
    ['UTCTime', element(0x17, Buffer.from('260615120000Z'))],
    ['SEQUENCE', sequence()],
  ])('is refused by default, and otherwise passed over: %s', (_, value) => {
    expect(() => read(name([CN, value]))).toThrow(MalformedError);
    const subject = read(name([O, value], 'bob'), 'any');
    expect(subject.attributes).toEqual([{ type: CN, value: 'bob' }]);
    expect(subject.otherTypes).toEqual([O]);
  });

  it.each([
    ['BOOLEAN', element(0x01, Buffer.of(1))],
    ['INTEGER', element(0x02, Buffer.of(0, 1))],
    ['BIT STRING', element(0x03)],
    ['OBJECT IDENTIFIER', element(0x06)],
    ['UTCTime', element(0x17, Buffer.from('x'))],
  ])('is refused in any case where it is not well formed: %s', (_, value) => {
    expect(() => read(name([CN, value]), 'any')).toThrow(MalformedError);
  });
});

describe('a name', () => {
  it.each([
    ['no sequence', element(0x31), INVALID],
    ['an RDN that is no set', sequence(sequence()), INVALID],
    [
      'an attribute that is no sequence',
      sequence(element(0x31, integer(1n))),
      `${INVALID}: invalid attribute`,
    ],
    [
      'a type that is no OID',
      sequence(element(0x31, sequence(integer(1n)))),
      `${INVALID}: invalid attribute type`,
    ],
    [
      'no value',
      sequence(element(0x31, sequence(element(0x06, Buffer.of(0x55, 4, 3))))),
      `${INVALID}: invalid attribute value`,
    ],
  ])('is refused with %s', (_, der, reason) => {
    expect(() => read(der)).toThrow(new MalformedError(reason));
  });

  it('is refused with more attributes than a limit that no real name comes near', () => {
    const tooMany = Array.from({ length: limits.nameAttributes + 1 }, () => 'x');
    expect(() => read(name(...tooMany))).toThrow(/more than 4096 attributes/);
    expect(read(name(...tooMany.slice(1))).attributes).toHaveLength(limits.nameAttributes);
  });
});
