import type { ByteRange } from './keyed-hash.ts';

/**
 * Encodes an INTEGER, header and all: two's complement in as few octets as possible (X.690 §8.3.2). What it gives is overwritten
 * by the next call. Undefined for a value that does not fit.
 */
export type IntegerEncoder = (value: bigint) => ByteRange | undefined;

const INTEGER = 0x02;
const WORD_OCTETS = 8;
/** Room for a header: tag, and a length of up to five octets. */
const HEADER_OCTETS = 6;

/** Makes an encoder for values whose contents have at most this many octets, or a few more, that allocates nothing. */
export function createIntegerEncoder(maxOctets: number): IntegerEncoder {
  const words = Math.ceil(maxOctets / WORD_OCTETS);
  const end = HEADER_OCTETS + words * WORD_OCTETS;
  const bytes = new Uint8Array(end);
  const view = new DataView(bytes.buffer);
  return (value) => {
    let rest = value;
    for (let offset = end - WORD_OCTETS; offset >= HEADER_OCTETS; offset -= WORD_OCTETS) {
      view.setBigUint64(offset, rest);
      rest >>= 64n;
    }
    const sign = (bytes[HEADER_OCTETS] ?? 0) >= 0x80 ? -1n : 0n;
    if (rest !== sign) return undefined;
    return { bytes, start: writeHeader(bytes, contentsStart(bytes)), end };
  };
}

/** Leaves out the octets that only repeat the sign of the next one. */
function contentsStart(bytes: Uint8Array): number {
  let start = HEADER_OCTETS;
  for (; start + 1 < bytes.length; start += 1) {
    const isNextNegative = (bytes[start + 1] ?? 0) >= 0x80;
    if (bytes[start] !== (isNextNegative ? 0xff : 0)) break;
  }
  return start;
}

/** Writes the header before the contents, which reach to the end, and gives its start. X.690 §8.1.3: a long length has a length itself. */
function writeHeader(bytes: Uint8Array, contentsAt: number): number {
  const length = bytes.length - contentsAt;
  let start = contentsAt;
  for (let rest = length; rest > 0; rest >>>= 8) {
    start -= 1;
    bytes[start] = rest;
  }
  if (length >= 0x80) {
    start -= 1;
    bytes[start] = 0x80 | (contentsAt - 1 - start);
  }
  start -= 1;
  bytes[start] = INTEGER;
  return start;
}
