import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatDouble,
  formatFixedDouble,
  formatLocaleFixed,
  formatLocaleScientific,
  formatPlainDouble,
} from '../../../src/cel/library/double-text.ts';
import { durationSeconds, parseDuration } from '../../../src/cel/library/go-duration.ts';
import { quote, quoteBytes } from '../../../src/cel/library/go-quote.ts';
import { parseBool, parseDouble, parseInt64, parseUint64 } from '../../../src/cel/library/number-text.ts';
import { formatTimestamp, parseTimestamp } from '../../../src/cel/library/timestamp-text.ts';
import { decodeUtf8 } from '../../../src/cel/library/utf8.ts';

describe('a double is written as Go writes it', () => {
  it.each<[string, number, string]>([
    ['a whole number has no point', 100_000, '100000'],
    ['from seven digits on it has an exponent', 1_000_000, '1e+06'],
    ['so do small ones', 0.00001, '1e-05'],
    ['but not those from a ten-thousandth on', 0.0001, '0.0001'],
    ['the digits are the shortest that read back', 0.1 + 0.2, '0.30000000000000004'],
    ['large numbers keep all of them', 123_456_789.123_456_79, '1.2345678912345679e+08'],
    ['the exponent grows as it must', 1e100, '1e+100'],
    ['zero keeps its sign', -0, '-0'],
    ['infinity has a sign', Number.POSITIVE_INFINITY, '+Inf'],
    ['NaN has none', Number.NaN, 'NaN'],
  ])('%s', (_, value, text) => {
    expect(formatDouble(value)).toBe(text);
  });
  it('without an exponent where none is wanted', () => {
    expect(formatPlainDouble(1e21)).toBe('1000000000000000000000');
    expect(formatPlainDouble(-1.5e-7)).toBe('-0.00000015');
  });
  it.each<[string, number, number, string]>([
    ['a tie goes to the even digit', 2.5, 0, '2'],
    ['above and below', 3.5, 0, '4'],
    ['what looks like a tie is what the bits say', 1.005, 2, '1.00'],
    ['a carry makes a digit more', 9.9996, 3, '10.000'],
    ['zeros fill up', 1.5, 4, '1.5000'],
    ['a small number is rounded away', 1e-9, 6, '0.000000'],
    ['and keeps its sign', -1e-9, 6, '-0.000000'],
  ])('to places: %s', (_, value, places, text) => {
    expect(formatFixedDouble(value, places)).toBe(text);
  });
  it.each<[string, number, number, string]>([
    ['thousands are grouped', 123_456_789.123_456_79, 6, '123,456,789.123457'],
    ['however many', 1e21, 3, '1,000,000,000,000,000,000,000.000'],
    ['the least number of places is kept in eight bits', 1.5, 257, '1.5'],
    ['infinity is a sign', Number.NEGATIVE_INFINITY, 6, '-∞'],
  ])('for American readers: %s', (_, value, places, text) => {
    expect(formatLocaleFixed(value, places)).toBe(text);
  });
  it.each<[string, number, string]>([
    ['six places and two digits of exponent', 1234.5, '1.234500×10⁰³'],
    ['a negative exponent', -1e-100, '-1.000000×10⁻¹⁰⁰'],
    ['a carry moves the exponent', 9.999_999_9, '1.000000×10⁰¹'],
    ['zero', 0, '0.000000×10⁰⁰'],
  ])('as a power of ten: %s', (_, value, text) => {
    expect(formatLocaleScientific(value)).toBe(text);
  });
  it('and reads back as itself', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(parseDouble(formatDouble(value))).toBe(value);
        expect(parseDouble(formatPlainDouble(value))).toBe(value);
      }),
    );
  });
});

describe('a number is read as Go reads it', () => {
  it.each<[string, string, number | undefined]>([
    ['decimal', '-12.5e3', -12_500],
    ['without digits on one side of the point', '.5', 0.5],
    ['with underscores between digits', '1_000.5', 1000.5],
    ['not with two in a row', '1__0', undefined],
    ['nor at an end', '1_', undefined],
    ['hexadecimal with a binary exponent', '0x1.8p1', 3],
    ['with an underscore after the prefix', '0x_1p0', 1],
    ['not without an exponent', '0x10', undefined],
    ['rounded once, half to even', '0x1.00000000000008p0', 1],
    ['down to the smallest', '0x1p-1074', 5e-324],
    ['and to nothing', '0x1p-1075', 0],
    ['infinity by any of its names', '-iNF', Number.NEGATIVE_INFINITY],
    ['not a number too large', '1e400', undefined],
    ['nor a space', ' 1', undefined],
    ['nor nothing', '', undefined],
  ])('a double %s', (_, text, value) => {
    expect(parseDouble(text)).toBe(value);
  });
  it('NaN without a sign', () => {
    expect([parseDouble('nAn'), parseDouble('+nan')]).toEqual([Number.NaN, undefined]);
  });
  it.each<[string, string, bigint | undefined]>([
    ['with a sign', '+12', 12n],
    ['with leading zeros', `${'0'.repeat(2000)}7`, 7n],
    ['down to the least', '-9223372036854775808', -(2n ** 63n)],
    ['not past the greatest', '9223372036854775808', undefined],
    ['not in hexadecimal', '0x10', undefined],
    ['not empty', '', undefined],
    ['not with a space', '1 ', undefined],
  ])('an int %s', (_, text, value) => {
    expect(parseInt64(text)).toBe(value);
  });
  it('a uint without a sign', () => {
    expect([parseUint64('18446744073709551615'), parseUint64('+1'), parseUint64('-0')]).toEqual([
      2n ** 64n - 1n,
      undefined,
      undefined,
    ]);
  });
  it('a bool by the names Go knows', () => {
    expect(['t', 'TRUE', '1', 'tRUE', 'F', 'yes'].map(parseBool)).toEqual([
      true,
      true,
      true,
      undefined,
      false,
      undefined,
    ]);
  });
});

