import type { CelError } from './error.ts';

/**
 * A value of the language. CEL's own types are: bool = boolean, int = bigint (signed, 64 bits), uint = `Uint`,
 * double = number, string = string (well-formed UTF-16; the language sees code points), bytes = Uint8Array,
 * null = null, list = array, map = `CelMap`.
 */
export type CelValue =
  | boolean
  | bigint
  | number
  | string
  | null
  | Uint
  | Uint8Array
  | CelList
  | CelMap
  | Timestamp
  | Duration
  | Optional
  | TypeValue
  | ObjectValue
  | OpaqueValue;

/** What an operation gives: a value, or an error as a value. */
export type CelResult = CelValue | CelError;

/** A list; never changed once made. */
export type CelList = readonly CelValue[];

/** An unsigned 64-bit integer; the maker sees to the range. */
export class Uint {
  readonly value: bigint;

  constructor(value: bigint) {
    this.value = value;
  }
}

/** An instant, as whole seconds since 1970-01-01T00:00:00Z and 0–999,999,999 nanoseconds after them. */
export class Timestamp {
  readonly seconds: number;
  readonly nanos: number;

  constructor(seconds: number, nanos: number) {
    this.seconds = seconds;
    this.nanos = nanos;
  }
}

/** A span of time in nanoseconds, within 64 bits. */
export class Duration {
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

/** `optional.of(value)`, or `optional.none()` where there is no value. */
export class Optional {
  static readonly none: Optional = new Optional(undefined);
  readonly value: CelValue | undefined;

  constructor(value: CelValue | undefined) {
    this.value = value;
  }
}

/** What `type(x)` gives; two are equal when their names are (type parameters do not exist at run time). */
export class TypeValue {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** A structure with declared fields: `user`, `request`, `cert`. Every declared field is bound. */
export class ObjectValue {
  readonly typeName: string;
  readonly #fields: Readonly<Record<string, CelValue>>;

  /** The record's own properties are the fields; what it inherits is never looked at. */
  constructor(typeName: string, fields: Readonly<Record<string, CelValue>>) {
    this.typeName = typeName;
    this.#fields = fields;
  }

  get size(): number {
    return Object.keys(this.#fields).length;
  }

  field(name: string): CelValue | undefined {
    return Object.hasOwn(this.#fields, name) ? this.#fields[name] : undefined;
  }

  values(): readonly CelValue[] {
    return Object.values(this.#fields);
  }
}

/** A value of a library's own type (`net.IP`, `kubernetes.URL` …); the library's module extends this. */
export abstract class OpaqueValue {
  abstract readonly typeName: string;

  /** Whether the other value is equal; what Kubernetes' own type gives for one of another type: false, or an error. */
  abstract equals(other: CelValue): boolean | CelError;

  /** The size that cost rules read, for types that have one in Kubernetes (`net.IP`, `net.CIDR`: their bytes); 1 else. */
  get size(): number {
    return 1;
  }

  /** The canonical text, as the vectors and dry-run print the value. */
  abstract toString(): string;
}

/** What a key is in a `CelMap`'s entries: itself, but for a uint, which is put above all ints. */
export type MapKey = string | bigint | boolean | number | null | object;

const UINT_KEYS = 2n ** 64n;

/** The form of a key in `CelMap.entries`. */
export function toMapKey(key: CelValue): MapKey {
  return key instanceof Uint ? key.value + UINT_KEYS : key;
}

function fromMapKey(key: MapKey): CelValue {
  return typeof key === 'bigint' && key >= UINT_KEYS ? new Uint(key - UINT_KEYS) : (key as CelValue);
}

/**
 * A map, in the order in which its entries were made. An int finds the key of an equal uint and the reverse, and a whole
 * double both; a double as a key is found by doubles alone, as in cel-go.
 */
export class CelMap {
  static readonly empty: CelMap = new CelMap(new Map());
  /** The values by `toMapKey` of their keys. */
  readonly entries: ReadonlyMap<MapKey, CelValue>;

  constructor(entries: ReadonlyMap<MapKey, CelValue>) {
    this.entries = entries;
  }

  /** The map of these pairs; of two with the same key the later wins. */
  static of(pairs: Iterable<readonly [CelValue, CelValue]>): CelMap {
    const entries = new Map<MapKey, CelValue>();
    for (const [key, value] of pairs) entries.set(toMapKey(key), value);
    return new CelMap(entries);
  }

  get size(): number {
    return this.entries.size;
  }

  /** What an index or a selection finds. */
  get(key: CelValue): CelValue | undefined {
    if (typeof key === 'string') return this.entries.get(key);
    const found = this.entries.get(toMapKey(key));
    return found === undefined ? findAcrossNumbers(this.entries, key) : found;
  }

  /** What `in` says. */
  has(key: CelValue): boolean {
    return this.entries.has(toMapKey(key)) || findAcrossNumbers(this.entries, key) !== undefined;
  }

  *keys(): Generator<CelValue> {
    for (const key of this.entries.keys()) yield fromMapKey(key);
  }

  *pairs(): Generator<readonly [CelValue, CelValue]> {
    for (const [key, value] of this.entries) yield [fromMapKey(key), value];
  }
}

function findAcrossNumbers(entries: ReadonlyMap<MapKey, CelValue>, key: CelValue): CelValue | undefined {
  if (typeof key === 'bigint') return entries.get(key + UINT_KEYS);
  if (key instanceof Uint) return entries.get(key.value);
  if (typeof key !== 'number' || !Number.isInteger(key)) return undefined;
  const whole = BigInt(key);
  const found = entries.get(whole);
  return found === undefined ? entries.get(whole + UINT_KEYS) : found;
}

/** The number of code points. */
export function codePointCount(text: string): number {
  let count = text.length;
  for (let index = 0; index < text.length - 1; index++) {
    if ((text.charCodeAt(index) & 0xfc00) === 0xd800) {
      count--;
      index++;
    }
  }
  return count;
}

/** The run-time type name of a value: `int`, `list`, `google.protobuf.Timestamp`, `net.IP`. */
export function typeNameOf(value: CelValue): string {
  if (typeof value === 'string') return 'string';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return 'double';
  return value === null ? 'null_type' : objectTypeName(value);
}

function objectTypeName(value: Exclude<CelValue, boolean | bigint | number | string | null>): string {
  if (Array.isArray(value)) return 'list';
  if (value instanceof CelMap) return 'map';
  if (value instanceof Uint) return 'uint';
  if (value instanceof Uint8Array) return 'bytes';
  if (value instanceof Timestamp) return 'google.protobuf.Timestamp';
  if (value instanceof Duration) return 'google.protobuf.Duration';
  if (value instanceof Optional) return 'optional_type';
  if (value instanceof TypeValue) return 'type';
  return (value as ObjectValue | OpaqueValue).typeName;
}
