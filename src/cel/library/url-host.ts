import { CelError } from '../error.ts';
import { parseAddress } from './ip-parser.ts';
import { fromByteString, quoteByteString, unescapeUrl } from './url-escape.ts';

/**
 * Go's reading of a host with an optional port, unescaped: a name, an IPv4 address, or an IPv6 address in brackets. With the
 * scheme http or https only one colon may stand in it.
 */
export function parseUrlHost(host: string, scheme: string): string | CelError {
  const bracket = host.lastIndexOf('[');
  if (bracket > 0) return new CelError('invalid IP-literal');
  if (bracket === 0) return parseBracketed(host);
  const first = host.indexOf(':');
  // Other schemes may name several hosts with ports, as databases' URLs do.
  const colon = scheme === 'http' || scheme === 'https' ? first : host.lastIndexOf(':');
  if (first >= 0 && !isOptionalPort(host.slice(colon))) return portError(host.slice(colon));
  return unescapeUrl(host, 'host');
}

/** RFC 3986 §3.2.2 and RFC 6874: `[2001:db8::1]:80`, `[fe80::1%25eth0]`. */
function parseBracketed(host: string): string | CelError {
  const close = host.lastIndexOf(']');
  if (close < 0) return new CelError("missing ']' in host");
  const port = host.slice(close + 1);
  if (!isOptionalPort(port)) return portError(port);
  const name = unescapeLiteral(host.slice(1, close));
  if (name instanceof CelError) return name;
  const address = parseAddress(fromByteString(name));
  if (address instanceof CelError) return new CelError(`invalid host: ${address.message}`);
  return address.bytes.length === 4 ? new CelError('invalid IP-literal') : `[${name}]${port}`;
}

function unescapeLiteral(literal: string): string | CelError {
  const percent = literal.indexOf('%25');
  if (percent < 0) return unescapeUrl(literal, 'host');
  const address = unescapeUrl(literal.slice(0, percent), 'host');
  const zone = unescapeUrl(literal.slice(percent), 'zone');
  if (address instanceof CelError) return address;
  return zone instanceof CelError ? zone : address + zone;
}

function isOptionalPort(port: string): boolean {
  return /^(?::\d*)?$/.test(port);
}

function portError(port: string): CelError {
  return new CelError(`invalid port ${quoteByteString(port)} after host`);
}

/** The host without its port and brackets, as Go's `URL.Hostname` gives it. */
export function hostnameOf(host: string): string {
  return splitPort(host).name.replace(/^\[(.*)\]$/s, '$1');
}

/** The digits after the host's colon; empty where there are none. */
export function portOf(host: string): string {
  return splitPort(host).port;
}

function splitPort(host: string): { readonly name: string; readonly port: string } {
  const match = /^(.*):(\d*)$/s.exec(host);
  return { name: match?.[1] ?? host, port: match?.[2] ?? '' };
}
