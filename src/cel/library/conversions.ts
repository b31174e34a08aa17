import { type Overload, overload } from '../overload.ts';
import { traversal } from '../size.ts';
import type { CelResult, CelValue } from '../value.ts';
import { toBool, toBytes, toDouble, toDuration, toInt, toText, toTimestamp, toUint } from './conversion.ts';

const identity = (value: CelValue): CelValue => value;

/** `toText` for the types that `string(x)` is declared for. */
const text = (value: CelValue): CelResult => toText(value) ?? '';

const DURATION = 'google.protobuf.Duration';
const TIMESTAMP = 'google.protobuf.Timestamp';

/** Walked once: the only conversions that cel-go charges by size. */
const walked = ([value]: readonly CelResult[]): number => traversal(value);

/** The conversions between CEL's own types. */
export const conversionOverloads: readonly Overload[] = [
  overload('bool_to_bool', 'bool(bool) -> bool', { evaluate: identity }),
  overload('string_to_bool', 'bool(string) -> bool', { evaluate: toBool }),
  overload('bytes_to_bytes', 'bytes(bytes) -> bytes', { evaluate: identity }),
  overload('string_to_bytes', 'bytes(string) -> bytes', { evaluate: toBytes, cost: walked }),
  overload('double_to_double', 'double(double) -> double', { evaluate: identity }),
  overload('int64_to_double', 'double(int) -> double', { evaluate: toDouble }),
  overload('string_to_double', 'double(string) -> double', { evaluate: toDouble }),
  overload('uint64_to_double', 'double(uint) -> double', { evaluate: toDouble }),
  overload('duration_to_duration', `duration(${DURATION}) -> ${DURATION}`, { evaluate: identity }),
  overload('int64_to_duration', `duration(int) -> ${DURATION}`, { evaluate: toDuration }),
  overload('string_to_duration', `duration(string) -> ${DURATION}`, { evaluate: toDuration }),
  overload('int64_to_int64', 'int(int) -> int', { evaluate: identity }),
  overload('double_to_int64', 'int(double) -> int', { evaluate: toInt }),
  overload('duration_to_int64', `int(${DURATION}) -> int`, { evaluate: toInt }),
  overload('string_to_int64', 'int(string) -> int', { evaluate: toInt }),
  overload('timestamp_to_int64', `int(${TIMESTAMP}) -> int`, { evaluate: toInt }),
  overload('uint64_to_int64', 'int(uint) -> int', { evaluate: toInt }),
  overload('string_to_string', 'string(string) -> string', { evaluate: identity }),
  overload('bool_to_string', 'string(bool) -> string', { evaluate: text }),
  overload('bytes_to_string', 'string(bytes) -> string', { evaluate: text, cost: walked }),
  overload('double_to_string', 'string(double) -> string', { evaluate: text }),
  overload('duration_to_string', `string(${DURATION}) -> string`, { evaluate: text }),
  overload('int64_to_string', 'string(int) -> string', { evaluate: text }),
  overload('timestamp_to_string', `string(${TIMESTAMP}) -> string`, { evaluate: text }),
  overload('uint64_to_string', 'string(uint) -> string', { evaluate: text }),
  overload('timestamp_to_timestamp', `timestamp(${TIMESTAMP}) -> ${TIMESTAMP}`, { evaluate: identity }),
  overload('int64_to_timestamp', `timestamp(int) -> ${TIMESTAMP}`, { evaluate: toTimestamp }),
  overload('string_to_timestamp', `timestamp(string) -> ${TIMESTAMP}`, { evaluate: toTimestamp }),
  overload('uint64_to_uint64', 'uint(uint) -> uint', { evaluate: identity }),
  overload('double_to_uint64', 'uint(double) -> uint', { evaluate: toUint }),
  overload('int64_to_uint64', 'uint(int) -> uint', { evaluate: toUint }),
  overload('string_to_uint64', 'uint(string) -> uint', { evaluate: toUint }),
];
