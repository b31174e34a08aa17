import { Buffer, isUtf8 } from 'node:buffer';

/** What stands for a byte that is no part of valid UTF-8, as Go reads it. */
const REPLACEMENT = '\ufffd';

/**
 * The text that Go's string functions see in these bytes: every byte that is no part of a valid sequence counts as one
 * U+FFFD (`TextDecoder` makes one of several).
 */
export function decodeUtf8(bytes: Uint8Array): string {
  if (isUtf8(bytes)) return Buffer.from(bytes).toString('utf8');
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at);
    text += length === 0 ? REPLACEMENT : Buffer.from(bytes.subarray(at, at + length)).toString('utf8');
    at += Math.max(length, 1);
  }
  return text;
}

/** How many bytes the valid sequence at this place has; 0 where there is none. */
export function sequenceLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] ?? 0;
  const length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  const sequence = bytes.subarray(at, at + length);
  return sequence.length === length && isUtf8(sequence) ? length : 0;
}
