import { CelError, noSuchOverload } from '../error.ts';
import { InputList, InputMap, findField } from '../input-value.ts';
import {
  CelMap,
  type CelList,
  type CelResult,
  type CelValue,
  ObjectValue,
  OpaqueValue,
  Optional,
  Uint,
  typeNameOf,
} from '../value.ts';

/** How a key is printed in an error. */
export function printKey(key: CelValue): string {
  if (key instanceof Uint) return key.value.toString();
  return typeof key === 'object' && key !== null && !(key instanceof OpaqueValue)
    ? typeNameOf(key)
    : String(key);
}

/** Whether a value may be an index at all. */
export function isKey(value: CelResult): value is string | bigint | boolean | number | Uint {
  return ['string', 'bigint', 'boolean', 'number'].includes(typeof value) || value instanceof Uint;
}

/** What the key selects of the value: a part of it, an error, or nothing where it has no such part. */
export function find(value: CelValue, key: CelValue): CelResult | undefined {
  if (value instanceof CelMap) return value.get(key);
  if (value instanceof ObjectValue) return findField(value, key);
  if (!Array.isArray(value)) return undefined;
  const index = toIndex(key);
  return typeof index === 'number' ? (value as CelList)[index] : index;
}

/** What the key selects of the value; what is not there is an error. */
export function select(value: CelValue, key: CelValue): CelResult {
  const found = find(value, key);
  if (found !== undefined) return found;
  const problem = Array.isArray(value) ? 'index out of bounds' : 'no such key';
  return new CelError(`${problem}: ${printKey(key)}`);
}

/** Whole numbers of every type are indexes; one that is out of all bounds becomes -1. */
function toIndex(key: CelValue): number | CelError {
  if (typeof key === 'bigint') return key >= 0n && key <= Number.MAX_SAFE_INTEGER ? Number(key) : -1;
  if (typeof key === 'number' || key instanceof Uint) {
    const index = typeof key === 'number' ? key : Number(key.value);
    const isInt = Number.isInteger(index) && Math.abs(index) < 2 ** 63;
    return isInt ? index : new CelError(`unsupported index value ${printKey(key)} in list`);
  }
  return new CelError(`unsupported index type '${typeNameOf(key)}' in list`);
}

/**
 * What is inside an optional, as cel-go takes it out: through all optionals, an empty one within as null; of values from
 * outside without their wrapper; and of objects and the libraries' own types not at all.
 */
export function unwrapOptional(value: CelValue): CelResult {
  if (value instanceof Optional) return value.value === undefined ? null : unwrapOptional(value.value);
  if (value instanceof InputMap) return value.plain;
  if (value instanceof InputList) return value.plain;
  if (value instanceof ObjectValue) return noSuchOverload();
  return value instanceof OpaqueValue
    ? new CelError(`unsupported conversion to ref.Val: ${value.typeName}`)
    : value;
}
