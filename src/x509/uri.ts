import { goQuote } from './go-text.ts';
import { isIpAddress, isIpv6 } from './ip-address.ts';
import { unescapeUri, UriError } from './uri-escape.ts';

/**
 * A URI reference as Go's `url.Parse` understands it. WHATWG's URL is no substitute: it drops tabs, resolves `%2e%2e`
 * and repairs what must be refused. Parts are as written, except the host.
 */
export interface Uri {
  /** Lower-case; empty for a relative reference. */
  readonly scheme: string;
  /** What follows the scheme where that does not begin with `/`. */
  readonly opaque: string;
  readonly authority: 'absent' | 'present';
  readonly userinfo?: string;
  /** Host and port, unescaped. */
  readonly host: string;
  readonly path: string;
  /** With its `?`, or empty. */
  readonly query: string;
  /** Without its `#`. */
  readonly fragment: string;
}

export type UriResult =
  | { readonly ok: true; readonly uri: Uri }
  | { readonly ok: false; readonly error: string };

/** Parses an ASCII text as a URI reference (RFC 3986 §4.1) by Go's rules and with Go's error texts. */
export function parseUri(text: string): UriResult {
  const [reference, fragment = ''] = cut(text, '#');
  let parsed = reference;
  try {
    const uri = parseReference(reference);
    parsed = text;
    unescapeUri(fragment, 'fragment');
    return { ok: true, uri: { ...uri, fragment } };
  } catch (error) {
    if (!(error instanceof UriError)) throw error;
    return { ok: false, error: `parse ${goQuote(parsed)}: ${error.message}` };
  }
}

/** Splits at the first separator; the second part is undefined where there is none. */
function cut(text: string, separator: string): readonly [string, string?] {
  const index = text.indexOf(separator);
  return index < 0 ? [text] : [text.slice(0, index), text.slice(index + separator.length)];
}

function parseReference(reference: string): Uri {
  if (hasControl(reference)) throw new UriError('net/url: invalid control character in URL');
  const [schemeAsWritten, afterScheme] = splitScheme(reference);
  const scheme = schemeAsWritten.toLowerCase();
  const mark = afterScheme.indexOf('?');
  const hierarchy = mark < 0 ? afterScheme : afterScheme.slice(0, mark);
  const query = mark < 0 ? '' : afterScheme.slice(mark);
  const parts = { scheme, opaque: '', authority: 'absent', host: '', path: '', query, fragment: '' } as const;
  if (!hierarchy.startsWith('/')) {
    if (scheme !== '') return { ...parts, opaque: hierarchy };
    // RFC 3986 §4.2: it would be mistaken for a scheme.
    if (cut(hierarchy, '/')[0].includes(':')) {
      throw new UriError('first path segment in URL cannot contain colon');
    }
  }
  const hasAuthority = hierarchy.startsWith('//') && (scheme !== '' || !hierarchy.startsWith('///'));
  if (!hasAuthority) return { ...parts, path: checkedPath(hierarchy) };
  const slash = hierarchy.indexOf('/', 2);
  const authority = slash < 0 ? hierarchy.slice(2) : hierarchy.slice(2, slash);
  const path = slash < 0 ? '' : hierarchy.slice(slash);
  return { ...parts, authority: 'present', ...parseAuthority(scheme, authority), path: checkedPath(path) };
}

function hasControl(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < 0x20 || code === 0x7f) return true;
  }
  return false;
}

/** RFC 3986 §3.1; a text that does not begin with a scheme has an empty one. */
function splitScheme(reference: string): readonly [string, string] {
  if (reference.startsWith(':')) throw new UriError('missing protocol scheme');
  const match = /^([A-Za-z][A-Za-z0-9+\-.]*):/.exec(reference);
  return match === null ? ['', reference] : [match[1] ?? '', reference.slice(match[0].length)];
}

function checkedPath(path: string): string {
  unescapeUri(path, 'path');
  return path;
}

function parseAuthority(
  scheme: string,
  authority: string,
): { readonly userinfo?: string; readonly host: string } {
  const at = authority.lastIndexOf('@');
  const host = parseHost(scheme, authority.slice(at + 1));
  if (at < 0) return { host };
  const userinfo = authority.slice(0, at);
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(userinfo)) throw new UriError('net/url: invalid userinfo');
  const [name, password = ''] = cut(userinfo, ':');
  unescapeUri(name, 'userinfo');
  unescapeUri(password, 'userinfo');
  return { userinfo, host };
}

function parseHost(scheme: string, host: string): string {
  const bracket = host.lastIndexOf('[');
  if (bracket === 0) return parseIpLiteral(host);
  if (bracket > 0) throw new UriError('invalid IP-literal');
  // Only in http and https does Go take the first colon for the port's; elsewhere lists of hosts and ports are in
  // use.
  const colon = scheme === 'http' || scheme === 'https' ? host.indexOf(':') : host.lastIndexOf(':');
  if (colon >= 0) checkPort(host.slice(colon));
  return unescapeUri(host, 'host');
}

/** RFC 3986 §3.2.2 and RFC 6874: `[address]`, `[address%25zone]`, perhaps with a port. */
function parseIpLiteral(host: string): string {
  const end = host.lastIndexOf(']');
  if (end < 0) throw new UriError("missing ']' in host");
  const port = host.slice(end + 1);
  checkPort(port);
  const literal = host.slice(1, end);
  const zone = literal.indexOf('%25');
  const address =
    zone < 0
      ? unescapeUri(literal, 'host')
      : unescapeUri(literal.slice(0, zone), 'host') + unescapeUri(literal.slice(zone), 'zone');
  if (!isIpAddress(address))
    throw new UriError(`invalid host: ParseAddr(${goQuote(address)}): unable to parse IP`);
  if (!isIpv6(address)) throw new UriError('invalid IP-literal');
  return `[${address}]${port}`;
}

/** A port is a colon and digits, perhaps none. */
function checkPort(port: string): void {
  if (!/^(?::\d*)?$/.test(port)) throw new UriError(`invalid port ${goQuote(port)} after host`);
}
