import { MAX_INT } from './number-text.ts';

/** Nanoseconds of each unit that Go's `time.ParseDuration` knows. */
const UNITS: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['µs', 1_000n], // U+00B5, the micro sign
  ['μs', 1_000n], // U+03BC, the Greek letter mu
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
]);

const PART = /(\d*)(?:\.(\d*))?([^.\d]+)/y;

/** The magnitude that Go's parser allows before it looks at the sign: one more than the greatest duration. */
const LIMIT = MAX_INT + 1n;

/**
 * Go's `time.ParseDuration`: nanoseconds of a text such as `1h15m30.5s`, `-1.5h` or `0`; undefined where that gives an
 * error.
 */
export function parseDuration(text: string): bigint | undefined {
  const unsigned = text.replace(/^[+-]/, '');
  if (unsigned === '0') return 0n;
  if (unsigned === '') return undefined;
  let total = 0n;
  for (let at = 0; at < unsigned.length; at = PART.lastIndex) {
    PART.lastIndex = at;
    const match = PART.exec(unsigned);
    const nanos = match === null ? undefined : parsePart(match);
    if (nanos === undefined) return undefined;
    // Go adds in 64 bits and looks at the sum only, so that twice the limit is 0.
    total = BigInt.asUintN(64, total + nanos);
    if (total > LIMIT) return undefined;
  }
  if (text.startsWith('-')) return -total;
  return total > MAX_INT ? undefined : total;
}

function parsePart([, whole = '', fraction = '', unitName = '']: RegExpExecArray): bigint | undefined {
  const unit = UNITS.get(unitName);
  // 19 digits make the limit; a longer number is over it unless it begins with zeros.
  const digits = whole.replace(/^0+(?=\d)/, '');
  if (unit === undefined || (whole === '' && fraction === '') || digits.length > 19) return undefined;
  const nanos = BigInt(digits) * unit;
  return nanos > LIMIT ? undefined : nanos + fractionOf(fraction, unit);
}

/** Go multiplies the fraction as a double, from the digits that fit 63 bits; 64 digits are below any nanosecond. */
function fractionOf(digits: string, unit: bigint): bigint {
  let value = 0n;
  let scale = 1;
  for (const digit of digits.slice(0, 64)) {
    const next = value * 10n + BigInt(digit);
    if (value > MAX_INT / 10n || next > LIMIT) break;
    value = next;
    scale *= 10;
  }
  return BigInt(Math.trunc(Number(value) * (Number(unit) / scale)));
}

/** Seconds as a double, as Go's `Duration.Seconds` rounds them. */
export function durationSeconds(nanos: bigint): number {
  return Number(nanos / 1_000_000_000n) + Number(nanos % 1_000_000_000n) / 1e9;
}
