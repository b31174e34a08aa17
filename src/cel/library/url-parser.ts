import { CelError } from '../error.ts';
import { quote } from './go-quote.ts';
import { escapeUrl, fromByteString, isEscaped, toByteString, unescapeUrl } from './url-escape.ts';
import { parseUrlHost } from './url-host.ts';

/** Name and password before a host, unescaped. */
export interface UserInfo {
  readonly name: string;
  readonly password?: string;
}

/** What Go's `net/url.URL` holds; every string is a byte string. */
export interface ParsedUrl {
  readonly scheme: string;
  /** What follows the scheme where that is no slash: `mailto:a@b`. */
  readonly opaque: string;
  readonly user?: UserInfo;
  readonly host: string;
  readonly path: EscapedText;
  readonly query: string;
  /** Whether the text ends with a lone `?`. */
  readonly hasEmptyQuery: boolean;
  readonly fragment: EscapedText;
  /** Whether the text has a scheme, a slash and no authority: `file:/x`. */
  readonly omitsHost: boolean;
}

/** A part of the URL, decoded, with the encoding it was written in. */
interface EscapedText {
  readonly decoded: string;
  readonly written: string;
}

/** How Go parses: as in an HTTP request line, absolute and without a fragment, or any reference. */
type Form = 'request' | 'reference';

const NOTHING: EscapedText = { decoded: '', written: '' };

/** What the parts have before they are read. */
const EMPTY: ParsedUrl = {
  scheme: '',
  opaque: '',
  host: '',
  path: NOTHING,
  query: '',
  hasEmptyQuery: false,
  fragment: NOTHING,
  omitsHost: false,
};

/** Go's `url.ParseRequestURI`, with its error text. */
export function parseRequestUri(text: string): ParsedUrl | CelError {
  return named(text, parse(toByteString(text), 'request'));
}

/** Go's `url.Parse`, with its error text. */
export function parseUrl(text: string): ParsedUrl | CelError {
  const hash = text.indexOf('#');
  const before = hash < 0 ? text : text.slice(0, hash);
  const url = named(before, parse(toByteString(before), 'reference'));
  if (url instanceof CelError || hash < 0) return url;
  const fragment = decode(toByteString(text.slice(hash + 1)), 'fragment');
  return fragment instanceof CelError ? named(text, fragment) : { ...url, fragment };
}

function named(text: string, url: ParsedUrl | CelError): ParsedUrl | CelError {
  return url instanceof CelError ? new CelError(`parse ${quote(text)}: ${url.message}`) : url;
}

function parse(bytes: string, form: Form): ParsedUrl | CelError {
  if (/[^ -~\x80-\xff]/.test(bytes)) return new CelError('net/url: invalid control character in URL');
  if (bytes === '' && form === 'request') return new CelError('empty url');
  if (bytes === '*') return { ...EMPTY, path: { decoded: '*', written: '*' } };
  if (bytes.startsWith(':')) return new CelError('missing protocol scheme');
  const scheme = /^([A-Za-z][A-Za-z\d+.-]*):/.exec(bytes)?.[1] ?? '';
  const afterScheme = scheme === '' ? bytes : bytes.slice(scheme.length + 1);
  const mark = afterScheme.indexOf('?');
  const hasEmptyQuery = mark >= 0 && mark === afterScheme.length - 1;
  const query = mark < 0 ? '' : afterScheme.slice(mark + 1);
  const rest = mark < 0 ? afterScheme : afterScheme.slice(0, mark);
  return parseHierarchy(rest, { ...EMPTY, scheme: scheme.toLowerCase(), query, hasEmptyQuery }, form);
}

