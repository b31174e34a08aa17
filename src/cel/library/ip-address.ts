import { CelError, noSuchOverload } from '../error.ts';
import { type CelValue, OpaqueValue } from '../value.ts';
import { quote } from './go-quote.ts';
import { parseAddress } from './ip-parser.ts';

/** A value of `net.IP`: an IPv4 or IPv6 address without a zone, never an IPv4-mapped one. */
export class IpAddress extends OpaqueValue {
  readonly typeName = 'net.IP';
  /** 4 or 16, in network order. */
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    super();
    this.bytes = bytes;
  }

  override get size(): number {
    return this.bytes.length;
  }

  get family(): 4 | 6 {
    return this.bytes.length === 4 ? 4 : 6;
  }

  equals(other: CelValue): boolean | CelError {
    return other instanceof IpAddress ? areEqualBytes(this.bytes, other.bytes) : noSuchOverload();
  }

  /** Dotted, or as RFC 5952 §4 writes IPv6. */
  toString(): string {
    return this.family === 4 ? this.bytes.join('.') : formatIpv6(this.bytes);
  }
}

/** The address that Kubernetes' `ip()` reads: what Go reads, without zones and without IPv4-mapped IPv6. */
export function parseIpAddress(text: string): IpAddress | CelError {
  const address = parseAddress(text);
  if (address instanceof CelError) {
    return new CelError(
      `IP Address ${quote(text)} parse error during conversion from string: ${address.message}`,
    );
  }
  if (address.zone !== '') return new CelError(`IP address ${quote(text)} with zone value is not allowed`);
  return isIpv4Mapped(address.bytes) ? mappedError(text) : new IpAddress(address.bytes);
}

/** Whether 16 bytes are ::ffff:0:0/96 (RFC 4291 §2.5.5.2). */
export function isIpv4Mapped(bytes: Uint8Array): boolean {
  return (
    bytes.length === 16 &&
    bytes[10] === 0xff &&
    bytes[11] === 0xff &&
    bytes.subarray(0, 10).every((byte) => byte === 0)
  );
}

/** Kubernetes' words for an IPv4-mapped address, alone or in a CIDR. */
export function mappedError(text: string): CelError {
  return new CelError(`IPv4-mapped IPv6 address ${quote(text)} is not allowed`);
}

/** 0.0.0.0 or :: */
export function isUnspecified({ bytes }: IpAddress): boolean {
  return bytes.every((byte) => byte === 0);
}

/** 127.0.0.0/8 or ::1 */
export function isLoopback({ bytes }: IpAddress): boolean {
  if (bytes.length === 4) return bytes[0] === 127;
  return bytes[15] === 1 && bytes.subarray(0, 15).every((byte) => byte === 0);
}

/** 224.0.0.0/24, or ff02::/16 with any of the flag bits. */
export function isLinkLocalMulticast({ bytes }: IpAddress): boolean {
  const [first, second = 0, third] = bytes;
  return bytes.length === 4
    ? first === 224 && second === 0 && third === 0
    : first === 0xff && (second & 0x0f) === 2;
}

/** 169.254.0.0/16 or fe80::/10 */
export function isLinkLocalUnicast({ bytes }: IpAddress): boolean {
  const [first, second = 0] = bytes;
  return bytes.length === 4 ? first === 169 && second === 254 : first === 0xfe && (second & 0xc0) === 0x80;
}

/** Go's `IsGlobalUnicast`, private addresses included; not the unspecified, loopback, multicast, link-local or broadcast ones. */
export function isGlobalUnicast(address: IpAddress): boolean {
  const isBroadcast = address.family === 4 && address.bytes.every((byte) => byte === 0xff);
  return !(
    isBroadcast ||
    isUnspecified(address) ||
    isLoopback(address) ||
    isMulticast(address) ||
    isLinkLocalUnicast(address)
  );
}

function isMulticast({ bytes }: IpAddress): boolean {
  const first = bytes[0] ?? 0;
  return bytes.length === 4 ? (first & 0xf0) === 0xe0 : first === 0xff;
}

function areEqualBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

function formatIpv6(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, index) =>
    (((bytes[index * 2] ?? 0) << 8) | (bytes[index * 2 + 1] ?? 0)).toString(16),
  );
  const { start, length } = longestZeros(groups);
  if (length < 2) return groups.join(':');
  return `${groups.slice(0, start).join(':')}::${groups.slice(start + length).join(':')}`;
}

/** The first of the longest runs of zero groups. */
function longestZeros(groups: readonly string[]): { readonly start: number; readonly length: number } {
  let longest = { start: 0, length: 0 };
  let start = 0;
  groups.forEach((group, index) => {
    if (group !== '0') start = index + 1;
    else if (index + 1 - start > longest.length) longest = { start, length: index + 1 - start };
  });
  return longest;
}
