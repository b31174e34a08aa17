// No network: a parser that is as strict as those of the addresses' senders.
// oxlint-disable-next-line eslint/no-restricted-imports
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/**
 * A peer's IP address as `request.remoteaddr` has it: canonical text (RFC 5952), without a zone, IPv4 in IPv6 as IPv4. Undefined for what
 * is no IP address, and for the shortened and octal forms that some parsers take for one.
 */
export function toRemoteAddress(text: string): string | undefined {
  if (isIP(text) === 0) return undefined;
  const [address = ''] = text.split('%');
  const parsed = ipaddr.process(address);
  return parsed instanceof ipaddr.IPv6 ? parsed.toRFC5952String() : parsed.toString();
}