/** What stands between scheme and query: an opaque part, or authority and path. */
function parseHierarchy(rest: string, url: ParsedUrl, form: Form): ParsedUrl | CelError {
  if (!rest.startsWith('/')) {
    if (url.scheme !== '') return { ...url, opaque: rest };
    if (form === 'request') return new CelError('invalid URI for request');
    // RFC 3986 §4.2: the first segment of a relative reference must not look like a scheme.
    if (rest.replace(/\/.*$/s, '').includes(':')) {
      return new CelError('first path segment in URL cannot contain colon');
    }
  }
  const mayHaveAuthority = url.scheme !== '' || (form === 'reference' && !rest.startsWith('///'));
  if (!mayHaveAuthority || !rest.startsWith('//')) {
    return withPath({ ...url, omitsHost: url.scheme !== '' && rest.startsWith('/') }, rest);
  }
  const slash = rest.indexOf('/', 2);
  const authority = parseAuthority(slash < 0 ? rest.slice(2) : rest.slice(2, slash), url.scheme);
  if (authority instanceof CelError) return authority;
  return withPath({ ...url, ...authority }, slash < 0 ? '' : rest.slice(slash));
}

function withPath(url: ParsedUrl, written: string): ParsedUrl | CelError {
  const path = decode(written, 'path');
  return path instanceof CelError ? path : { ...url, path };
}

function parseAuthority(authority: string, scheme: string): Pick<ParsedUrl, 'host' | 'user'> | CelError {
  const at = authority.lastIndexOf('@');
  const host = parseUrlHost(authority.slice(at + 1), scheme);
  if (host instanceof CelError) return host;
  if (at < 0) return { host };
  const userinfo = authority.slice(0, at);
  if (!/^[A-Za-z\d\-._:~!$&'()*+,;=%@]*$/.test(userinfo)) return new CelError('net/url: invalid userinfo');
  const colon = userinfo.indexOf(':');
  const name = unescapeUrl(colon < 0 ? userinfo : userinfo.slice(0, colon), 'userinfo');
  if (name instanceof CelError || colon < 0)
    return name instanceof CelError ? name : { host, user: { name } };
  const password = unescapeUrl(userinfo.slice(colon + 1), 'userinfo');
  return password instanceof CelError ? password : { host, user: { name, password } };
}

function decode(written: string, part: 'path' | 'fragment'): EscapedText | CelError {
  const decoded = unescapeUrl(written, part);
  return decoded instanceof CelError ? decoded : { decoded, written };
}

/** The part as it was written where that is a valid encoding, else encoded anew; Go's `EscapedPath`. */
export function escapedText({ decoded, written }: EscapedText, part: 'path' | 'fragment'): string {
  return isValidEncoding(written, part) || decoded === '*' ? written : escapeUrl(decoded, part);
}

/** RFC 3986 Appendix A, and brackets, which browsers leave alone. */
function isValidEncoding(written: string, part: 'path' | 'fragment'): boolean {
  return !written
    .replace(/[A-Za-z\d!$&'()*+,;=:@[\]%]/g, '')
    .split('')
    .some((byte) => isEscaped(byte, part));
}

/** The URL written out; Go's `URL.String`. */
export function formatUrl(url: ParsedUrl): string {
  const scheme = url.scheme === '' ? '' : `${url.scheme}:`;
  const query = url.hasEmptyQuery || url.query !== '' ? `?${url.query}` : '';
  const fragment = url.fragment.decoded === '' ? '' : `#${escapedText(url.fragment, 'fragment')}`;
  const middle = url.opaque === '' ? formatHierarchy(url) : url.opaque;
  return fromByteString(scheme + middle + query + fragment);
}

function formatHierarchy(url: ParsedUrl): string {
  const path = escapedText(url.path, 'path');
  const user = url.user === undefined ? '' : `${formatUser(url.user)}@`;
  const isOmitted = url.omitsHost && url.host === '' && url.user === undefined;
  const hasAuthority = url.host !== '' || url.user !== undefined;
  if (url.scheme === '' && !hasAuthority) return path;
  const slashes = !isOmitted && (hasAuthority || path !== '') ? '//' : '';
  const separator = url.host !== '' && path !== '' && !path.startsWith('/') ? '/' : '';
  return slashes + user + escapeUrl(url.host, 'host') + separator + path;
}

function formatUser({ name, password }: UserInfo): string {
  const escaped = escapeUrl(name, 'userinfo');
  return password === undefined ? escaped : `${escaped}:${escapeUrl(password, 'userinfo')}`;
}
