/** A key of 64 bits, as two words. */
export type HashKey = readonly [number, number];

/** The bytes from `start` to `end` of a buffer, without the cost of an object that stands for them alone. */
export interface ByteRange {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

const FINAL_ROUNDS = 3;

/**
 * HalfSipHash-1-3 (Aumasson and Bernstein, 2012), as a signed 32-bit word. Who does not know the key cannot choose inputs that
 * collide, so that a hash table keeps its speed whatever is put into it.
 */
export function keyedHash(key: HashKey, range: ByteRange): number {
  const words = (range.end - range.start) >> 2;
  let [v0, v1] = key;
  let v2 = 0x6c796765 ^ v0;
  let v3 = 0x74656462 ^ v1;
  for (let round = 0; round <= words + FINAL_ROUNDS; round += 1) {
    const word = round < words ? wholeWord(range, round) : round === words ? lastWord(range, words) : 0;
    if (round === words + 1) v2 ^= 0xff;
    v3 ^= word;
    v0 = (v0 + v1) | 0;
    v1 = rotate(v1, 5) ^ v0;
    v0 = rotate(v0, 16);
    v2 = (v2 + v3) | 0;
    v3 = rotate(v3, 8) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = rotate(v3, 7) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = rotate(v1, 13) ^ v2;
    v2 = rotate(v2, 16);
    v0 ^= word;
  }
  return v1 ^ v3;
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

/** Little endian, as the whole algorithm. */
function wholeWord({ bytes, start }: ByteRange, index: number): number {
  const at = start + 4 * index;
  return (
    byte(bytes, at) | (byte(bytes, at + 1) << 8) | (byte(bytes, at + 2) << 16) | (byte(bytes, at + 3) << 24)
  );
}

/** What is left of the input, and the low byte of its length at the top. */
function lastWord({ bytes, start, end }: ByteRange, words: number): number {
  let word = (end - start) << 24;
  for (let at = start + 4 * words, shift = 0; at < end; at += 1, shift += 8) word |= byte(bytes, at) << shift;
  return word;
}

function byte(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}
