import {
  CelMap,
  type CelValue,
  Duration,
  type ObjectValue,
  OpaqueValue,
  Optional,
  Timestamp,
  TypeValue,
  Uint,
} from '../value.ts';

/** A text that two values share only if nothing in the language tells them apart, types included. */
export function canonicalValue(value: CelValue): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return `${Object.is(value, -0) ? '-0' : value}d`;
  if (typeof value === 'boolean' || value === null) return String(value);
  return canonicalObject(value);
}

function canonicalObject(value: Exclude<CelValue, string | bigint | number | boolean | null>): string {
  if (Array.isArray(value)) return `[${value.map(canonicalValue).join(',')}]`;
  if (value instanceof CelMap) {
    const pairs = [...value.pairs()].map(([key, item]) => `${canonicalValue(key)}:${canonicalValue(item)}`);
    return `{${pairs.sort().join(',')}}`;
  }
  if (value instanceof Uint) return `${value.value}u`;
  if (value instanceof Uint8Array) return `b${Buffer.from(value).toString('hex')}`;
  if (value instanceof Timestamp) return `timestamp(${value.seconds},${value.nanos})`;
  if (value instanceof Duration) return `duration(${value.nanos})`;
  if (value instanceof Optional) {
    return value.value === undefined ? 'none' : `some(${canonicalValue(value.value)})`;
  }
  if (value instanceof TypeValue) return `type(${value.name})`;
  if (value instanceof OpaqueValue) return `${value.typeName}(${value.toString()})`;
  return (value as ObjectValue).typeName;
}
