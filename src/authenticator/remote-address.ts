import ipaddr from 'ipaddr.js';

/**
 * A peer's IP address as `request.remoteaddr` has it: canonical text (RFC 5952), no zone, an IPv4-mapped IPv6 address as IPv4.
 * Undefined for what is no IP address: host names, ports, IPv4 in other than four decimal parts.
 */
export function toRemoteAddress(text: string): string | undefined {
  const [address = ''] = text.split('%', 1);
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return text;
  if (!ipaddr.IPv6.isValid(address)) return undefined;
  const parsed = ipaddr.IPv6.parse(address);
  return parsed.isIPv4MappedAddress() ? parsed.toIPv4Address().toString() : parsed.toRFC5952String();
}
