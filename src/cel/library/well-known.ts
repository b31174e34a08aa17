import type { MessageType, Structure } from '../check/declarations.ts';
import { CelError } from '../error.ts';
import { formatTimestamp } from './timestamp-text.ts';
import {
  ANY,
  BOOL,
  BYTES,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  NULL,
  STRING,
  TIMESTAMP,
  type Type,
  UINT,
  listType,
  mapType,
  nullableType,
  objectType,
} from '../type.ts';
import {
  type CelList,
  CelMap,
  type CelResult,
  type CelValue,
  Duration,
  ObjectValue,
  Timestamp,
  Uint,
} from '../value.ts';

type Fields = ReadonlyMap<string, CelValue>;

const MIN_INT32 = -(2n ** 31n);
const MAX_INT32 = 2n ** 31n - 1n;
const MAX_UINT32 = 2n ** 32n - 1n;
const SECOND = 1_000_000_000n;
const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);

function wrapper(type: Type, empty: CelValue, check: (value: CelValue) => CelResult): MessageType {
  return {
    type: nullableType(type),
    fields: structure({ value: type }),
    make: (fields) => check(fields.get('value') ?? empty),
  };
}

function structure(fields: Readonly<Record<string, Type>>): Structure {
  return new Map(Object.entries(fields));
}

const same = (value: CelValue): CelResult => value;

function int32(value: CelValue): CelResult {
  const isInRange = typeof value === 'bigint' && value >= MIN_INT32 && value <= MAX_INT32;
  return isInRange ? value : new CelError('integer overflow');
}

function uint32(value: CelValue): CelResult {
  const isInRange = value instanceof Uint && value.value <= MAX_UINT32;
  return isInRange ? value : new CelError('unsigned integer overflow');
}

function float(value: CelValue): CelResult {
  return Math.fround(Number(value));
}

/** seconds and nanos, either of which may be left out. */
const timeFields = structure({ seconds: INT, nanos: INT });

function totalNanos(fields: Fields): bigint {
  return ((fields.get('seconds') as bigint | undefined) ?? 0n) * SECOND + nanosOf(fields);
}

function nanosOf(fields: Fields): bigint {
  return (fields.get('nanos') as bigint | undefined) ?? 0n;
}

function makeTimestamp(fields: Fields): CelResult {
  const total = totalNanos(fields);
  const nanos = ((total % SECOND) + SECOND) % SECOND;
  return new Timestamp(Number((total - nanos) / SECOND), Number(nanos));
}

/** The kinds of google.protobuf.Value; of several the last written counts. */
const valueFields = structure({
  null_value: NULL,
  number_value: DOUBLE,
  string_value: STRING,
  bool_value: BOOL,
  struct_value: mapType(STRING, DYN),
  list_value: listType(DYN),
});

function makeValue(fields: Fields): CelResult {
  return toJson([...fields.values()].at(-1) ?? null);
}

/** The value as JSON has it: numbers are doubles, or text where a double would not be exact. */
function toJson(value: CelValue): CelResult {
  if (value instanceof Uint) return toJson(value.value);
  if (typeof value === 'bigint') {
    return value >= -MAX_SAFE && value <= MAX_SAFE ? Number(value) : value.toString();
  }
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (value instanceof Timestamp) return formatTimestamp(value);
  if (Array.isArray(value)) return collect((value as CelList).map(toJson), (elements) => elements);
  if (value instanceof CelMap) {
    const keys = [...value.keys()].map(String);
    const values = [...value.pairs()].map(([, element]) => toJson(element));
    return collect(values, (elements) => CelMap.of(keys.map((key, index) => [key, elements[index] ?? null])));
  }
  if (value === null || typeof value !== 'object') return value;
  return new CelError('unsupported type conversion to google.protobuf.Value');
}

function collect(results: readonly CelResult[], make: (values: CelList) => CelValue): CelResult {
  const error = results.find((result) => result instanceof CelError);
  return error ?? make(results as CelList);
}

const EMPTY = 'google.protobuf.Empty';

/** The messages that cel-go always knows, by name; what each makes is CEL's own type where there is one. */
export const messageTypes: ReadonlyMap<string, MessageType> = new Map<string, MessageType>([
  ['google.protobuf.Timestamp', { type: TIMESTAMP, fields: timeFields, make: makeTimestamp }],
  [
    'google.protobuf.Duration',
    { type: DURATION, fields: timeFields, make: (fields) => new Duration(totalNanos(fields)) },
  ],
  ['google.protobuf.BoolValue', wrapper(BOOL, false, same)],
  ['google.protobuf.BytesValue', wrapper(BYTES, new Uint8Array(), same)],
  ['google.protobuf.DoubleValue', wrapper(DOUBLE, 0, same)],
  ['google.protobuf.FloatValue', wrapper(DOUBLE, 0, float)],
  ['google.protobuf.Int32Value', wrapper(INT, 0n, int32)],
  ['google.protobuf.Int64Value', wrapper(INT, 0n, same)],
  ['google.protobuf.StringValue', wrapper(STRING, '', same)],
  ['google.protobuf.UInt32Value', wrapper(UINT, new Uint(0n), uint32)],
  ['google.protobuf.UInt64Value', wrapper(UINT, new Uint(0n), same)],
  [
    'google.protobuf.Struct',
    {
      type: mapType(STRING, DYN),
      fields: structure({ fields: mapType(STRING, DYN) }),
      make: (fields) => toJson(fields.get('fields') ?? CelMap.empty),
    },
  ],
  ['google.protobuf.Value', { type: DYN, fields: valueFields, make: makeValue }],
  [
    'google.protobuf.ListValue',
    {
      type: listType(DYN),
      fields: structure({ values: listType(DYN) }),
      make: (fields) => toJson(fields.get('values') ?? []),
    },
  ],
  [EMPTY, { type: objectType(EMPTY), fields: new Map(), make: () => new ObjectValue(EMPTY, {}) }],
  [
    'google.protobuf.Any',
    {
      type: ANY,
      fields: structure({ type_url: STRING, value: BYTES }),
      make: () => new CelError('google.protobuf.Any cannot be unpacked'),
    },
  ],
]);
