import { codePointCount } from '../value.ts';

/** The UTF-16 index of a code point, which must lie in the text or at its end. */
export function toUtf16Index(text: string, codePoint: number): number {
  let index = 0;
  for (let passed = 0; passed < codePoint; passed++) index += isPairAt(text, index) ? 2 : 1;
  return index;
}

/** Which code point begins at a UTF-16 index; -1 stays -1, the answer of a search that found nothing. */
export function toCodePointIndex(text: string, index: number): number {
  return index < 0 ? index : codePointCount(text.slice(0, index));
}

function isPairAt(text: string, index: number): boolean {
  return (text.charCodeAt(index) & 0xfc00) === 0xd800;
}
