import { describe, expect, it } from 'vitest';
import { DerReader, MalformedError } from '../../src/x509/der.ts';
import { readTime } from '../../src/x509/time.ts';
import { element, integer } from './der-writer.ts';

const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;

function read(tag: number, text: string): string {
  return new Date(readTime(new DerReader(element(tag, Buffer.from(text))))).toISOString();
}

describe('a time', () => {
  it.each([
    ['UTCTime', UTC_TIME, '260615120000Z', '2026-06-15T12:00:00.000Z'],
    ['UTCTime of the last century', UTC_TIME, '500101000000Z', '1950-01-01T00:00:00.000Z'],
    ['UTCTime of this century', UTC_TIME, '491231235959Z', '2049-12-31T23:59:59.000Z'],
    ['UTCTime without seconds', UTC_TIME, '2606151200Z', '2026-06-15T12:00:00.000Z'],
    ['UTCTime with an offset', UTC_TIME, '260615120000+0130', '2026-06-15T10:30:00.000Z'],
    ['GeneralizedTime', GENERALIZED_TIME, '20260615120000Z', '2026-06-15T12:00:00.000Z'],
    ['GeneralizedTime without end', GENERALIZED_TIME, '99991231235959Z', '9999-12-31T23:59:59.000Z'],
    ['GeneralizedTime of the year 0', GENERALIZED_TIME, '00000101000000Z', '0000-01-01T00:00:00.000Z'],
    ['a leap day', GENERALIZED_TIME, '20240229000000Z', '2024-02-29T00:00:00.000Z'],
  ])('may be %s', (_, tag, text, instant) => {
    expect(read(tag, text)).toBe(instant);
  });

  it.each([
    ['a fraction', GENERALIZED_TIME, '20260615120000.5Z'],
    ['no zone', GENERALIZED_TIME, '20260615120000'],
    ['no seconds', GENERALIZED_TIME, '202606151200Z'],
    ['a 30th of February', GENERALIZED_TIME, '20260230000000Z'],
    ['a 29th of February of a common year', GENERALIZED_TIME, '20250229000000Z'],
    ['a month 13', UTC_TIME, '261301000000Z'],
    ['a day 0', UTC_TIME, '260600000000Z'],
    ['an hour 24', UTC_TIME, '260615240000Z'],
    ['a second 60', UTC_TIME, '260615120060Z'],
    ['an offset of nothing', UTC_TIME, '260615120000+0000'],
    ['an offset of 60 minutes', UTC_TIME, '260615120000+0060'],
    ['letters', UTC_TIME, '26061512000xZ'],
    ['a year of four digits', UTC_TIME, '20260615120000Z'],
  ])('is refused with %s', (_, tag, text) => {
    const kind = tag === UTC_TIME ? 'UTCTime' : 'GeneralizedTime';
    expect(() => read(tag, text)).toThrow(new MalformedError(`x509: malformed ${kind}`));
  });

  it('is refused as anything else', () => {
    expect(() => readTime(new DerReader(integer(1n)))).toThrow(
      new MalformedError('x509: unsupported time format'),
    );
  });
});
