import { CelError } from '../error.ts';
import { toCivilTime, toUnixSeconds } from './civil-time.ts';
import { integerError, parseInt64 } from './number-text.ts';
import { isTimeZoneName } from './time-zone-names.ts';

/** Gives the seconds east of UTC at an instant. */
export type TimeZone = (seconds: number) => number;

const UTC: TimeZone = () => 0;

const ALWAYS_UTC: ReadonlySet<string> = new Set(['', 'UTC', 'Local', 'Factory']);

/** Zones once used. The names are a fixed set of some 600, and a formatter is slow to make, so all are kept. */
const zones = new Map<string, TimeZone>();

/**
 * The zone that cel-go takes a text for: a name of the IANA database, or hours and minutes east of UTC such as `+05:30` or
 * `-8:00`. Refuses an unknown name with Go's words. `Local` is UTC, as in kube-apiserver's image.
 */
export function parseTimeZone(text: string): TimeZone | CelError {
  const colon = text.indexOf(':');
  return colon < 0 ? loadTimeZone(text) : parseOffset(text.slice(0, colon), text.slice(colon + 1));
}

function loadTimeZone(name: string): TimeZone | CelError {
  if (ALWAYS_UTC.has(name)) return UTC;
  if (name.includes('..') || /^[/\\]/.test(name)) return new CelError('time: invalid location name');
  if (!isTimeZoneName(name)) return new CelError(`unknown time zone ${name}`);
  const zone = zones.get(name) ?? namedZone(name);
  if (zone === undefined) return new CelError(`unknown time zone ${name}`);
  zones.set(name, zone);
  return zone;
}

/** cel-go checks no range: `+99:00` is an offset of four days and three hours. */
function parseOffset(hoursText: string, minutesText: string): TimeZone | CelError {
  const hours = parseInt64(hoursText);
  if (hours === undefined) return integerError('Atoi', hoursText);
  const minutes = parseInt64(minutesText);
  if (minutes === undefined) return integerError('Atoi', minutesText);
  const offset = hoursText.startsWith('-') ? hours * 60n - minutes : hours * 60n + minutes;
  const seconds = durationMinutesAsSeconds(BigInt.asIntN(64, offset));
  return () => seconds;
}

/** Go multiplies minutes to nanoseconds in 64 bits, which wraps, and turns them into seconds. */
function durationMinutesAsSeconds(minutes: bigint): number {
  return Number(BigInt.asIntN(64, minutes * 60_000_000_000n) / 1_000_000_000n);
}

/** undefined where this Node's own, perhaps older, database does not have the zone. */
function namedZone(name: string): TimeZone | undefined {
  try {
    const format = new Intl.DateTimeFormat('en-US', { ...CLOCK, timeZone: name });
    return (seconds) => localSeconds(format.formatToParts(seconds * 1000)) - seconds;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

const CLOCK: Intl.DateTimeFormatOptions = {
  calendar: 'gregory',
  numberingSystem: 'latn',
  hourCycle: 'h23',
  era: 'short',
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: 'numeric',
  minute: 'numeric',
  second: 'numeric',
};

/** What a clock in the zone shows, as seconds since the epoch of a clock in UTC that shows the same. */
function localSeconds(parts: readonly Intl.DateTimeFormatPart[]): number {
  const fields = new Map(parts.map(({ type, value }) => [type, value]));
  const field = (type: Intl.DateTimeFormatPartTypes): number => Number(fields.get(type));
  const year = fields.get('era') === 'BC' ? 1 - field('year') : field('year');
  return toUnixSeconds({
    year,
    month: field('month'),
    day: field('day'),
    hour: field('hour'),
    minute: field('minute'),
    second: field('second'),
  });
}

/** The date and time that a clock in the zone shows. */
export function civilTimeIn(zone: TimeZone, seconds: number): ReturnType<typeof toCivilTime> {
  return toCivilTime(seconds + zone(seconds));
}
