import { Buffer } from 'node:buffer';
import { sequenceLength } from './utf8.ts';

/** What Go's `strconv.IsPrint` lets stand: letters, marks, numbers, punctuation, symbols and the ASCII space. */
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

const PLAIN_ASCII = /^[ !#-[\]-~]*$/;

const NAMED_ESCAPES: ReadonlyMap<number, string> = new Map([
  [0x07, '\\a'],
  [0x08, '\\b'],
  [0x0c, '\\f'],
  [0x0a, '\\n'],
  [0x0d, '\\r'],
  [0x09, '\\t'],
  [0x0b, '\\v'],
]);

/** The text in double quotes, escaped as Go's `%q` does; error texts of Go and cel-go quote so. */
export function quote(text: string): string {
  if (PLAIN_ASCII.test(text)) return `"${text}"`;
  let quoted = '"';
  for (const character of text) quoted += escapeCharacter(character);
  return `${quoted}"`;
}

/** As `quote`, for bytes: one that is no part of valid UTF-8 becomes `\xNN`. */
export function quoteBytes(bytes: Uint8Array): string {
  let quoted = '"';
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at);
    quoted +=
      length === 0
        ? `\\x${hex(bytes[at] ?? 0, 2)}`
        : escapeCharacter(Buffer.from(bytes.subarray(at, at + length)).toString('utf8'));
    at += Math.max(length, 1);
  }
  return `${quoted}"`;
}

function escapeCharacter(character: string): string {
  if (character === '"' || character === '\\') return `\\${character}`;
  if (PRINTABLE.test(character)) return character;
  const codePoint = character.codePointAt(0) ?? 0;
  const named = NAMED_ESCAPES.get(codePoint);
  if (named !== undefined) return named;
  if (codePoint < 0x20 || codePoint === 0x7f) return `\\x${hex(codePoint, 2)}`;
  return codePoint < 0x10000 ? `\\u${hex(codePoint, 4)}` : `\\U${hex(codePoint, 8)}`;
}

function hex(value: number, width: number): string {
  return value.toString(16).padStart(width, '0');
}
