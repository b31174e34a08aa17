import { code, isBlank, isBlankOrEnd, isBreakOrEnd, isDigit, isWord } from './characters.ts';
import { scanTagHandle, scanTagUri } from './scan-tag.ts';
import type { TextCursor } from './text-cursor.ts';
import type { DirectiveToken } from './token.ts';
import { type Mark, scannerFailure } from './yaml-failure.ts';

const MAX_VERSION_DIGITS = 2;

/** A `%YAML` or `%TAG` line. */
export function scanDirective(cursor: TextCursor): DirectiveToken {
  const start = cursor.mark();
  cursor.skip();
  const name = scanName(cursor, start);
  let directive: Pick<DirectiveToken, 'type' | 'handle' | 'value'>;
  if (name === 'YAML')
    directive = { type: 'version-directive', handle: '', value: scanVersion(cursor, start) };
  else if (name === 'TAG') directive = { type: 'tag-directive', ...scanTagPrefix(cursor, start) };
  else throw scannerFailure('found unknown directive name', cursor.mark(), start);
  const end = cursor.mark();
  cursor.skipWhile(isBlank);
  if (cursor.peek() === code('#')) cursor.skipWhile((unit) => !isBreakOrEnd(unit));
  if (!isBreakOrEnd(cursor.peek())) {
    throw scannerFailure('did not find expected comment or line break', cursor.mark(), start);
  }
  cursor.skipBreak();
  return { ...directive, start, end };
}

function scanName(cursor: TextCursor, start: Mark): string {
  const from = cursor.at;
  cursor.skipWhile(isWord);
  if (cursor.at === from)
    throw scannerFailure('could not find expected directive name', cursor.mark(), start);
  if (!isBlankOrEnd(cursor.peek())) {
    throw scannerFailure('found unexpected non-alphabetical character', cursor.mark(), start);
  }
  return cursor.text.slice(from, cursor.at);
}

function scanVersion(cursor: TextCursor, start: Mark): string {
  cursor.skipWhile(isBlank);
  const major = scanNumber(cursor, start);
  if (cursor.peek() !== code('.')) {
    throw scannerFailure("did not find expected digit or '.' character", cursor.mark(), start);
  }
  cursor.skip();
  return `${major}.${scanNumber(cursor, start)}`;
}

function scanNumber(cursor: TextCursor, start: Mark): number {
  let digits = '';
  while (isDigit(cursor.peek())) {
    if (digits.length === MAX_VERSION_DIGITS) {
      throw scannerFailure('found extremely long version number', cursor.mark(), start);
    }
    digits += String.fromCharCode(cursor.peek());
    cursor.skip();
  }
  if (digits === '') throw scannerFailure('did not find expected version number', cursor.mark(), start);
  return Number(digits);
}

function scanTagPrefix(cursor: TextCursor, start: Mark): { readonly handle: string; readonly value: string } {
  cursor.skipWhile(isBlank);
  const handle = scanTagHandle(cursor, start);
  if (handle !== '!' && !handle.endsWith('!')) {
    throw scannerFailure("did not find expected '!'", cursor.mark(), start);
  }
  if (!isBlank(cursor.peek())) throw scannerFailure('did not find expected whitespace', cursor.mark(), start);
  cursor.skipWhile(isBlank);
  const value = scanTagUri(cursor, start);
  if (!isBlankOrEnd(cursor.peek())) {
    throw scannerFailure('did not find expected whitespace or line break', cursor.mark(), start);
  }
  return { handle, value };
}
