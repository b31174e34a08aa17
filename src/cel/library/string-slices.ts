import { CelError } from '../error.ts';
import { codePointCount } from '../value.ts';
import { toCodePointIndex, toUtf16Index } from './code-points.ts';
import { MAX_TEXT, type WorkLimit, textLimit } from './work-limit.ts';

// The functions of cel-go's ext.Strings, version 2, over code points.

/** The character at a place; empty at the very end. */
export function charAt(text: string, at: bigint): string | CelError {
  if (at < 0n || at > codePointCount(text)) return outOfRange(at);
  const index = toUtf16Index(text, Number(at));
  return String.fromCodePoint(...(index < text.length ? [text.codePointAt(index) ?? 0] : []));
}

/** Where the part first stands at or after the offset; -1 where it does not. An empty part stands at the offset. */
export function indexOf(text: string, part: string, offset: bigint): bigint | CelError {
  if (part === '') return offset;
  if (offset < 0n) return outOfRange(offset);
  if (offset >= codePointCount(text)) return -1n;
  return BigInt(toCodePointIndex(text, text.indexOf(part, toUtf16Index(text, Number(offset)))));
}

/** Where the part last stands; -1 where it does not. An empty part stands at the end. */
export function lastIndexOf(text: string, part: string): bigint {
  return BigInt(part === '' ? codePointCount(text) : toCodePointIndex(text, text.lastIndexOf(part)));
}

/** As `lastIndexOf`, at or before the offset; -1 for an offset past the end. */
export function lastIndexBefore(text: string, part: string, offset: bigint): bigint | CelError {
  if (part === '') return offset;
  if (offset < 0n) return outOfRange(offset);
  if (offset >= codePointCount(text)) return -1n;
  return BigInt(toCodePointIndex(text, text.lastIndexOf(part, toUtf16Index(text, Number(offset)))));
}

/** The text from one place up to another. */
export function substring(text: string, start: bigint, end: bigint): string | CelError {
  const length = codePointCount(text);
  if (start > end) return new CelError(`invalid substring range. start: ${start}, end: ${end}`);
  if (start < 0n || start > length) return outOfRange(start);
  if (end > length) return outOfRange(end);
  return text.slice(toUtf16Index(text, Number(start)), toUtf16Index(text, Number(end)));
}

/** The text from a place to its end. */
export function substringFrom(text: string, start: bigint): string | CelError {
  if (start < 0n || start > codePointCount(text)) return outOfRange(start);
  return text.slice(toUtf16Index(text, Number(start)));
}

function outOfRange(index: bigint): CelError {
  return new CelError(`index out of range: ${index}`);
}

/** The text with the first `limit` occurrences replaced, all where the limit is negative; Go's `strings.Replace`. */
export function replace(
  text: string,
  [old, replacement]: [string, string],
  limit: bigint,
): string | WorkLimit {
  if (old === replacement || limit === 0n) return text;
  const pieces = old === '' ? ['', ...Array.from(text), ''] : text.split(old);
  const count = limit < 0n || limit >= pieces.length ? pieces.length - 1 : Number(limit);
  if (text.length + count * (replacement.length - old.length) > MAX_TEXT) return textLimit();
  const replaced = pieces.slice(0, count).join(replacement);
  return [replaced, pieces.slice(count).join(old)].join(count === 0 ? '' : replacement);
}

/** The parts between separators, at most `limit` of them, all where it is negative; Go's `strings.SplitN`. */
export function split(text: string, separator: string, limit: bigint): readonly string[] {
  if (limit === 0n) return [];
  const parts = separator === '' ? Array.from(text) : text.split(separator);
  if (limit < 0n || limit >= parts.length) return parts;
  const kept = Number(limit) - 1;
  return [...parts.slice(0, kept), parts.slice(kept).join(separator)];
}

const SPACE = /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

/** The text without Unicode white space at its ends; Go's `strings.TrimSpace`. */
export function trim(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && SPACE.test(text.charAt(start))) start++;
  while (end > start && SPACE.test(text.charAt(end - 1))) end--;
  return text.slice(start, end);
}

/** The text with A–Z in lower case. */
export function lowerAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** The text with a–z in upper case. */
export function upperAscii(text: string): string {
  return text.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
}

const QUOTED: ReadonlyMap<string, string> = new Map([
  ['\u0007', '\\a'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
  ['\\', '\\\\'],
  ['"', '\\"'],
]);

/** The text in double quotes, as a CEL literal may write it. */
export function quoteLiteral(text: string): string {
  return `"${Array.from(text, (character) => QUOTED.get(character) ?? character).join('')}"`;
}

/** The texts with a separator between them. */
export function join(texts: readonly string[], separator: string): string | WorkLimit {
  const length = texts.reduce((total, text) => total + text.length + separator.length, 0);
  return length > MAX_TEXT ? textLimit() : texts.join(separator);
}
