import { TracedText } from '../traced-text.ts';
import { code, END, isBlank, isBlankOrEnd, isBreak, isHexDigit } from './characters.ts';
import { Fold } from './fold.ts';
import type { TextCursor } from './text-cursor.ts';
import type { ScalarToken } from './token.ts';
import { type Mark, scannerFailure } from './yaml-failure.ts';

const BACKSLASH = code('\\');
const SINGLE_QUOTE = code("'");

/** YAML 1.1 §5.6, and `\'`, which go-yaml takes too. */
const ESCAPES: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\u0007',
  b: '\b',
  t: '\t',
  '\t': '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\u001b',
  ' ': ' ',
  '"': '"',
  "'": "'",
  '\\': '\\',
  N: '\u0085',
  _: '\u00a0',
  L: '\u2028',
  P: '\u2029',
};

const HEX_LENGTHS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/** A quoted scalar; the quote it starts with ends it. */
export function scanQuoted(cursor: TextCursor): ScalarToken {
  const start = cursor.mark();
  const quote = cursor.peek();
  const text = new TracedText(cursor.text);
  const fold = new Fold(cursor);
  cursor.skip();
  for (;;) {
    if (cursor.isAtDocumentIndicator()) {
      throw scannerFailure('found unexpected document indicator', cursor.mark(), start);
    }
    if (cursor.peek() === END) throw scannerFailure('found unexpected end of stream', cursor.mark(), start);
    scanWord(cursor, { quote, start, text, fold });
    if (cursor.peek() === quote) break;
    while (isBlank(cursor.peek()) || isBreak(cursor.peek())) {
      if (isBreak(cursor.peek())) fold.takeBreak();
      else fold.takeBlank();
    }
    fold.appendTo(text, cursor.at);
  }
  cursor.skip();
  return {
    type: 'scalar',
    isPlain: false,
    value: text.value,
    pieces: text.pieces,
    start,
    end: cursor.mark(),
  };
}

interface Scalar {
  readonly quote: number;
  readonly start: Mark;
  readonly text: TracedText;
  readonly fold: Fold;
}

function scanWord(cursor: TextCursor, scalar: Scalar): void {
  while (!isBlankOrEnd(cursor.peek())) {
    const from = cursor.at;
    const isSingle = scalar.quote === SINGLE_QUOTE;
    if (isSingle && cursor.peek() === SINGLE_QUOTE && cursor.peek(1) === SINGLE_QUOTE) {
      cursor.skip(2);
      scalar.text.write("'", from, cursor.at);
    } else if (cursor.peek() === scalar.quote) {
      return;
    } else if (!isSingle && cursor.peek() === BACKSLASH) {
      if (isBreak(cursor.peek(1))) {
        scalar.fold.takeEscapedBreak();
        return;
      }
      scalar.text.write(scanEscape(cursor, scalar.start), from, cursor.at);
    } else {
      cursor.skipWhile(
        (unit) => !isBlankOrEnd(unit) && unit !== scalar.quote && (isSingle || unit !== BACKSLASH),
      );
      scalar.text.copy(from, cursor.at);
    }
  }
}

function scanEscape(cursor: TextCursor, start: Mark): string {
  const letter = String.fromCharCode(cursor.peek(1));
  const length = HEX_LENGTHS[letter];
  if (length !== undefined) {
    cursor.skip(2);
    return scanCodePoint(cursor, { start, length });
  }
  const value = ESCAPES[letter];
  if (value === undefined) throw scannerFailure('found unknown escape character', cursor.mark(), start);
  cursor.skip(2);
  return value;
}

function scanCodePoint(
  cursor: TextCursor,
  { start, length }: { readonly start: Mark; readonly length: number },
): string {
  for (let index = 0; index < length; index += 1) {
    if (!isHexDigit(cursor.peek(index))) {
      throw scannerFailure('did not find expected hexdecimal number', cursor.mark(), start);
    }
  }
  const point = Number.parseInt(cursor.text.slice(cursor.at, cursor.at + length), 16);
  if ((point >= 0xd800 && point <= 0xdfff) || point > 0x10ffff) {
    throw scannerFailure('found invalid Unicode character escape code', cursor.mark(), start);
  }
  cursor.skip(length);
  return String.fromCodePoint(point);
}
