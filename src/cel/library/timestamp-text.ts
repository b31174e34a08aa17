import { Timestamp } from '../value.ts';
import { daysInMonth, toCivilTime, toUnixSeconds } from './civil-time.ts';

/** An instant that prints with the offset from UTC it was written with; in all else a `Timestamp`. */
export class ZonedTimestamp extends Timestamp {
  /** Seconds east of UTC. */
  readonly offset: number;

  constructor(seconds: number, nanos: number, offset: number) {
    super(seconds, nanos);
    this.offset = offset;
  }
}

/** The instant at this offset; a plain `Timestamp` where that is UTC. */
export function timestampAt(seconds: number, nanos: number, offset: number): Timestamp {
  return offset === 0 ? new Timestamp(seconds, nanos) : new ZonedTimestamp(seconds, nanos, offset);
}

/** Seconds east of UTC with which the instant prints. */
export function offsetOf(timestamp: Timestamp): number {
  return timestamp instanceof ZonedTimestamp ? timestamp.offset : 0;
}

/** 0001-01-01T00:00:00Z */
export const MIN_SECONDS = -62_135_596_800;
/** 9999-12-31T23:59:59Z */
export const MAX_SECONDS = 253_402_300_799;

/** Whether CEL's timestamps reach these seconds since the epoch. */
export function isInTimestampRange(seconds: number): boolean {
  return seconds >= MIN_SECONDS && seconds <= MAX_SECONDS;
}

// Go takes an hour of one digit, a comma before the fraction, and offsets of up to 24:60.
const RFC3339 =
  /^(\d{4})-(\d{2})-(\d{2})T(\d{1,2}):(\d{2}):(\d{2})(?:[.,](\d+))?(?:Z|([+-])(\d{2}):(\d{2}))$/;

/**
 * Go's `time.Parse(time.RFC3339, text)`; undefined where that gives an error. The instant may lie outside CEL's range
 * (`isInTimestampRange`). Digits of the fraction past the ninth are dropped.
 */
export function parseTimestamp(text: string): Timestamp | undefined {
  const match = RFC3339.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as CivilNumbers;
  const [, , , , , , , fraction = '', sign, hours = '0', minutes = '0'] = match;
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 59 || Number(hours) > 24 || Number(minutes) > 60) return undefined;
  const offset = (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -60 : 60);
  const seconds = toUnixSeconds({ year, month, day, hour, minute, second }) - offset;
  return timestampAt(seconds, Number(fraction.slice(0, 9).padEnd(9, '0')), offset);
}

type CivilNumbers = [number, number, number, number, number, number];

/** The instant as Go's `time.RFC3339Nano` writes it, at its own offset. */
export function formatTimestamp(timestamp: Timestamp): string {
  const offset = offsetOf(timestamp);
  const { year, month, day, hour, minute, second } = toCivilTime(timestamp.seconds + offset);
  const date = `${padded(year, 4)}-${padded(month, 2)}-${padded(day, 2)}`;
  const time = `${padded(hour, 2)}:${padded(minute, 2)}:${padded(second, 2)}`;
  const fraction = timestamp.nanos === 0 ? '' : `.${padded(timestamp.nanos, 9).replace(/0+$/, '')}`;
  return `${date}T${time}${fraction}${formatOffset(offset)}`;
}

function formatOffset(offset: number): string {
  if (offset === 0) return 'Z';
  const minutes = Math.trunc(Math.abs(offset) / 60);
  return `${offset < 0 ? '-' : '+'}${padded(Math.trunc(minutes / 60), 2)}:${padded(minutes % 60, 2)}`;
}

function padded(value: number, width: number): string {
  return value < 0 ? `-${padded(-value, width)}` : value.toString().padStart(width, '0');
}
