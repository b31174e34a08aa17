import { Buffer } from 'node:buffer';
import { CelError } from '../error.ts';
import { quoteBytes } from './go-quote.ts';
import { decodeUtf8 } from './utf8.ts';

/**
 * A string of bytes, one character each (0–255): what Go's URL functions work on. A percent escape may stand for a byte
 * that is no UTF-8 on its own.
 */
export type ByteString = string & { readonly bytes: unique symbol };

/** The UTF-8 bytes of a text. */
export function toByteString(text: string): ByteString {
  return Buffer.from(text, 'utf8').toString('latin1') as ByteString;
}

/** The text of these bytes; those that are no UTF-8 as U+FFFD. */
export function fromByteString(bytes: string): string {
  return decodeUtf8(Buffer.from(bytes, 'latin1'));
}

/** Bytes in double quotes, as Go's `%q` writes them. */
export function quoteByteString(bytes: string): string {
  return quoteBytes(Buffer.from(bytes, 'latin1'));
}

/** The parts of a URL that escape differently (RFC 3986 §3, as Go reads it). */
export type UrlPart = 'path' | 'host' | 'zone' | 'userinfo' | 'query' | 'fragment';

/** The characters besides letters and digits that stand unescaped in each part. */
const UNESCAPED: Readonly<Record<UrlPart, string>> = {
  path: '-_.~$&+,/:;=@',
  host: '-_.~!$&\'()*+,;=:[]<>"',
  zone: '-_.~!$&\'()*+,;=:[]<>"',
  userinfo: '-_.~$&+,;=',
  query: '-_.~',
  fragment: '-_.~$&+,/:;=?@!()*',
};

/** Whether Go escapes the byte when it writes it into this part. */
export function isEscaped(byte: string, part: UrlPart): boolean {
  return !/^[A-Za-z\d]$/.test(byte) && !UNESCAPED[part].includes(byte);
}

/** The bytes with everything escaped that may not stand in this part. */
export function escapeUrl(bytes: string, part: UrlPart): string {
  return bytes.replace(/[^A-Za-z\d]/gs, (byte) => (isEscaped(byte, part) ? percent(byte) : byte));
}

function percent(byte: string): string {
  return `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}

/**
 * The bytes that percent escapes stand for; in a query `+` is a space. Refuses a malformed escape, and in a host or zone what
 * may not stand there, with Go's words.
 */
export function unescapeUrl(bytes: string, part: UrlPart): string | CelError {
  const isHost = part === 'host' || part === 'zone';
  if (!isHost && !/[%+]/.test(bytes)) return bytes;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes.charAt(at);
    if (byte === '%') {
      const escape = bytes.slice(at, at + 3);
      if (!isEscape(escape, part)) return new CelError(`invalid URL escape ${quoteByteString(escape)}`);
      at += 2;
    } else if (isHost && byte < '\x80' && isEscaped(byte, part)) {
      return new CelError(`invalid character ${quoteByteString(byte)} in host name`);
    }
  }
  const spaced = part === 'query' ? bytes.replaceAll('+', ' ') : bytes;
  return spaced.replace(/%(..)/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}

/** Whether a percent and what follows it are an escape that this part allows. */
function isEscape(escape: string, part: UrlPart): boolean {
  if (!/^%[\dA-Fa-f]{2}$/.test(escape)) return false;
  if (escape === '%25') return true;
  const byte = String.fromCharCode(Number.parseInt(escape.slice(1), 16));
  // RFC 3986 §3.2.2: in a host only bytes beyond ASCII are escaped.
  if (part === 'host') return byte >= '\x80';
  // RFC 6874 §2 lets a zone escape anything; Go only what could stand there as it is, and the space.
  return part !== 'zone' || byte === ' ' || !isEscaped(byte, 'host');
}
