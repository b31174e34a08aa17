import { toRemoteAddress } from '../authenticator/remote-address.ts';

/**
 * What the bytes at the beginning of a connection say by the PROXY protocol (https://www.haproxy.org/download/2.9/doc/proxy-protocol.txt):
 * nothing yet; no header; or a header of so many bytes, with the client's address, which is absent where the proxy does not know it, or speaks
 * for itself.
 */
export type ProxyHeader =
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'invalid' }
  | { readonly kind: 'header'; readonly length: number; readonly clientAddress?: string };

/** The longest header that is read: version 1 has at most 107 bytes, version 2 as much as its addresses and a few TLVs take. */
export const MAX_PROXY_HEADER: number = 2048;

const V1_START = Buffer.from('PROXY ');
const V1_LIMIT = 107;
const V2_START = Buffer.from('\r\n\r\n\0\r\nQUIT\n');
const V2_FIXED = 16;

/** Bytes of both addresses and ports, by address family. */
const V2_ADDRESS_BYTES: Readonly<Record<number, { readonly each: number; readonly total: number }>> = {
  1: { each: 4, total: 12 },
  2: { each: 16, total: 36 },
};

const INVALID: ProxyHeader = { kind: 'invalid' };
const INCOMPLETE: ProxyHeader = { kind: 'incomplete' };

/** Reads a PROXY header, version 1 or 2, from the first bytes of a connection. */
export function readProxyHeader(bytes: Buffer): ProxyHeader {
  if (startsWith(bytes, V1_START)) return bytes.length < V1_START.length ? INCOMPLETE : readVersion1(bytes);
  if (startsWith(bytes, V2_START)) return bytes.length < V2_FIXED ? INCOMPLETE : readVersion2(bytes);
  return INVALID;
}

/** Whether one is the beginning of the other. */
function startsWith(bytes: Buffer, start: Buffer): boolean {
  const length = Math.min(bytes.length, start.length);
  return bytes.subarray(0, length).equals(start.subarray(0, length));
}

function readVersion1(bytes: Buffer): ProxyHeader {
  const end = bytes.subarray(0, V1_LIMIT).indexOf('\r\n');
  if (end < 0) return bytes.length < V1_LIMIT ? INCOMPLETE : INVALID;
  const length = end + 2;
  const line = bytes.toString('latin1', 0, end);
  if (/^PROXY UNKNOWN(?: |$)/.test(line)) return { kind: 'header', length };
  const match = /^PROXY TCP(?<version>[46]) (?<source>\S+) \S+ \d{1,5} \d{1,5}$/.exec(line);
  const { source = '', version } = match?.groups ?? {};
  const clientAddress = toRemoteAddress(source);
  if (clientAddress === undefined || source.includes(':') !== (version === '6')) return INVALID;
  return { kind: 'header', length, clientAddress };
}

function readVersion2(bytes: Buffer): ProxyHeader {
  const command = bytes.readUInt8(12);
  const length = V2_FIXED + bytes.readUInt16BE(14);
  // The high half is the version; the low half LOCAL (0), the proxy's own connection, or PROXY (1).
  if ((command !== 0x20 && command !== 0x21) || length > MAX_PROXY_HEADER) return INVALID;
  if (bytes.length < length) return INCOMPLETE;
  if (command === 0x20) return { kind: 'header', length };
  const family = bytes.readUInt8(13) >> 4;
  const addresses = V2_ADDRESS_BYTES[family];
  if (addresses === undefined || length < V2_FIXED + addresses.total) return INVALID;
  const source = bytes.subarray(V2_FIXED, V2_FIXED + addresses.each);
  const clientAddress = toRemoteAddress(toText(source));
  return clientAddress === undefined ? INVALID : { kind: 'header', length, clientAddress };
}

function toText(address: Buffer): string {
  if (address.length === 4) return [...address].join('.');
  return Array.from({ length: 8 }, (_, index) => address.readUInt16BE(2 * index).toString(16)).join(':');
}
