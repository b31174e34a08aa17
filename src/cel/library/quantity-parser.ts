import { CelError } from '../error.ts';
import { MAX_INT, parseInt64 } from './number-text.ts';
import { type Amount, compareAmounts, rescale, roundAway } from './quantity-amount.ts';
import { WorkLimit } from './work-limit.ts';

/** How a quantity is written: `1500m`, `12e6`, `12Mi`. */
export type QuantityFormat = 'decimal' | 'exponent' | 'binary';

/** What a text says, and the text itself where Kubernetes would write the quantity just so. */
export interface ParsedQuantity {
  readonly amount: Amount;
  readonly format: QuantityFormat;
  readonly canonical?: string;
}

const SUFFIX = /^[eEinumkKMGTP]*[+-]?\d*$/;

const MALFORMED = new CelError(
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
);
const NO_NUMBER = new CelError('unable to parse numeric part of quantity');
const BAD_SUFFIX = new CelError("unable to parse quantity's suffix");

/** Powers of ten by suffix. */
export const DECIMAL_SUFFIXES: ReadonlyMap<string, number> = new Map([
  ['n', -9],
  ['u', -6],
  ['m', -3],
  ['', 0],
  ['k', 3],
  ['M', 6],
  ['G', 9],
  ['T', 12],
  ['P', 15],
  ['E', 18],
]);

/** Powers of 1024, by place. */
export const BINARY_SUFFIXES: readonly string[] = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

/** A text, taken apart. */
interface Parts {
  readonly text: string;
  readonly sign: string;
  readonly whole: string;
  readonly fraction: string;
  /** Whether there is any digit before the suffix. */
  readonly hasDigits: boolean;
}

/** Kubernetes' `resource.ParseQuantity`, with its error texts. */
export function parseQuantity(text: string): ParsedQuantity | CelError {
  if (text === '') return MALFORMED;
  // A dot may stand alone, and a sign too: Kubernetes reads both as 0.
  const sign = /^[+-]?/.exec(text)?.[0] ?? '';
  const unsigned = text.slice(sign.length).replace(/^0+/, '');
  const [, digits = '', fraction = '', suffix = ''] = /^(\d*)(?:\.(\d*))?(.*)$/s.exec(unsigned) ?? [];
  if (!SUFFIX.test(suffix)) return MALFORMED;
  const hasDigits = /\d/.test(text.slice(0, text.length - suffix.length));
  const parts = { text, sign, whole: digits === '' ? '0' : digits, fraction, hasDigits };
  if (text === '0') return { amount: fixed(0n, 0), format: 'decimal', canonical: text };
  const power = BINARY_SUFFIXES.indexOf(suffix);
  if (power > 0) return parseBinary(parts, power);
  const exponent = DECIMAL_SUFFIXES.get(suffix);
  if (exponent !== undefined) return parseDecimal(parts, exponent, 'decimal');
  const written = /^[eE](.+)$/.exec(suffix)?.[1];
  const parsed = written === undefined ? undefined : parseInt64(written);
  if (parsed === undefined) return BAD_SUFFIX;
  // Kubernetes keeps 32 bits of the exponent.
  return parseDecimal(parts, Number(BigInt.asIntN(32, parsed)), 'exponent');
}

function fixed(unscaled: bigint, exponent: number): Amount {
  return { form: 'fixed', unscaled, exponent };
}

/** Digits that Kubernetes trusts to fit 64 bits. */
const FIXED_DIGITS = 18;

const NANO = -9;

function parseDecimal(parts: Parts, exponent: number, format: QuantityFormat): ParsedQuantity | CelError {
  const digits = parts.whole + parts.fraction;
  const scale = exponent - parts.fraction.length;
  if (digits.length > FIXED_DIGITS || scale < NANO) return parseLong(parts, { exponent, format });
  const amount = fixed(signed(parts, BigInt(digits)), scale);
  const isCanonical = scale % 3 === 0 && !digits.endsWith('000') && !digits.startsWith('0');
  return isCanonical ? { amount, format, canonical: parts.text } : { amount, format };
}

function parseBinary(parts: Parts, power: number): ParsedQuantity | CelError {
  const { whole, fraction } = parts;
  const factor = 1024n ** BigInt(power);
  const precision = 15 - whole.length - 3 * power - 1;
  const product = BigInt(whole) * factor;
  if (fraction === '' && precision >= 0 && product <= MAX_INT) {
    const amount = fixed(signed(parts, product), 0);
    const isCanonical = (BigInt(whole) & 7n) !== 0n;
    return isCanonical ? { amount, format: 'binary', canonical: parts.text } : { amount, format: 'binary' };
  }
  return parseLong(parts, { exponent: 0, format: 'binary', factor });
}

function signed({ sign }: Parts, value: bigint): bigint {
  return sign === '-' ? -value : value;
}

interface Unit {
  readonly exponent: number;
  readonly format: QuantityFormat;
  readonly factor?: bigint;
}

/** A number of any length: kept to the nano, rounded away from zero; binary ones are at most 2^63 - 1. */
function parseLong(parts: Parts, { exponent, format, factor = 1n }: Unit): ParsedQuantity | CelError {
  if (!parts.hasDigits) return NO_NUMBER;
  const unscaled = BigInt(parts.whole + parts.fraction) * factor;
  const exact: Amount = { form: 'decimal', unscaled, exponent: exponent - parts.fraction.length };
  const nano = toNano(exact);
  if (nano instanceof WorkLimit) return nano;
  const most: Amount = { form: 'decimal', unscaled: MAX_INT, exponent: 0 };
  const isBinary = format === 'binary';
  const amount = isBinary && compareAmounts(nano, most) > 0 ? most : nano;
  const one: Amount = { form: 'decimal', unscaled: 1n, exponent: 0 };
  const isFraction = isBinary && amount.unscaled > 0n && compareAmounts(amount, one) < 0;
  return {
    amount: { ...amount, unscaled: signed(parts, amount.unscaled) },
    format: isFraction ? 'decimal' : format,
  };
}

function toNano(amount: Amount): Amount | WorkLimit {
  if (amount.unscaled === 0n) return amount;
  if (amount.exponent < NANO) return roundAway(amount, NANO);
  const unscaled = rescale(amount, NANO);
  return typeof unscaled === 'bigint' ? { form: 'decimal', unscaled, exponent: NANO } : unscaled;
}
