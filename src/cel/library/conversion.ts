import { Buffer, isUtf8 } from 'node:buffer';
import { CelError } from '../error.ts';
import { type CelResult, type CelValue, Duration, Timestamp, TypeValue, Uint, typeNameOf } from '../value.ts';
import { formatDouble, formatPlainDouble } from './double-text.ts';
import { durationSeconds, parseDuration } from './go-duration.ts';
import { MAX_INT, parseBool, parseDouble, parseInt64, parseUint64 } from './number-text.ts';
import { formatTimestamp, isInTimestampRange, parseTimestamp } from './timestamp-text.ts';

const INT_OVERFLOW: CelError = new CelError('integer overflow');
const UINT_OVERFLOW: CelError = new CelError('unsigned integer overflow');
const TIMESTAMP_OVERFLOW: CelError = new CelError('timestamp overflow');

function conversionError(from: string, to: string): CelError {
  return new CelError(`type conversion error from '${from}' to '${to}'`);
}

/** `int(x)`: towards zero from a double, whole seconds of a timestamp, nanoseconds of a duration. */
export function toInt(value: number | Uint | string | Timestamp | Duration): CelResult {
  if (typeof value === 'string') return parseInt64(value) ?? conversionError('string', 'int');
  if (value instanceof Timestamp) return BigInt(value.seconds);
  if (value instanceof Duration) return value.nanos;
  if (value instanceof Uint) return value.value > MAX_INT ? INT_OVERFLOW : value.value;
  // cel-go leaves out the least integer, though a double can hold it.
  return value > -(2 ** 63) && value < 2 ** 63 ? BigInt(Math.trunc(value)) : INT_OVERFLOW;
}

/** `uint(x)` */
export function toUint(value: number | bigint | string): CelResult {
  if (typeof value === 'string') {
    const parsed = parseUint64(value);
    return parsed === undefined ? conversionError('string', 'uint') : new Uint(parsed);
  }
  if (typeof value === 'bigint') return value < 0n ? UINT_OVERFLOW : new Uint(value);
  return value >= 0 && value < 2 ** 64 ? new Uint(BigInt(Math.trunc(value))) : UINT_OVERFLOW;
}

/** `double(x)`; integers are rounded to the nearest double. */
export function toDouble(value: bigint | Uint | string): CelResult {
  if (typeof value === 'string') return parseDouble(value) ?? conversionError('string', 'double');
  return Number(value instanceof Uint ? value.value : value);
}

/** `bool(text)` */
export function toBool(text: string): CelResult {
  return parseBool(text) ?? conversionError('string', 'bool');
}

/** `bytes(text)` */
export function toBytes(text: string): Uint8Array {
  return Buffer.from(text, 'utf8');
}

/** `timestamp(x)`, from seconds since the epoch or RFC 3339. */
export function toTimestamp(value: bigint | string): CelResult {
  const timestamp = typeof value === 'bigint' ? new Timestamp(Number(value), 0) : parseTimestamp(value);
  if (timestamp === undefined) return conversionError('string', 'google.protobuf.Timestamp');
  return isInTimestampRange(timestamp.seconds) ? timestamp : TIMESTAMP_OVERFLOW;
}

/** `duration(x)`; cel-go declares the conversion of an integer and then refuses it. */
export function toDuration(value: bigint | string): CelResult {
  const nanos = typeof value === 'bigint' ? undefined : parseDuration(value);
  return nanos === undefined
    ? conversionError(typeNameOf(value), 'google.protobuf.Duration')
    : new Duration(nanos);
}

/** `string(x)`; undefined for types that cel-go's own conversions do not take. */
export function toText(value: CelValue): string | CelError | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return formatDouble(value);
  if (typeof value === 'bigint' || typeof value === 'boolean') return value.toString();
  return value === null ? undefined : objectText(value);
}

function objectText(value: object): string | CelError | undefined {
  if (value instanceof Uint) return value.value.toString();
  if (value instanceof Timestamp) return formatTimestamp(value);
  if (value instanceof Duration) return `${formatPlainDouble(durationSeconds(value.nanos))}s`;
  if (value instanceof TypeValue) return value.name;
  if (!(value instanceof Uint8Array)) return undefined;
  return isUtf8(value)
    ? Buffer.from(value).toString('utf8')
    : new CelError('invalid UTF-8 in bytes, cannot convert to string');
}
