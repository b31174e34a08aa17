/** The digits of a finite number's absolute value: `0.d₁d₂d₃… × 10^point`. No digits: zero. */
export interface DecimalDigits {
  readonly digits: string;
  readonly point: number;
}

/** The shortest digits that read back as the same double. */
export function shortestDigits(value: number): DecimalDigits {
  if (value === 0) return { digits: '', point: 0 };
  const [mantissa = '', exponent = '0'] = Math.abs(value).toExponential().split('e');
  return { digits: mantissa.replace('.', ''), point: Number(exponent) + 1 };
}

/** The exact value rounded half to even at this many places after the point; trailing zeros are cut off. */
export function digitsToPlaces(value: number, places: number): DecimalDigits {
  // Past its last binary place the value has no digits left.
  const kept = Math.min(places, binaryPlaces(value));
  const digits = roundedScaled(value, kept).toString();
  return trimmed(digits === '0' ? '' : digits, digits.length - kept);
}

/** The exact value rounded half to even to this many significant digits; trailing zeros are cut off. */
export function significantDigits(value: number, count: number): DecimalDigits {
  if (value === 0) return { digits: '', point: 0 };
  const { point } = shortestDigits(value);
  const digits = roundedScaled(value, count - point).toString();
  // 9.9999995 rounds up to one digit more than was asked for; the extra one is a zero, and so is cut off.
  return trimmed(digits, point + digits.length - count);
}

function trimmed(digits: string, point: number): DecimalDigits {
  return { digits: trimZeros(digits), point };
}

/** The digits without the zeros at their end. */
export function trimZeros(digits: string): string {
  let end = digits.length;
  while (digits.charAt(end - 1) === '0') end--;
  return digits.slice(0, end);
}

/** |value| × 10^scale as an integer, rounded half to even from the double's exact value. */
function roundedScaled(value: number, scale: number): bigint {
  const { mantissa, exponent } = decompose(Math.abs(value));
  let numerator = mantissa;
  let denominator = 1n;
  if (exponent >= 0) numerator <<= BigInt(exponent);
  else denominator <<= BigInt(-exponent);
  if (scale >= 0) numerator *= 10n ** BigInt(scale);
  else denominator *= 10n ** BigInt(-scale);
  const quotient = numerator / denominator;
  const twice = (numerator % denominator) * 2n;
  const up = twice > denominator || (twice === denominator && (quotient & 1n) === 1n);
  return up ? quotient + 1n : quotient;
}

/** How many places after the binary point the value has, and so after its decimal point. */
function binaryPlaces(value: number): number {
  const { mantissa, exponent } = decompose(value);
  if (mantissa === 0n) return 0;
  const lowestBit = (mantissa & -mantissa).toString(2).length - 1;
  return Math.max(0, -exponent - lowestBit);
}

/** The absolute value of a finite double as mantissa × 2^exponent. */
function decompose(value: number): { readonly mantissa: bigint; readonly exponent: number } {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const fraction = bits & 0xfffffffffffffn;
  const biased = Number((bits >> 52n) & 0x7ffn);
  return biased === 0
    ? { mantissa: fraction, exponent: -1074 }
    : { mantissa: fraction | 0x10000000000000n, exponent: biased - 1075 };
}
