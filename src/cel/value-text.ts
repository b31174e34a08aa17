import { formatDouble } from './library/double-text.ts';
import { durationSeconds } from './library/go-duration.ts';
import { formatTimestamp } from './library/timestamp-text.ts';
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
} from './value.ts';

/** How much of a value is written; a list of thousands helps nobody who reads a decision. */
const MAX_LENGTH = 400;

/** A value as a person would write it in an expression, cut off where it is long. */
export function formatValue(value: CelValue): string {
  const text = write(value);
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text;
}

function write(value: CelValue): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') return formatDouble(value);
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return `[${writeItems(value as CelList)}]`;
  if (value instanceof CelMap) return `{${writePairs(value)}}`;
  if (value instanceof Uint) return `${value.value}u`;
  if (value instanceof Uint8Array)
    return `b"${Buffer.from(value).toString('hex').replaceAll(/../g, '\\x$&')}"`;
  if (value instanceof Timestamp) return `timestamp("${formatTimestamp(value)}")`;
  if (value instanceof Duration) return `duration("${durationSeconds(value.nanos)}s")`;
  if (value instanceof Optional)
    return value.value === undefined ? 'optional.none()' : `optional.of(${write(value.value)})`;
  if (value instanceof TypeValue) return value.name;
  if (value instanceof OpaqueValue) return value.toString();
  return value instanceof ObjectValue ? value.typeName : '…';
}

/** One more than what would be shown anyhow. */
const MAX_ITEMS = 200;

function writeItems(list: CelList): string {
  return list.slice(0, MAX_ITEMS).map(write).join(', ');
}

function writePairs(map: CelMap): string {
  const pairs = [...map.pairs()].slice(0, MAX_ITEMS);
  return pairs.map(([key, value]) => `${write(key)}: ${write(value)}`).join(', ');
}
