import { formatDouble } from '../../src/cel/library/double-text.ts';
import { formatTimestamp } from '../../src/cel/library/timestamp-text.ts';
import {
  type CelList,
  CelMap,
  type CelValue,
  Duration,
  ObjectValue,
  OpaqueValue,
  Optional,
  Timestamp,
  TypeValue,
  Uint,
  typeNameOf,
} from '../../src/cel/value.ts';

/** A value as the vectors of `cel-env.jsonl` write it. */
export interface EncodedValue {
  readonly type: string;
  readonly value: unknown;
}

/** A value in the form of `cel-env.jsonl`, as canonical text. */
export function encode(value: CelValue): string {
  return JSON.stringify(canonical(toEncoded(value)));
}

/** An expected value in the same form. */
export function normalize(expected: EncodedValue): string {
  return JSON.stringify(canonical(expected));
}

function toEncoded(value: CelValue): EncodedValue {
  const type = typeNameOf(value);
  if (Array.isArray(value)) return { type, value: (value as CelList).map(toEncoded) };
  if (value instanceof CelMap) {
    return { type, value: [...value.pairs()].map((pair) => pair.map(toEncoded)) };
  }
  if (value instanceof Optional)
    return { type, value: value.value === undefined ? null : toEncoded(value.value) };
  if (value instanceof ObjectValue) {
    return value.size === 0 ? { type, value: '' } : { type: 'object', value: type };
  }
  if (value instanceof TypeValue) return { type, value: value.name };
  if (value instanceof Uint) return { type, value: value.value.toString() };
  if (value instanceof Uint8Array) return { type, value: Buffer.from(value).toString('base64') };
  if (value instanceof Timestamp)
    return { type, value: formatTimestamp(new Timestamp(value.seconds, value.nanos)) };
  if (value instanceof Duration) return { type, value: value.nanos.toString() };
  if (value instanceof OpaqueValue) return { type, value: value.toString() };
  if (typeof value === 'bigint') return { type, value: value.toString() };
  if (typeof value === 'number') return { type, value: encodeDouble(value) };
  return { type, value };
}

function encodeDouble(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return 'Infinity';
  if (value === Number.NEGATIVE_INFINITY) return '-Infinity';
  return Object.is(value, -0) ? '-0' : formatDouble(value);
}

/** Maps sorted by their keys; the same value has the same text. */
function canonical({ type, value }: EncodedValue): EncodedValue {
  if (type === 'list') return { type, value: (value as EncodedValue[]).map(canonical) };
  if (type === 'optional_type')
    return { type, value: value === null ? null : canonical(value as EncodedValue) };
  if (type !== 'map') return { type, value };
  const pairs = (value as [EncodedValue, EncodedValue][]).map(([key, element]) => [
    canonical(key),
    canonical(element),
  ]);
  return { type, value: pairs.sort((a, b) => (JSON.stringify(a[0]) < JSON.stringify(b[0]) ? -1 : 1)) };
}

/** A value in the form of the golden files: `string:"a"`, `[int:1,int:2]`. */
export function encodeGolden(value: CelValue): string {
  if (Array.isArray(value)) return `[${(value as CelList).map(encodeGolden).join(',')}]`;
  if (value instanceof CelMap) {
    const pairs = [...value.pairs()].map(([key, element]) => `${encodeGolden(key)}:${encodeGolden(element)}`);
    return `{${pairs.sort().join(',')}}`;
  }
  if (typeof value === 'string') return `string:${JSON.stringify(value)}`;
  if (typeof value === 'number') return `double:${formatDouble(value)}`;
  if (value === null) return 'null';
  if (value instanceof Uint8Array) return `bytes:${Buffer.from(value).toString('hex')}`;
  if (value instanceof Timestamp) {
    const [date, time] = formatTimestamp(value).replace('Z', '').split('T');
    return `google.protobuf.Timestamp:${date} ${time} +0000 UTC`;
  }
  if (value instanceof Duration) return `google.protobuf.Duration:${Number(value.nanos) / 1e6}ms`;
  if (value instanceof Optional)
    return value.value === undefined ? 'none' : `optional(${encodeGolden(value.value)})`;
  return `${typeNameOf(value)}:${innerText(value)}`;
}

function innerText(value: CelValue): string {
  if (value instanceof Uint) return value.value.toString();
  if (value instanceof TypeValue) return value.name;
  return typeof value === 'object' && !(value instanceof OpaqueValue) ? typeNameOf(value) : String(value);
}
