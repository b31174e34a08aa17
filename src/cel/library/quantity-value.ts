import { CelError, noSuchOverload } from '../error.ts';
import { type CelValue, OpaqueValue } from '../value.ts';
import {
  type Amount,
  addAmounts,
  canonicalBinary,
  canonicalDecimal,
  compareAmounts,
  isWhole,
  signOf,
} from './quantity-amount.ts';
import {
  BINARY_SUFFIXES,
  DECIMAL_SUFFIXES,
  type ParsedQuantity,
  type QuantityFormat,
  parseQuantity,
} from './quantity-parser.ts';
import { WorkLimit } from './work-limit.ts';

/** A value of `kubernetes.Quantity`. */
export class QuantityValue extends OpaqueValue {
  readonly typeName = 'kubernetes.Quantity';
  readonly amount: Amount;
  readonly #format: QuantityFormat;
  readonly #canonical: string | undefined;
  /** Made by `add` or `sub`, not by `quantity()`. */
  readonly #isComputed: boolean;

  constructor({ amount, format, canonical }: ParsedQuantity, origin: 'parsed' | 'computed') {
    super();
    this.amount = amount;
    this.#format = format;
    this.#canonical = canonical;
    this.#isComputed = origin === 'computed';
  }

  /** Kubernetes does not know a computed quantity on the right as a quantity. */
  equals(other: CelValue): boolean | CelError {
    if (!(other instanceof QuantityValue) || other.#isComputed) return noSuchOverload();
    return compareAmounts(this.amount, other.amount) === 0;
  }

  /** The sum is written in this one's format, or in the other's where this is zero. */
  add(other: QuantityValue): QuantityValue | WorkLimit {
    return this.#sum(other, other.amount);
  }

  /** The difference, written as the sum would be. */
  subtract(other: QuantityValue): QuantityValue | WorkLimit {
    return this.#sum(other, { ...other.amount, unscaled: -other.amount.unscaled });
  }

  #sum(other: QuantityValue, added: Amount): QuantityValue | WorkLimit {
    const amount = addAmounts(this.amount, added);
    if (amount instanceof WorkLimit) return amount;
    const format = signOf(this.amount) === 0 ? other.#format : this.#format;
    return new QuantityValue({ amount, format }, 'computed');
  }

  toString(): string {
    return this.#canonical ?? formatQuantity(this.amount, this.#format);
  }
}

/** The quantity that Kubernetes' `quantity()` reads. */
export function parseQuantityValue(text: string): QuantityValue | CelError {
  const parsed = parseQuantity(text);
  return parsed instanceof CelError ? parsed : new QuantityValue(parsed, 'parsed');
}

/** A whole number, as Kubernetes adds and subtracts them. */
export function wholeQuantity(value: bigint): QuantityValue {
  const amount: Amount = { form: 'fixed', unscaled: value, exponent: 0 };
  return new QuantityValue({ amount, format: 'exponent' }, 'computed');
}

const SUFFIXES_BY_POWER: ReadonlyMap<number, string> = new Map(
  [...DECIMAL_SUFFIXES].map(([suffix, power]) => [power, suffix]),
);

const ONE_KI: Amount = { form: 'fixed', unscaled: 1024n, exponent: 0 };

function formatQuantity(amount: Amount, format: QuantityFormat): string {
  if (amount.unscaled === 0n) return '0';
  if (format === 'binary' && isBinaryWritten(amount)) {
    const binary = canonicalBinary(amount);
    if (!(binary instanceof WorkLimit)) return binary.digits + (BINARY_SUFFIXES[binary.factors] ?? '');
  }
  const { digits, exponent } = canonicalDecimal(amount);
  if (format === 'exponent') return exponent === 0 ? digits : `${digits}e${exponent}`;
  // Kubernetes has no suffix past these powers, and leaves it out.
  return digits + (SUFFIXES_BY_POWER.get(exponent) ?? '');
}

/** Small numbers and fractions are written with decimal suffixes, so that nothing is rounded. */
function isBinaryWritten(amount: Amount): boolean {
  const unsigned = { ...amount, unscaled: amount.unscaled < 0n ? -amount.unscaled : amount.unscaled };
  return compareAmounts(unsigned, ONE_KI) >= 0 && isWhole(amount);
}
