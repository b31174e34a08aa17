import { goQuote } from './go-text.ts';

/** What parsing a URI throws, and `parseUri` turns into a value. */
export class UriError extends Error {}

/** The parts of a URI, which differ in the characters that may stand unescaped. */
export type UriPart = 'userinfo' | 'host' | 'zone' | 'path' | 'fragment';

/** The characters that Go leaves unescaped in each part. */
const UNESCAPED: Readonly<Record<UriPart, RegExp>> = {
  userinfo: /^[A-Za-z0-9\-_.~$&+,;=]$/,
  host: /^[A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"]$/,
  zone: /^[A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"]$/,
  path: /^[A-Za-z0-9\-_.~$&+,/:;=@]$/,
  fragment: /^[A-Za-z0-9\-_.~$&+,/:;=?@!()*]$/,
};

/**
 * Resolves percent escapes, to one character an octet; refuses an escape, or in a host a character, that Go refuses.
 */
export function unescapeUri(text: string, part: UriPart): string {
  const isHost = part === 'host' || part === 'zone';
  if (!isHost && !text.includes('%')) return text;
  let unescaped = '';
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charAt(index);
    if (character === '%') {
      unescaped += resolveEscape(text.slice(index, index + 3), part);
      index += 2;
    } else {
      // What is beyond ASCII Go lets stand.
      if (isHost && character < '\u0080' && !UNESCAPED[part].test(character)) {
        throw new UriError(`invalid character ${goQuote(character)} in host name`);
      }
      unescaped += character;
    }
  }
  return unescaped;
}

function resolveEscape(escape: string, part: UriPart): string {
  const failure = `invalid URL escape ${goQuote(escape)}`;
  if (!/^%[0-9A-Fa-f]{2}$/.test(escape)) throw new UriError(failure);
  const octet = Number.parseInt(escape.slice(1), 16);
  const character = String.fromCharCode(octet);
  if (escape === '%25') return character;
  // RFC 3986 §3.2.2: in a host only octets beyond ASCII are escaped; RFC 6874: in a zone nothing that could not stand
  // there.
  if (part === 'host' && octet < 0x80) throw new UriError(failure);
  if (part === 'zone' && character !== ' ' && !UNESCAPED.host.test(character)) throw new UriError(failure);
  return character;
}

/** Escapes every octet that Go does not leave alone in this part. */
export function escapeUri(octets: string, part: UriPart): string {
  let escaped = '';
  for (const character of octets) {
    const hex = character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0');
    escaped += UNESCAPED[part].test(character) ? character : `%${hex}`;
  }
  return escaped;
}
