import { type DerReader, MalformedError, Tag } from './der.ts';

// Seconds may be missing from a UTCTime, and an offset may stand for Z: BER, which RFC 5280 §4.1.2.5 forbids and Go
// accepts.
const UTC_TIME = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(Z|[+-]\d{4})$/;
const GENERALIZED_TIME = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(Z|[+-]\d{4})$/;

/** Whether the next element is a Time (RFC 5280 §4.1). */
export function isTimeNext(reader: DerReader): boolean {
  return reader.isNext(Tag.utcTime) || reader.isNext(Tag.generalizedTime);
}

/** Reads a Time as milliseconds since the epoch. */
export function readTime(reader: DerReader): number {
  if (reader.isNext(Tag.utcTime)) {
    const failure = 'x509: malformed UTCTime';
    const fields = UTC_TIME.exec(reader.readContents(Tag.utcTime, failure).toString('latin1'));
    // RFC 5280 §4.1.2.5.1: years 50 to 99 are of the 20th century.
    const year = Number(fields?.[1]);
    return toMilliseconds(fields, year + (year >= 50 ? 1900 : 2000), failure);
  }
  if (reader.isNext(Tag.generalizedTime)) {
    const failure = 'x509: malformed GeneralizedTime';
    const fields = GENERALIZED_TIME.exec(
      reader.readContents(Tag.generalizedTime, failure).toString('latin1'),
    );
    return toMilliseconds(fields, Number(fields?.[1]), failure);
  }
  throw new MalformedError('x509: unsupported time format');
}

function toMilliseconds(fields: RegExpExecArray | null, year: number, failure: string): number {
  if (fields === null) throw new MalformedError(failure);
  const [month, day, hour, minute, second] = fields.slice(2, 7).map((field) => Number(field ?? 0));
  const date = new Date(0);
  date.setUTCFullYear(year, (month ?? 0) - 1, day);
  date.setUTCHours(hour ?? 0, minute, second, 0);
  // A month 13 or a 30th of February would have been carried over into the next field.
  const isReal =
    date.getUTCMonth() + 1 === month &&
    date.getUTCDate() === day &&
    date.getUTCHours() === hour &&
    date.getUTCMinutes() === minute &&
    date.getUTCSeconds() === second;
  if (!isReal) throw new MalformedError(failure);
  return date.getTime() - offsetMilliseconds(fields[7] ?? '', failure);
}

function offsetMilliseconds(zone: string, failure: string): number {
  if (zone === 'Z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3));
  // An offset of nothing must be written Z.
  if (hours > 24 || minutes >= 60 || hours + minutes === 0) throw new MalformedError(failure);
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}
