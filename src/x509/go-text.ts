import { isUtf8 } from 'node:buffer';

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};

// What Go's strconv.IsPrint prints as it is: letters, marks, numbers, punctuation, symbols, and the ASCII space.
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

/** Quotes as Go's `%q` does. */
export function goQuote(text: string): string {
  return quote(text, toCodePointEscape);
}

/** Quotes as Go's `%q` does; octets of what is not UTF-8 as `\xff`. */
export function goQuoteBytes(bytes: Buffer): string {
  return isUtf8(bytes) ? goQuote(bytes.toString('utf8')) : quote(bytes.toString('latin1'), toOctetEscape);
}

function quote(text: string, escape: (character: string) => string): string {
  let quoted = '"';
  for (const character of text) quoted += ESCAPES[character] ?? escape(character);
  return `${quoted}"`;
}

function toCodePointEscape(character: string): string {
  if (PRINTABLE.test(character)) return character;
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code < 0x80) return `\\x${hex.padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

function toOctetEscape(character: string): string {
  const code = character.charCodeAt(0);
  return code < 0x80 ? toCodePointEscape(character) : `\\x${code.toString(16)}`;
}

/** An instant as Go's `time.RFC3339` prints it in UTC: whole seconds, the rest cut off. */
export function goTime(milliseconds: number): string {
  return new Date(Math.floor(milliseconds / 1000) * 1000).toISOString().replace('.000Z', 'Z');
}
