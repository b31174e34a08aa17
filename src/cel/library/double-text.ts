import { type DecimalDigits, digitsToPlaces, shortestDigits, significantDigits } from './decimal-digits.ts';

/** The double as `string(x)` gives it: Go's `%g`, e.g. `1e+06`, `0.1`, `-0`, `+Inf`, `NaN`. */
export function formatDouble(value: number): string {
  if (!Number.isFinite(value)) return formatNonFinite(value);
  const shortest = shortestDigits(value);
  const exponent = shortest.point - 1;
  const sign = isNegative(value) ? '-' : '';
  if (shortest.digits === '') return `${sign}0`;
  if (exponent >= -4 && exponent < SHORTEST_PRECISION) return sign + plain(shortest, 0);
  return sign + scientific(shortest);
}

/** The double without an exponent, as short as reads back the same: Go's `strconv.FormatFloat(x, 'f', -1, 64)`. */
export function formatPlainDouble(value: number): string {
  if (!Number.isFinite(value)) return formatNonFinite(value);
  return (isNegative(value) ? '-' : '') + plain(shortestDigits(value), 0);
}

/** The double with exactly this many places after the point: Go's `%.6f` for 6. */
export function formatFixedDouble(value: number, places: number): string {
  if (!Number.isFinite(value)) return formatNonFinite(value);
  return (isNegative(value) ? '-' : '') + plain(digitsToPlaces(value, places), places);
}

/** The precision from which Go's shortest `%g` turns to an exponent. */
const SHORTEST_PRECISION = 6;

/** The places that `%f` and `%e` give where none are asked for. */
export const DEFAULT_PLACES = 6;

/** No double has more places after its point than this. */
const MOST_PLACES = 1074;

/**
 * The double as golang.org/x/text prints `%f` for American English: thousands in groups, ∞ for infinity. `places` is what
 * the clause asks for; x/text keeps its low byte as the least number of places and its low 16 bits, signed, as the most.
 */
export function formatLocaleFixed(value: number, places: number): string {
  if (!Number.isFinite(value)) return localeNonFinite(value);
  const least = places & 0xff;
  const most = (places << 16) >> 16;
  const rounded = most < 0 ? shortestDigits(value) : digitsToPlaces(value, Math.min(most, MOST_PLACES));
  const [whole = '', fraction] = plain(rounded, least).split('.');
  const grouped = whole.replace(/\B(?=(?:\d{3})+$)/g, ',');
  return (value < 0 ? '-' : '') + grouped + (fraction === undefined ? '' : `.${fraction}`);
}

/** The double as golang.org/x/text prints `%e` for American English: `1.234500 × 10⁰³`. */
export function formatLocaleScientific(value: number): string {
  if (!Number.isFinite(value)) return localeNonFinite(value);
  const { digits, point } = significantDigits(value, DEFAULT_PLACES + 1);
  const exponent = digits === '' ? 0 : point - 1;
  const [first, ...rest] = digits.padEnd(DEFAULT_PLACES + 1, '0');
  const power = Math.abs(exponent).toString().padStart(2, '0');
  const raised =
    (exponent < 0 ? '⁻' : '') + power.replace(/\d/g, (digit) => SUPERSCRIPTS[Number(digit)] ?? '');
  return `${value < 0 ? '-' : ''}${first ?? ''}.${rest.join('')}×10${raised}`;
}

const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';

function plain({ digits, point }: DecimalDigits, leastPlaces: number): string {
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '';
  const fraction = (point > 0 ? digits.slice(point) : '0'.repeat(digits === '' ? 0 : -point) + digits).padEnd(
    leastPlaces,
    '0',
  );
  return (whole === '' ? '0' : whole) + (fraction === '' ? '' : `.${fraction}`);
}

function scientific({ digits, point }: DecimalDigits): string {
  const exponent = point - 1;
  const fraction = digits.slice(1);
  const power = Math.abs(exponent).toString().padStart(2, '0');
  return `${digits[0] ?? '0'}${fraction === '' ? '' : `.${fraction}`}e${exponent < 0 ? '-' : '+'}${power}`;
}

function isNegative(value: number): boolean {
  return value < 0 || Object.is(value, -0);
}

function formatNonFinite(value: number): string {
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}

function localeNonFinite(value: number): string {
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '-∞';
}
