import { CelError, noSuchOverload } from './error.ts';
import {
  CelMap,
  type CelList,
  type CelValue,
  Duration,
  ObjectValue,
  OpaqueValue,
  Optional,
  Timestamp,
  TypeValue,
  Uint,
} from './value.ts';

const MAX_INT = 2 ** 63;
const MAX_UINT = 2 ** 64;

/**
 * Whether two values are equal, numbers across their types. An object of ours, and some of Kubernetes' types, answer with an
 * error when they meet another type; inside a list or a map such an error counts as equal, as in cel-go.
 */
export function equal(a: CelValue, b: CelValue): boolean | CelError {
  if (typeof a === 'string' || typeof a === 'boolean') return a === b;
  if (typeof a === 'bigint' && typeof b === 'bigint') return a === b;
  if (typeof a === 'bigint' || typeof a === 'number') return equalNumbers(a, b);
  return a === null || b === null ? a === b : equalObjects(a, b);
}

/** Whether a list holds a value equal to this one; comparisons that err count as unequal. */
export function contains(list: CelList, value: CelValue): boolean {
  if (typeof value === 'string' || typeof value === 'boolean') return list.includes(value);
  return list.some((element) => equal(value, element) === true);
}

function equalNumbers(a: bigint | number | Uint, b: CelValue): boolean {
  if (typeof b !== 'bigint' && typeof b !== 'number' && !(b instanceof Uint)) return false;
  return compareNumbers(a, b) === 0;
}

type Composite = Exclude<CelValue, boolean | bigint | number | string | null>;

function equalObjects(a: Composite, b: Exclude<CelValue, null>): boolean | CelError {
  if (Array.isArray(a)) return Array.isArray(b) && equalLists(a, b);
  if (a instanceof CelMap) return b instanceof CelMap && equalMaps(a, b);
  if (a instanceof Uint) return equalNumbers(a, b);
  if (a instanceof Uint8Array) return b instanceof Uint8Array && compareBytes(a, b) === 0;
  if (a instanceof Timestamp) return b instanceof Timestamp && a.seconds === b.seconds && a.nanos === b.nanos;
  if (a instanceof Duration) return b instanceof Duration && a.nanos === b.nanos;
  if (a instanceof Optional) return b instanceof Optional && equalOptionals(a, b);
  if (a instanceof TypeValue) return b instanceof TypeValue && a.name === b.name;
  if (a instanceof OpaqueValue) return a.equals(b);
  return b instanceof ObjectValue ? a === b : noSuchOverload();
}

function equalLists(a: CelList, b: CelList): boolean {
  if (a.length !== b.length) return false;
  return a.every((element, index) => equal(element, b[index] as CelValue) !== false);
}

function equalMaps(a: CelMap, b: CelMap): boolean {
  if (a.size !== b.size) return false;
  for (const [key, value] of a.pairs()) {
    const other = b.get(key);
    if (other === undefined || equal(value, other) === false) return false;
  }
  return true;
}

function equalOptionals(a: Optional, b: Optional): boolean | CelError {
  if (a.value === undefined || b.value === undefined) return a.value === b.value;
  return equal(a.value, b.value);
}

/** The order of two values: negative, 0 or positive; an error for NaN and for types that have no order between them. */
export function compare(a: CelValue, b: CelValue): number | CelError {
  if (typeof a === 'string') return typeof b === 'string' ? compareStrings(a, b) : noSuchOverload();
  if (typeof a === 'boolean') return typeof b === 'boolean' ? Number(a) - Number(b) : noSuchOverload();
  if (isNumeric(a)) return isNumeric(b) ? orderNumbers(a, b) : noSuchOverload();
  if (a instanceof Timestamp && b instanceof Timestamp) {
    return Math.sign(a.seconds - b.seconds || a.nanos - b.nanos);
  }
  if (a instanceof Duration && b instanceof Duration) return compareIntegers(a.nanos, b.nanos);
  if (a instanceof Uint8Array && b instanceof Uint8Array) return compareBytes(a, b);
  return noSuchOverload();
}

function isNumeric(value: CelValue): value is bigint | number | Uint {
  return typeof value === 'bigint' || typeof value === 'number' || value instanceof Uint;
}

function orderNumbers(a: bigint | number | Uint, b: bigint | number | Uint): number | CelError {
  if (Number.isNaN(a) || Number.isNaN(b)) return new CelError('NaN values cannot be ordered');
  return compareNumbers(a, b) ?? 0;
}

/** undefined where NaN is among the two. Integers meet doubles as doubles, rounded, within their own type's range. */
function compareNumbers(a: bigint | number | Uint, b: bigint | number | Uint): number | undefined {
  if (typeof a === 'number') {
    if (Number.isNaN(a) || Number.isNaN(b)) return undefined;
    return typeof b === 'number' ? Number(a > b) - Number(a < b) : compareDouble(a, b);
  }
  if (typeof b === 'number') return Number.isNaN(b) ? undefined : -compareDouble(b, a);
  return compareIntegers(integerOf(a), integerOf(b));
}

function integerOf(value: bigint | Uint): bigint {
  return typeof value === 'bigint' ? value : value.value;
}

function compareDouble(a: number, b: bigint | Uint): number {
  const isInt = typeof b === 'bigint';
  if (a < (isInt ? -MAX_INT : 0)) return -1;
  if (a > (isInt ? MAX_INT : MAX_UINT)) return 1;
  const other = Number(integerOf(b));
  return Number(a > other) - Number(a < other);
}

function compareIntegers(a: bigint, b: bigint): number {
  return Number(a > b) - Number(a < b);
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  return Buffer.compare(a, b);
}

/** By code point, where JavaScript would go by UTF-16 unit: surrogates sort after U+E000…U+FFFF. */
function compareStrings(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left !== right) return unitOrder(left) - unitOrder(right);
  }
  return a.length - b.length;
}

function unitOrder(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000;
}
