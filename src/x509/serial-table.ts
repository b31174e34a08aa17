import { createIntegerEncoder } from './integer-encoder.ts';
import { type ByteRange, type HashKey, keyedHash } from './keyed-hash.ts';

/** Serial numbers with a byte about each: the INTEGER of the n-th starts in `der` at `offsets[n]`, which is never 0. */
export interface SerialNumbers {
  readonly der: Buffer;
  readonly offsets: Uint32Array;
  readonly values: Uint8Array;
}

/** Finds the byte about a serial number in constant time, however many there are. */
export interface SerialTable {
  find(serialNumber: bigint): number | undefined;
}

/**
 * Serial numbers that are put into the table with each look-up, until all are: some milliseconds' work. To index a million takes up to a
 * second, in which nobody else would be answered; the first look-ups go through what is left instead, which takes as long as this.
 */
const BATCH = 32_768;

/**
 * Indexes serial numbers; of equal ones the first counts. They are not copied: a hash table with open addressing has a word and
 * a byte a slot, so that a million take 10 MB beside their DER. Whoever chooses them must not know the key when doing so.
 */
export function createSerialTable(numbers: SerialNumbers, key: HashKey): SerialTable {
  const { der } = numbers;
  // At most half full, so that a search soon meets a free slot, which holds 0.
  const slots = new Uint32Array(2 ** Math.ceil(Math.log2(2 * numbers.offsets.length + 1)));
  const slotValues = new Uint8Array(slots.length);
  const mask = slots.length - 1;

  function slotOf(integer: ByteRange): number {
    let slot = keyedHash(key, integer) & mask;
    while (slots[slot] !== 0 && !standsAt(der, slots[slot] ?? 0, integer)) slot = (slot + 1) & mask;
    return slot;
  }

  /** What is not in the table yet. */
  let left: SerialNumbers | undefined = numbers;
  function indexSome(): void {
    if (left === undefined) return;
    const { offsets, values } = left;
    const count = Math.min(BATCH, offsets.length);
    for (let index = 0; index < count; index += 1) {
      const start = offsets[index] ?? 0;
      const slot = slotOf({ bytes: der, start, end: elementEnd(der, start) });
      if (slots[slot] !== 0) continue;
      slots[slot] = start;
      slotValues[slot] = values[index] ?? 0;
    }
    const isAll = count === offsets.length;
    left = isAll ? undefined : { der, offsets: offsets.subarray(count), values: values.subarray(count) };
  }

  indexSome();
  const encode = createIntegerEncoder(longestOf(numbers));
  return {
    find(serialNumber) {
      indexSome();
      const integer = encode(serialNumber);
      // One that does not fit is longer than any here.
      if (integer === undefined) return undefined;
      const slot = slotOf(integer);
      if (slots[slot] !== 0) return slotValues[slot];
      return left && findFirst(left, integer);
    },
  };
}

function longestOf({ der, offsets }: SerialNumbers): number {
  return offsets.reduce((longest, start) => Math.max(longest, elementEnd(der, start) - start), 0);
}

function findFirst({ der, offsets, values }: SerialNumbers, integer: ByteRange): number | undefined {
  const index = offsets.findIndex((start) => standsAt(der, start, integer));
  return index === -1 ? undefined : values[index];
}

/** An element says itself where it ends, so that no other one starts with the same bytes. */
function standsAt(der: Buffer, offset: number, { bytes, start, end }: ByteRange): boolean {
  for (let index = start; index < end; index += 1) {
    if (der[offset + index - start] !== bytes[index]) return false;
  }
  return true;
}

function elementEnd(der: Buffer, start: number): number {
  const length = der.readUInt8(start + 1);
  if (length < 0x80) return start + 2 + length;
  const octets = length & 0x7f;
  return start + 2 + octets + der.readUIntBE(start + 2, octets);
}
