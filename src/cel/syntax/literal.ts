import { Uint } from '../value.ts';

/** What a literal stands for, or why it stands for nothing. */
export type LiteralReading<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: string };

const MIN_INT = -(2n ** 63n);
const MAX_INT = 2n ** 63n - 1n;
const MAX_UINT = 2n ** 64n - 1n;

/** Reads an int literal; the sign belongs to it, so that the least int can be written. */
export function readInt(text: string, sign: '' | '-'): LiteralReading<bigint> {
  const magnitude = BigInt(text);
  const value = sign === '-' ? -magnitude : magnitude;
  return value < MIN_INT || value > MAX_INT
    ? { ok: false, error: 'invalid int literal' }
    : { ok: true, value };
}

/** Reads a uint literal with its suffix. */
export function readUint(text: string): LiteralReading<Uint> {
  const value = BigInt(text.slice(0, -1));
  return value > MAX_UINT
    ? { ok: false, error: 'invalid uint literal' }
    : { ok: true, value: new Uint(value) };
}

/** Reads a double literal. */
export function readDouble(text: string): LiteralReading<number> {
  const value = Number(text);
  return Number.isFinite(value) ? { ok: true, value } : { ok: false, error: 'invalid double literal' };
}

/** Reads a string literal with its quotes and prefix. Line ends become line feeds, in raw strings too. */
export function readString(text: string): LiteralReading<string> {
  const { body, isRaw } = unquote(text);
  if (isRaw || !body.includes('\\')) return { ok: true, value: body };
  let isValid = true;
  const value = body.replace(ESCAPE, (sequence) => {
    const code = codeOf(sequence);
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
      isValid = false;
      return '';
    }
    return String.fromCodePoint(code);
  });
  return isValid ? { ok: true, value } : { ok: false, error: 'invalid unicode code point' };
}

/** Reads a bytes literal: characters as their UTF-8, `\x` and octal escapes as single bytes. */
export function readBytes(text: string): LiteralReading<Uint8Array> {
  const { body, isRaw } = unquote(text.slice(1));
  if (isRaw) return { ok: true, value: Buffer.from(body) };
  const parts: Buffer[] = [];
  let at = 0;
  for (const match of body.matchAll(ESCAPE)) {
    const sequence = match[0];
    if (/^\\[uU]/.test(sequence)) return { ok: false, error: 'unable to unescape string' };
    parts.push(Buffer.from(body.slice(at, match.index)), Buffer.from([codeOf(sequence) & 0xff]));
    at = match.index + sequence.length;
  }
  parts.push(Buffer.from(body.slice(at)));
  return { ok: true, value: Buffer.concat(parts) };
}

function unquote(text: string): { readonly body: string; readonly isRaw: boolean } {
  const isRaw = /^[rR]/.test(text);
  const quoted = (isRaw ? text.slice(1) : text).replaceAll(/\r\n?/g, '\n');
  const isTriple = quoted.length >= 6 && /^(?:"""|''')/.test(quoted);
  const width = isTriple ? 3 : 1;
  return { body: quoted.slice(width, -width), isRaw };
}

const ESCAPE = /\\(?:[xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-3][0-7]{2}|[^])/g;

const NAMED: ReadonlyMap<string, number> = new Map([
  ['a', 7],
  ['b', 8],
  ['t', 9],
  ['n', 10],
  ['v', 11],
  ['f', 12],
  ['r', 13],
]);

/** The code point of an escape sequence that the lexer has let through. */
function codeOf(sequence: string): number {
  const letter = sequence.charAt(1);
  if (/[xXuU]/.test(letter)) return Number.parseInt(sequence.slice(2), 16);
  if (/[0-3]/.test(letter)) return Number.parseInt(sequence.slice(1), 8);
  return NAMED.get(letter) ?? letter.charCodeAt(0);
}
