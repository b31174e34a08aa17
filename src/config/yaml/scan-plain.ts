import { TracedText } from '../traced-text.ts';
import { code, isBlank, isBlankOrEnd, isBreak, TAB } from './characters.ts';
import { Fold } from './fold.ts';
import type { TextCursor } from './text-cursor.ts';
import type { ScalarToken } from './token.ts';
import { scannerFailure } from './yaml-failure.ts';

/** Where a plain scalar stands: inside brackets, and right of which indentation. */
export interface PlainSurroundings {
  readonly isInFlow: boolean;
  readonly indent: number;
}

/** A plain scalar, and whether line breaks were passed after it (so that a key may follow). */
export function scanPlain(
  cursor: TextCursor,
  { isInFlow, indent }: PlainSurroundings,
): { readonly token: ScalarToken; readonly endsLine: boolean } {
  const start = cursor.mark();
  const text = new TracedText(cursor.text);
  const fold = new Fold(cursor);
  let end = start;
  while (!cursor.isAtDocumentIndicator() && cursor.peek() !== code('#')) {
    const from = cursor.at;
    cursor.skipWhile((unit) => !isBlankOrEnd(unit) && !endsPlain(cursor, isInFlow));
    if (cursor.at > from) {
      fold.appendTo(text, from);
      text.copy(from, cursor.at);
      end = cursor.mark();
    }
    if (!isBlank(cursor.peek()) && !isBreak(cursor.peek())) break;
    skipSpace(cursor, { fold, indent, start });
    if (!isInFlow && cursor.column < indent) break;
  }
  const token: ScalarToken = {
    type: 'scalar',
    isPlain: true,
    value: text.value,
    pieces: text.pieces,
    start,
    end,
  };
  return { token, endsLine: fold.hasBreak };
}

function endsPlain(cursor: TextCursor, isInFlow: boolean): boolean {
  const unit = cursor.peek();
  if (unit === code(':') && isBlankOrEnd(cursor.peek(1))) return true;
  return isInFlow && ',?[]{}'.includes(String.fromCharCode(unit));
}

function skipSpace(
  cursor: TextCursor,
  scalar: { readonly fold: Fold; readonly indent: number; readonly start: ReturnType<TextCursor['mark']> },
): void {
  for (;;) {
    const unit = cursor.peek();
    if (isBreak(unit)) {
      scalar.fold.takeBreak();
    } else if (isBlank(unit)) {
      if (scalar.fold.hasBreak && cursor.column < scalar.indent && unit === TAB) {
        throw scannerFailure('found a tab character that violates indentation', cursor.mark(), scalar.start);
      }
      scalar.fold.takeBlank();
    } else {
      return;
    }
  }
}
