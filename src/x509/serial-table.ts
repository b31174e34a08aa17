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
 * Indexes serial numbers; of equal ones the first counts. They are not copied: a hash table with open addressing has a word and
 * a byte a slot, so that a million take 10 MB beside their DER. Whoever chooses them must not know the key when doing so.
 */
export function createSerialTable({ der, offsets, values }: SerialNumbers, key: HashKey): SerialTable {
  // At most half full, so that a search soon meets a free slot, which holds 0.
  const slots = new Uint32Array(2 ** Math.ceil(Math.log2(2 * offsets.length + 1)));
  const slotValues = new Uint8Array(slots.length);
  const mask = slots.length - 1;

  function slotOf(integer: ByteRange): number {
    let slot = keyedHash(key, integer) & mask;
    while (slots[slot] !== 0 && !standsAt(der, slots[slot] ?? 0, integer)) slot = (slot + 1) & mask;
    return slot;
  }

  let longest = 0;
  for (let index = 0; index < offsets.length; index += 1) {
    const start = offsets[index] ?? 0;
    const end = elementEnd(der, start);
    longest = Math.max(longest, end - start);
    const slot = slotOf({ bytes: der, start, end });
    if (slots[slot] !== 0) continue;
    slots[slot] = start;
    slotValues[slot] = values[index] ?? 0;
  }
  const encode = createIntegerEncoder(longest);
  return {
    find(serialNumber) {
      const integer = encode(serialNumber);
      // One that does not fit is longer than any here.
      const slot = integer === undefined ? undefined : slotOf(integer);
      return slot === undefined || slots[slot] === 0 ? undefined : slotValues[slot];
    },
  };
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