describe('a duration is read as Go reads it', () => {
  it.each<[string, string, bigint | undefined]>([
    ['in several units', '1h15m30.918s', 4_530_918_000_000n],
    ['with one sign for all', '-1.5h', -5_400_000_000_000n],
    ['zero without a unit', '-0', 0n],
    ['with either mu', '1µs1μs', 2000n],
    ['a fraction is cut to whole nanoseconds', '0.9999999999999s', 999_999_999n],
    ['down to the least', '-9223372036854775808ns', -(2n ** 63n)],
    ['not past the greatest', '9223372036854775808ns', undefined],
    ['not without a unit', '1', undefined],
    ['not without digits', '.s', undefined],
    ['not in days', '1d', undefined],
    ['not empty', '', undefined],
    ['not with a sign inside', '1h-1m', undefined],
  ])('%s', (_, text, nanos) => {
    expect(parseDuration(text)).toBe(nanos);
  });
  it('and counted in seconds', () => {
    expect(durationSeconds(-1_500_000_000n)).toBe(-1.5);
  });
});

describe('a timestamp is read as Go reads RFC 3339', () => {
  it.each<[string, string, string | undefined]>([
    ['in UTC', '2020-02-29T12:34:56Z', '2020-02-29T12:34:56Z'],
    ['at an offset, which it keeps', '2020-01-01T00:00:00+05:30', '2020-01-01T00:00:00+05:30'],
    ['with an offset of zero as UTC', '2020-01-01T00:00:00-00:00', '2020-01-01T00:00:00Z'],
    ['with a fraction', '2020-01-01T00:00:00.120Z', '2020-01-01T00:00:00.12Z'],
    ['of which nine digits count', '2020-01-01T00:00:00.1234567891Z', '2020-01-01T00:00:00.123456789Z'],
    ['after a comma too', '2020-01-01T00:00:00,5Z', '2020-01-01T00:00:00.5Z'],
    ['with an hour of one digit', '2020-01-01T1:00:00Z', '2020-01-01T01:00:00Z'],
    ['in year 0', '0000-12-31T23:00:00-01:00', '0000-12-31T23:00:00-01:00'],
    ['not on a day that does not exist', '2021-02-29T00:00:00Z', undefined],
    ['not at 24 o’clock', '2020-01-01T24:00:00Z', undefined],
    ['not in a leap second', '2020-06-30T23:59:60Z', undefined],
    ['not in lower case', '2020-01-01t00:00:00z', undefined],
    ['not without a zone', '2020-01-01T00:00:00', undefined],
    ['not beyond an offset of a day', '2020-01-01T00:00:00+25:00', undefined],
  ])('%s', (_, text, written) => {
    const timestamp = parseTimestamp(text);
    expect(timestamp && formatTimestamp(timestamp)).toBe(written);
  });
  it('as seconds since the epoch and nanoseconds after them', () => {
    expect(parseTimestamp('1969-12-31T23:59:59.25Z')).toMatchObject({ seconds: -1, nanos: 250_000_000 });
  });
});

describe('a text is quoted as Go quotes it', () => {
  it.each<[string, string, string]>([
    ['plain', 'a b', '"a b"'],
    ['with quotes and backslashes', 'a"b\\', String.raw`"a\"b\\"`],
    ['with control characters', '\n\u0007\u0001\u007f', String.raw`"\n\a\x01\x7f"`],
    ['with letters of any script', 'é😀', '"é😀"'],
    ['with characters that print nothing', '\u00a0\u200b\u{e0001}', String.raw`"\u00a0\u200b\U000e0001"`],
  ])('%s', (_, text, quoted) => {
    expect(quote(text)).toBe(quoted);
  });
  it('bytes that are no UTF-8 by their numbers', () => {
    expect(quoteBytes(Uint8Array.of(0x7a, 0xc3, 0xc3, 0xa9))).toBe(String.raw`"z\xc3é"`);
  });
});

describe('bytes that are no UTF-8', () => {
  it('are one U+FFFD each', () => {
    expect(decodeUtf8(Uint8Array.of(0x61, 0xe2, 0x82, 0x62, 0xff))).toBe('a\ufffd\ufffdb\ufffd');
  });
});
