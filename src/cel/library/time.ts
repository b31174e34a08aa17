import { CelError } from '../error.ts';
import { type Overload, overload } from '../overload.ts';
import type { CelResult, Duration, Timestamp } from '../value.ts';
import { type CivilTime, toUnixSeconds } from './civil-time.ts';
import { civilTimeIn, parseTimeZone } from './time-zone.ts';

/** What a calendar and a clock show of a timestamp. */
type TimeField = (time: CivilTime) => number;

const DAY = 86_400;

function dayNumber({ year, month, day }: CivilTime): number {
  return toUnixSeconds({ year, month, day, hour: 0, minute: 0, second: 0 }) / DAY;
}

/** 1970-01-01 was a Thursday; Sunday is 0. */
function weekday(time: CivilTime): number {
  return (((dayNumber(time) + 4) % 7) + 7) % 7;
}

function dayOfYear(time: CivilTime): number {
  return dayNumber(time) - dayNumber({ ...time, month: 1, day: 1 });
}

const FIELDS: readonly (readonly [name: string, id: string, field: TimeField])[] = [
  ['getFullYear', 'timestamp_to_year', ({ year }) => year],
  ['getMonth', 'timestamp_to_month', ({ month }) => month - 1],
  ['getDayOfYear', 'timestamp_to_day_of_year', dayOfYear],
  ['getDayOfMonth', 'timestamp_to_day_of_month', ({ day }) => day - 1],
  ['getDate', 'timestamp_to_day_of_month_1_based', ({ day }) => day],
  ['getDayOfWeek', 'timestamp_to_day_of_week', weekday],
  ['getHours', 'timestamp_to_hours', ({ hour }) => hour],
  ['getMinutes', 'timestamp_to_minutes', ({ minute }) => minute],
  ['getSeconds', 'timestamp_to_seconds', ({ second }) => second],
];

function fieldIn(field: TimeField): (timestamp: Timestamp, zone: string) => CelResult {
  return (timestamp, zoneText) => {
    const zone = parseTimeZone(zoneText);
    return zone instanceof CelError ? zone : BigInt(field(civilTimeIn(zone, timestamp.seconds)));
  };
}

const RECEIVER = '<google.protobuf.Timestamp>';

function timestampField([name, id, field]: (typeof FIELDS)[number]): Overload[] {
  const inZone = fieldIn(field);
  // cel-go spells this one id differently.
  const zonedId = name === 'getSeconds' ? `${id}_tz` : `${id}_with_tz`;
  return [
    overload(id, `${RECEIVER}.${name}() -> int`, {
      evaluate: (timestamp: Timestamp) => inZone(timestamp, 'UTC'),
    }),
    overload(zonedId, `${RECEIVER}.${name}(string) -> int`, { evaluate: inZone }),
  ];
}

const milliseconds = ({ nanos }: Timestamp): bigint => BigInt(Math.trunc(nanos / 1_000_000));

/** The whole units in a duration. */
function durationField(name: string, id: string, unit: bigint): Overload {
  return overload(id, `<google.protobuf.Duration>.${name}() -> int`, {
    evaluate: ({ nanos }: Duration) => nanos / unit,
  });
}

/** The getters of timestamps, in UTC or a given zone, and of durations. */
export const timeOverloads: readonly Overload[] = [
  ...FIELDS.flatMap(timestampField),
  overload('timestamp_to_milliseconds', `${RECEIVER}.getMilliseconds() -> int`, { evaluate: milliseconds }),
  overload('timestamp_to_milliseconds_with_tz', `${RECEIVER}.getMilliseconds(string) -> int`, {
    evaluate: (timestamp: Timestamp, zoneText: string) => {
      const zone = parseTimeZone(zoneText);
      return zone instanceof CelError ? zone : milliseconds(timestamp);
    },
  }),
  durationField('getHours', 'duration_to_hours', 3_600_000_000_000n),
  durationField('getMinutes', 'duration_to_minutes', 60_000_000_000n),
  durationField('getSeconds', 'duration_to_seconds', 1_000_000_000n),
  durationField('getMilliseconds', 'duration_to_milliseconds', 1_000_000n),
];
