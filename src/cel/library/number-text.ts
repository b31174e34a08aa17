import { CelError } from '../error.ts';
import { quote } from './go-quote.ts';

/** The least int. */
export const MIN_INT: bigint = -(1n << 63n);
/** The greatest int. */
export const MAX_INT: bigint = (1n << 63n) - 1n;
/** The greatest uint. */
export const MAX_UINT: bigint = (1n << 64n) - 1n;

/** A 64-bit integer has 20 digits at most; leading zeros may make its text longer, up to this. */
const LONGEST_INTEGER = 1000;

/** Go's `strconv.ParseInt(text, 10, 64)`: decimal digits with an optional sign; undefined where that gives an error. */
export function parseInt64(text: string): bigint | undefined {
  const value = /^[+-]?\d+$/.test(text) ? parseDigits(text) : undefined;
  return value === undefined || value < MIN_INT || value > MAX_INT ? undefined : value;
}

/** Go's `strconv.ParseUint(text, 10, 64)`: decimal digits without a sign; undefined where that gives an error. */
export function parseUint64(text: string): bigint | undefined {
  const value = /^\d+$/.test(text) ? parseDigits(text) : undefined;
  return value === undefined || value > MAX_UINT ? undefined : value;
}

function parseDigits(text: string): bigint | undefined {
  const digits = text.length > LONGEST_INTEGER ? text.replace(/^([+-]?)0+(?=\d)/, '$1') : text;
  if (digits.length > LONGEST_INTEGER) return undefined;
  const magnitude = BigInt(digits.replace(/^[+-]/, ''));
  return digits.startsWith('-') ? -magnitude : magnitude;
}

/** Go's words for a text that its integer parsers refuse: malformed, or beyond 64 bits. */
export function integerError(parser: 'Atoi' | 'ParseUint', text: string): CelError {
  const wellFormed = parser === 'Atoi' ? /^[+-]?\d+$/.test(text) : /^\d+$/.test(text);
  return new CelError(
    `strconv.${parser}: parsing ${quote(text)}: ${wellFormed ? 'value out of range' : 'invalid syntax'}`,
  );
}

/** Go's `strconv.ParseBool`; undefined where that gives an error. */
export function parseBool(text: string): boolean | undefined {
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text)) return true;
  return ['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(text) ? false : undefined;
}

const SPECIAL_DOUBLE = /^(?:[+-]?inf(?:inity)?|nan)$/i;
const DECIMAL_DOUBLE = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const HEX_DOUBLE = /^([+-]?)0x([\da-f]*)(?:\.([\da-f]*))?p([+-]?\d+)$/i;

/**
 * Go's `strconv.ParseFloat(text, 64)`: decimal, hexadecimal with a binary exponent, underscores between digits, infinity
 * and NaN in any case; undefined where that gives an error, which a value too large for a double is too.
 */
export function parseDouble(text: string): number | undefined {
  if (SPECIAL_DOUBLE.test(text)) return specialDouble(text.toLowerCase());
  if (text.includes('_') && !areUnderscoresBetweenDigits(text)) return undefined;
  const digits = text.replaceAll('_', '');
  const value = DECIMAL_DOUBLE.test(digits) ? Number(digits) : parseHexDouble(digits);
  return value === undefined || !Number.isFinite(value) ? undefined : value;
}

function specialDouble(text: string): number {
  if (text.endsWith('nan')) return Number.NaN;
  return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/** An underscore must stand between two digits, or between a base prefix and a digit. */
function areUnderscoresBetweenDigits(text: string): boolean {
  const isHex = /^[+-]?0x/i.test(text);
  const lone = isHex ? /(?<![\dA-Fa-f]|0[xX])_|_(?![\dA-Fa-f])/ : /(?<!\d)_|_(?!\d)/;
  return !lone.test(text);
}

function parseHexDouble(text: string): number | undefined {
  const match = HEX_DOUBLE.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = '', fraction = '', power = '0'] = match;
  const digits = whole + fraction;
  if (digits === '') return undefined;
  const mantissa = BigInt(`0x${digits}`);
  const magnitude = mantissa === 0n ? 0 : scaleExactly(mantissa, clampExponent(power) - 4 * fraction.length);
  return sign === '-' ? -magnitude : magnitude;
}

/** Exponents past this overflow or underflow whatever digits an expression can hold; Go stops counting at 10,000 too. */
function clampExponent(power: string): number {
  return Math.max(-1_000_000, Math.min(1_000_000, Number(power)));
}

/** mantissa × 2^exponent, rounded once, half to even. */
function scaleExactly(mantissa: bigint, exponent: number): number {
  const length = mantissa.toString(2).length;
  // What a double keeps: 53 bits, fewer below its least exponent, -1074.
  const lowest = Math.max(exponent + length - 53, -1074);
  const shift = lowest - exponent;
  if (shift <= 0) return Number(mantissa) * 2 ** exponent;
  if (shift > length + 1) return 0;
  const half = 1n << BigInt(shift - 1);
  const kept = mantissa >> BigInt(shift);
  const rest = mantissa & ((1n << BigInt(shift)) - 1n);
  const rounded = rest > half || (rest === half && (kept & 1n) === 1n) ? kept + 1n : kept;
  return multiplyByPower(Number(rounded), lowest);
}

/** value × 2^exponent in two steps, since 2^-1074 × 2^53 and 2^1023 × 2 must not under- or overflow on the way. */
function multiplyByPower(value: number, exponent: number): number {
  const half = Math.trunc(exponent / 2);
  return value * 2 ** half * 2 ** (exponent - half);
}
