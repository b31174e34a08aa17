import { CelError } from '../error.ts';
import { offsetOf, timestampAt } from './timestamp-text.ts';
import { MAX_TEXT, textLimit, withWorkLimit } from './work-limit.ts';
import { type Overload, overload } from '../overload.ts';
import { PER_CHARACTER, sizeOf } from '../size.ts';
import { type CelList, type CelResult, Duration, type Timestamp, Uint } from '../value.ts';

const MIN_INT = -(2n ** 63n);
const MAX_INT = 2n ** 63n - 1n;
const MAX_UINT = 2n ** 64n - 1n;
const SECOND = 1_000_000_000n;

/** Years 1 to 9999, in seconds. */
const MIN_SECONDS = -62_135_596_800n;
const MAX_SECONDS = 253_402_300_799n;

function int(value: bigint): CelResult {
  return value < MIN_INT || value > MAX_INT ? new CelError('integer overflow') : value;
}

function uint(value: bigint): CelResult {
  return value < 0n || value > MAX_UINT ? new CelError('unsigned integer overflow') : new Uint(value);
}

function duration(nanos: bigint): CelResult {
  return nanos < MIN_INT || nanos > MAX_INT ? new CelError('integer overflow') : new Duration(nanos);
}

/** The sum keeps the offset that the instant prints with. */
function later(time: Timestamp, by: bigint): CelResult {
  const total = BigInt(time.seconds) * SECOND + BigInt(time.nanos) + by;
  const rest = ((total % SECOND) + SECOND) % SECOND;
  const whole = (total - rest) / SECOND;
  if (whole < MIN_SECONDS || whole > MAX_SECONDS) return new CelError('timestamp overflow');
  return timestampAt(Number(whole), Number(rest), offsetOf(time));
}

/** Go counts the seconds in nanoseconds first, which must fit by themselves. */
function between(a: Timestamp, b: Timestamp): CelResult {
  const seconds = BigInt(a.seconds - b.seconds) * SECOND;
  const whole = duration(seconds);
  return whole instanceof CelError ? whole : duration(seconds + BigInt(a.nanos - b.nanos));
}

const divisionByZero = new CelError('division by zero');
const modulusByZero = new CelError('modulus by zero');

/** Both are copied. */
const copyBoth = withWorkLimit(([a, b]) => Math.ceil((sizeOf(a) + sizeOf(b)) * PER_CHARACTER));

function joined(length: number, join: () => CelResult): CelResult {
  return length > MAX_TEXT ? textLimit() : join();
}

/** `+`, `-`, `*`, `/`, `%` and the negations; out of range is an error. */
export const arithmeticOverloads: readonly Overload[] = [
  overload('negate_double', '-_(double) -> double', { evaluate: (a: number) => -a }),
  overload('negate_int64', '-_(int) -> int', { evaluate: (a: bigint) => int(-a) }),
  overload('modulo_int64', '_%_(int, int) -> int', {
    evaluate: (a: bigint, b: bigint) =>
      b === 0n ? modulusByZero : a === MIN_INT && b === -1n ? int(-a) : a % b,
  }),
  overload('modulo_uint64', '_%_(uint, uint) -> uint', {
    evaluate: (a: Uint, b: Uint) => (b.value === 0n ? modulusByZero : uint(a.value % b.value)),
  }),
  overload('multiply_double', '_*_(double, double) -> double', { evaluate: (a: number, b: number) => a * b }),
  overload('multiply_int64', '_*_(int, int) -> int', { evaluate: (a: bigint, b: bigint) => int(a * b) }),
  overload('multiply_uint64', '_*_(uint, uint) -> uint', {
    evaluate: (a: Uint, b: Uint) => uint(a.value * b.value),
  }),
  overload('add_bytes', '_+_(bytes, bytes) -> bytes', {
    evaluate: (a: Uint8Array, b: Uint8Array) => joined(a.length + b.length, () => Buffer.concat([a, b])),
    cost: copyBoth,
  }),
  overload('add_double', '_+_(double, double) -> double', { evaluate: (a: number, b: number) => a + b }),
  overload(
    'add_duration_duration',
    '_+_(google.protobuf.Duration, google.protobuf.Duration) -> google.protobuf.Duration',
    { evaluate: (a: Duration, b: Duration) => duration(a.nanos + b.nanos) },
  ),
  overload(
    'add_duration_timestamp',
    '_+_(google.protobuf.Duration, google.protobuf.Timestamp) -> google.protobuf.Timestamp',
    { evaluate: (a: Duration, b: Timestamp) => later(b, a.nanos) },
  ),
  overload(
    'add_timestamp_duration',
    '_+_(google.protobuf.Timestamp, google.protobuf.Duration) -> google.protobuf.Timestamp',
    { evaluate: (a: Timestamp, b: Duration) => later(a, b.nanos) },
  ),
  overload('add_int64', '_+_(int, int) -> int', { evaluate: (a: bigint, b: bigint) => int(a + b) }),
  overload('add_list', '_+_(list(<A>), list(<A>)) -> list(<A>)', {
    evaluate: (a: CelList, b: CelList) => joined(a.length + b.length, () => [...a, ...b]),
    cost: withWorkLimit(() => 1),
  }),
  overload('add_string', '_+_(string, string) -> string', {
    evaluate: (a: string, b: string) => joined(a.length + b.length, () => a + b),
    cost: copyBoth,
  }),
  overload('add_uint64', '_+_(uint, uint) -> uint', {
    evaluate: (a: Uint, b: Uint) => uint(a.value + b.value),
  }),
  overload('subtract_double', '_-_(double, double) -> double', { evaluate: (a: number, b: number) => a - b }),
  overload(
    'subtract_duration_duration',
    '_-_(google.protobuf.Duration, google.protobuf.Duration) -> google.protobuf.Duration',
    { evaluate: (a: Duration, b: Duration) => duration(a.nanos - b.nanos) },
  ),
  overload('subtract_int64', '_-_(int, int) -> int', { evaluate: (a: bigint, b: bigint) => int(a - b) }),
  overload(
    'subtract_timestamp_duration',
    '_-_(google.protobuf.Timestamp, google.protobuf.Duration) -> google.protobuf.Timestamp',
    {
      evaluate: (a: Timestamp, b: Duration) =>
        b.nanos === MIN_INT ? new CelError('integer overflow') : later(a, -b.nanos),
    },
  ),
  overload(
    'subtract_timestamp_timestamp',
    '_-_(google.protobuf.Timestamp, google.protobuf.Timestamp) -> google.protobuf.Duration',
    { evaluate: between },
  ),
  overload('subtract_uint64', '_-_(uint, uint) -> uint', {
    evaluate: (a: Uint, b: Uint) => uint(a.value - b.value),
  }),
  overload('divide_double', '_/_(double, double) -> double', { evaluate: (a: number, b: number) => a / b }),
  overload('divide_int64', '_/_(int, int) -> int', {
    evaluate: (a: bigint, b: bigint) => (b === 0n ? divisionByZero : int(a / b)),
  }),
  overload('divide_uint64', '_/_(uint, uint) -> uint', {
    evaluate: (a: Uint, b: Uint) => (b.value === 0n ? divisionByZero : uint(a.value / b.value)),
  }),
];

/** A duration can be negated, though no expression whose types are known can say so. */
export const undeclaredNegations: readonly Overload[] = [
  overload('negate_duration', '-_(google.protobuf.Duration) -> google.protobuf.Duration', {
    evaluate: ({ nanos }: Duration) => duration(-nanos),
  }),
];
