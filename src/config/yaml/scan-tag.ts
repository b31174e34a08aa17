import { code, isBlankOrEnd, isHexDigit, isWord } from './characters.ts';
import type { TextCursor } from './text-cursor.ts';
import type { AnchorToken, TagToken } from './token.ts';
import { type Mark, scannerFailure } from './yaml-failure.ts';

const BANG = code('!');
const PERCENT = code('%');
const URI_PUNCTUATION = ";/?:@&=+$,.!~*'()[]%";

/** `&name` or `*name`. */
export function scanAnchor(cursor: TextCursor): AnchorToken {
  const start = cursor.mark();
  const type = cursor.peek() === code('&') ? 'anchor' : 'alias';
  cursor.skip();
  const name = scanWord(cursor);
  const next = cursor.peek();
  if (name === '' || !(isBlankOrEnd(next) || '?:,]}%@`'.includes(String.fromCharCode(next)))) {
    throw scannerFailure('did not find expected alphabetic or numeric character', cursor.mark(), start);
  }
  return { type, name, start, end: cursor.mark() };
}

/** `!<uri>`, `!suffix`, `!!suffix`, `!handle!suffix` or `!`. */
export function scanTag(cursor: TextCursor): TagToken {
  const start = cursor.mark();
  const tag = cursor.peek(1) === code('<') ? scanVerbatim(cursor, start) : scanShorthand(cursor, start);
  if (!isBlankOrEnd(cursor.peek())) {
    throw scannerFailure('did not find expected whitespace or line break', cursor.mark(), start);
  }
  return { type: 'tag', ...tag, start, end: cursor.mark() };
}

interface Tag {
  readonly handle: string;
  readonly suffix: string;
}

function scanVerbatim(cursor: TextCursor, start: Mark): Tag {
  cursor.skip(2);
  const suffix = scanTagUri(cursor, start);
  if (cursor.peek() !== code('>'))
    throw scannerFailure("did not find the expected '>'", cursor.mark(), start);
  cursor.skip();
  return { handle: '', suffix };
}

function scanShorthand(cursor: TextCursor, start: Mark): Tag {
  const handle = scanTagHandle(cursor, start);
  if (handle.length > 1 && handle.endsWith('!')) return { handle, suffix: scanTagUri(cursor, start) };
  const suffix = handle.slice(1) + scanUri(cursor, start);
  return suffix === '' ? { handle: '', suffix: '!' } : { handle: '!', suffix };
}

/** `!`, `!!` or `!word!`, and `!word` where a tag's suffix begins so. */
export function scanTagHandle(cursor: TextCursor, start: Mark): string {
  if (cursor.peek() !== BANG) throw scannerFailure("did not find expected '!'", cursor.mark(), start);
  cursor.skip();
  const word = scanWord(cursor);
  if (cursor.peek() !== BANG) return `!${word}`;
  cursor.skip();
  return `!${word}!`;
}

/** A tag's URI, which must not be empty. */
export function scanTagUri(cursor: TextCursor, start: Mark): string {
  const uri = scanUri(cursor, start);
  if (uri === '') throw scannerFailure('did not find expected tag URI', cursor.mark(), start);
  return uri;
}

function scanUri(cursor: TextCursor, start: Mark): string {
  let uri = '';
  while (isWord(cursor.peek()) || isUriPunctuation(cursor.peek())) {
    if (cursor.peek() === PERCENT) {
      uri += scanEscapedCharacter(cursor, start);
    } else {
      uri += String.fromCharCode(cursor.peek());
      cursor.skip();
    }
  }
  return uri;
}

function isUriPunctuation(unit: number): boolean {
  return unit !== 0 && unit < 0x80 && URI_PUNCTUATION.includes(String.fromCharCode(unit));
}

/** The `%xx` of one character's UTF-8 octets. */
function scanEscapedCharacter(cursor: TextCursor, start: Mark): string {
  const first = scanOctet(cursor, start);
  const octets = [first];
  const count = octetCount(first);
  if (count === 0) throw scannerFailure('found an incorrect leading UTF-8 octet', cursor.mark(), start);
  while (octets.length < count) {
    const octet = scanOctet(cursor, start);
    if ((octet & 0xc0) !== 0x80) {
      throw scannerFailure('found an incorrect trailing UTF-8 octet', cursor.mark(), start);
    }
    octets.push(octet);
  }
  return Buffer.from(octets).toString('utf8');
}

function scanOctet(cursor: TextCursor, start: Mark): number {
  if (cursor.peek() !== PERCENT || !isHexDigit(cursor.peek(1)) || !isHexDigit(cursor.peek(2))) {
    throw scannerFailure('did not find URI escaped octet', cursor.mark(), start);
  }
  const octet = Number.parseInt(cursor.text.slice(cursor.at + 1, cursor.at + 3), 16);
  cursor.skip(3);
  return octet;
}

function octetCount(first: number): number {
  if ((first & 0x80) === 0) return 1;
  if ((first & 0xe0) === 0xc0) return 2;
  if ((first & 0xf0) === 0xe0) return 3;
  return (first & 0xf8) === 0xf0 ? 4 : 0;
}

function scanWord(cursor: TextCursor): string {
  const from = cursor.at;
  cursor.skipWhile(isWord);
  return cursor.text.slice(from, cursor.at);
}
