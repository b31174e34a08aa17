import { isUtf8 } from 'node:buffer';

/** A file's text, or why its bytes are none, in the words of Kubernetes' own reader. */
export type DecodedText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly error: string };

const LEFT_BRACE = 0x7b;
const WHITE_SPACE: ReadonlySet<number> = new Set([0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x20]);

/**
 * The text of a configuration file: UTF-8, or UTF-16 with a byte order mark as YAML allows (YAML 1.1 §5.2). What is
 * neither is refused where it is YAML; in JSON Go puts U+FFFD for it.
 */
export function decodeText(bytes: Uint8Array): DecodedText {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return decodeUtf16(bytes, 'utf-16le');
  if (first === 0xfe && second === 0xff) return decodeUtf16(bytes, 'utf-16be');
  // A buffer's own way makes half as large a string of ASCII.
  if (isUtf8(bytes))
    return { ok: true, text: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8') };
  if (!isJson(bytes)) {
    const error = findFault(bytes);
    if (error !== undefined) return { ok: false, error: `yaml: ${error}` };
  }
  return { ok: true, text: new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes) };
}

function decodeUtf16(bytes: Uint8Array, encoding: 'utf-16le' | 'utf-16be'): DecodedText {
  try {
    return { ok: true, text: new TextDecoder(encoding, { fatal: true }).decode(bytes) };
  } catch {
    return { ok: false, error: 'yaml: incomplete UTF-16 character' };
  }
}

function isJson(bytes: Uint8Array): boolean {
  return bytes.find((byte) => !WHITE_SPACE.has(byte)) === LEFT_BRACE;
}

/** The first place that is no UTF-8 (RFC 3629 §3). */
function findFault(bytes: Uint8Array): string | undefined {
  let at = 0;
  while (at < bytes.length) {
    const lead = bytes[at] ?? 0;
    const width = widthOf(lead);
    if (width === 0) return 'invalid leading UTF-8 octet';
    if (at + width > bytes.length) return 'incomplete UTF-8 octet sequence';
    const trail = bytes.subarray(at + 1, at + width);
    if (trail.some((byte) => (byte & 0xc0) !== 0x80)) return 'invalid trailing UTF-8 octet';
    const fault = pointFault(lead, trail);
    if (fault !== undefined) return fault;
    at += width;
  }
  return undefined;
}

function widthOf(lead: number): number {
  if (lead < 0x80) return 1;
  if ((lead & 0xe0) === 0xc0) return 2;
  if ((lead & 0xf0) === 0xe0) return 3;
  return (lead & 0xf8) === 0xf0 ? 4 : 0;
}

/** The least code point of each width. */
const LEAST: readonly number[] = [0, 0, 0x80, 0x800, 0x10000];

function pointFault(lead: number, trail: Uint8Array): string | undefined {
  if (trail.length === 0) return undefined;
  const point = trail.reduce((value, byte) => value * 64 + (byte & 0x3f), lead & (0x3f >> trail.length));
  if (point < (LEAST[trail.length + 1] ?? 0)) return 'invalid length of a UTF-8 sequence';
  const isCharacter = point <= 0x10ffff && !(point >= 0xd800 && point <= 0xdfff);
  return isCharacter ? undefined : 'invalid Unicode character';
}
