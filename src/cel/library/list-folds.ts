import { compare } from '../equality.ts';
import { CelError, noSuchOverload } from '../error.ts';
import { type CelList, type CelResult, type CelValue, Duration, Timestamp, Uint } from '../value.ts';
import { MAX_INT, MAX_UINT, MIN_INT } from './number-text.ts';

/** Whether values of this one's type have an order. */
export function isComparable(value: CelValue): boolean {
  return (
    ['bigint', 'boolean', 'number', 'string'].includes(typeof value) ||
    value instanceof Uint ||
    value instanceof Uint8Array ||
    value instanceof Timestamp ||
    value instanceof Duration
  );
}

/** Whether no element comes after the next; elements that cannot be compared are passed over. */
export function isSorted(list: CelList): CelResult {
  for (const [index, element] of list.entries()) {
    if (!isComparable(element)) return noSuchOverload();
    const order = index === 0 ? 0 : compare(list[index - 1] as CelValue, element);
    if (typeof order === 'number' && order > 0) return false;
  }
  return true;
}

/** The least or greatest element, the first of equal ones; an empty list is an error. */
export function extreme(which: 'min' | 'max', list: CelList): CelResult {
  let result: CelValue | undefined;
  for (const element of list) {
    if (!isComparable(element)) return noSuchOverload();
    const order = result === undefined ? 0 : compare(result, element);
    const isBetter = typeof order === 'number' && (which === 'min' ? order > 0 : order < 0);
    if (result === undefined || isBetter) result = element;
  }
  return result ?? new CelError(`${which} called on empty list`);
}

/** The sum of a list of a type by Kubernetes' name for it; that of an empty list is the type's zero. */
export function sum(typeName: string, list: CelList): CelResult {
  let total: CelResult = zeroOf(typeName);
  for (const element of list) {
    total = add(total, element);
    if (total instanceof CelError) return total;
  }
  return total;
}

function zeroOf(typeName: string): CelValue {
  if (typeName === 'uint') return new Uint(0n);
  if (typeName === 'double') return 0;
  return typeName === 'duration' ? new Duration(0n) : 0n;
}

function add(a: CelValue, b: CelValue): CelResult {
  if (typeof a === 'bigint' && typeof b === 'bigint') return checked(a + b, (total) => total);
  if (typeof a === 'number' && typeof b === 'number') return a + b;
  if (a instanceof Duration && b instanceof Duration) {
    return checked(a.nanos + b.nanos, (total) => new Duration(total));
  }
  if (!(a instanceof Uint && b instanceof Uint)) return noSuchOverload();
  const total = a.value + b.value;
  return total > MAX_UINT ? new CelError('unsigned integer overflow') : new Uint(total);
}

function checked(total: bigint, make: (total: bigint) => CelValue): CelResult {
  return total < MIN_INT || total > MAX_INT ? new CelError('integer overflow') : make(total);
}
