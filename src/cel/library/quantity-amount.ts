import { trimZeros } from './decimal-digits.ts';
import { MAX_INT, MIN_INT } from './number-text.ts';
import { WorkLimit } from './work-limit.ts';

/**
 * A number as Kubernetes' quantities keep it: unscaled × 10^exponent. A `fixed` amount has at most 64 bits; where that is
 * not enough it becomes a `decimal`, and stays one.
 */
export interface Amount {
  readonly form: 'fixed' | 'decimal';
  readonly unscaled: bigint;
  readonly exponent: number;
}

/** Zeros that an addition may have to write out; Kubernetes writes them all. */
const MAX_ZEROS = 100_000;

/** The unscaled value at a lower exponent. */
export function rescale({ unscaled, exponent }: Amount, to: number): bigint | WorkLimit {
  if (unscaled === 0n) return 0n;
  const zeros = exponent - to;
  return zeros > MAX_ZEROS
    ? new WorkLimit('a quantity with too large an exponent')
    : unscaled * 10n ** BigInt(zeros);
}

/** a + b */
export function addAmounts(a: Amount, b: Amount): Amount | WorkLimit {
  const areFixed = a.form === 'fixed' && b.form === 'fixed';
  if (areFixed && b.unscaled === 0n) return a;
  if (areFixed && a.unscaled === 0n) return b;
  const exponent = Math.min(a.exponent, b.exponent);
  const left = rescale(a, exponent);
  const right = rescale(b, exponent);
  if (typeof left !== 'bigint') return left;
  if (typeof right !== 'bigint') return right;
  const isFixed = areFixed && [left, right, left + right].every(isInt64);
  return { form: isFixed ? 'fixed' : 'decimal', unscaled: left + right, exponent };
}

function isInt64(value: bigint): boolean {
  return value >= MIN_INT && value <= MAX_INT;
}

/** -1, 0 or 1. */
export function compareAmounts(a: Amount, b: Amount): -1 | 0 | 1 {
  const sign = signOf(a);
  if (sign !== signOf(b)) return sign < signOf(b) ? -1 : 1;
  if (sign === 0) return 0;
  // Numbers of different length need no zeros written out.
  const difference = magnitude(a) - magnitude(b);
  if (difference !== 0) return difference * sign < 0 ? -1 : 1;
  const exponent = Math.min(a.exponent, b.exponent);
  const left = a.unscaled * 10n ** BigInt(a.exponent - exponent);
  const right = b.unscaled * 10n ** BigInt(b.exponent - exponent);
  return left === right ? 0 : left < right ? -1 : 1;
}

/** -1, 0 or 1. */
export function signOf({ unscaled }: Amount): -1 | 0 | 1 {
  return unscaled === 0n ? 0 : unscaled < 0n ? -1 : 1;
}

/** How many digits stand before the point; negative for fractions that begin with zeros. */
function magnitude({ unscaled, exponent }: Amount): number {
  return unscaled.toString().replace('-', '').length + exponent;
}

/** The integer, where the amount is fixed, has no places after the point and fits 64 bits. */
export function toInt64({ form, unscaled, exponent }: Amount): bigint | undefined {
  if (form === 'decimal' || exponent < 0) return undefined;
  if (unscaled === 0n) return 0n;
  if (exponent > 18) return undefined;
  // Kubernetes takes the least integer for an overflow as soon as it scales it.
  if (unscaled === MIN_INT && exponent > 0) return undefined;
  const value = unscaled * 10n ** BigInt(exponent);
  return isInt64(value) ? value : undefined;
}

/** The nearest double, as Go computes it from a power of ten. */
export function toApproximateDouble({ unscaled, exponent }: Amount): number {
  return exponent === 0 ? Number(unscaled) : Number(unscaled) * powerOfTen(exponent);
}

/** Go's `math.Pow10`, made of two exact or nearest powers. */
function powerOfTen(exponent: number): number {
  if (exponent > 308) return Number.POSITIVE_INFINITY;
  if (exponent < -323) return 0;
  const rest = Math.abs(exponent) % 32;
  const whole = Math.abs(exponent) - rest;
  return exponent < 0
    ? Number(`1e-${whole}`) / Number(`1e${rest}`)
    : Number(`1e${whole}`) * Number(`1e${rest}`);
}

/** The amount without trailing zeros, at an exponent that is a multiple of three. */
export function canonicalDecimal({ unscaled, exponent }: Amount): {
  readonly digits: string;
  readonly exponent: number;
} {
  const digits = unscaled.toString();
  const kept = trimZeros(digits);
  const highest = exponent + digits.length - kept.length;
  const down = ((highest % 3) + 3) % 3;
  return { digits: kept + '0'.repeat(down), exponent: highest - down };
}

/** The whole number, rounded away from zero, with its factors of 1024 taken out. */
export function canonicalBinary(
  amount: Amount,
): { readonly digits: string; readonly factors: number } | WorkLimit {
  const whole = amount.exponent < 0 ? roundAway(amount, 0).unscaled : rescale(amount, 0);
  if (typeof whole !== 'bigint') return whole;
  let rest = whole;
  let factors = 0;
  while (rest !== 0n && rest % 1024n === 0n) {
    rest /= 1024n;
    factors++;
  }
  return { digits: rest.toString(), factors };
}

/** The amount at a higher exponent, rounded away from zero. */
export function roundAway({ form, unscaled, exponent }: Amount, to: number): Amount {
  const divisor = 10n ** BigInt(to - exponent);
  const quotient = unscaled / divisor;
  const up = unscaled % divisor === 0n ? 0n : unscaled < 0n ? -1n : 1n;
  return { form, unscaled: quotient + up, exponent: to };
}

/** Whether the amount has no places after the point. */
export function isWhole(amount: Amount): boolean {
  return amount.exponent >= 0 || compareAmounts(roundAway(amount, 0), amount) === 0;
}
