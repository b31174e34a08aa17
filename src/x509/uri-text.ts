import type { Uri } from './uri.ts';
import { escapeUri, unescapeUri } from './uri-escape.ts';

/** The URI as Go's `URL.String` prints it: as written where that is a valid escaping, else escaped anew. */
export function formatUri(uri: Uri): string {
  const scheme = uri.scheme === '' ? '' : `${uri.scheme}:`;
  const fragment = uri.fragment === '' ? '' : `#${printable(uri.fragment, 'fragment')}`;
  if (uri.opaque !== '') return `${scheme}${uri.opaque}${uri.query}${fragment}`;
  return `${scheme}${formatAuthority(uri)}${formatPath(uri)}${uri.query}${fragment}`;
}

function formatAuthority(uri: Uri): string {
  if (uri.authority === 'absent') return '';
  if (uri.host === '' && uri.path === '' && uri.userinfo === undefined) return '';
  return `//${formatUserinfo(uri.userinfo)}${escapeUri(uri.host, 'host')}`;
}

function formatUserinfo(userinfo: string | undefined): string {
  if (userinfo === undefined) return '';
  const colon = userinfo.indexOf(':');
  const again = (text: string): string => escapeUri(unescapeUri(text, 'userinfo'), 'userinfo');
  if (colon < 0) return `${again(userinfo)}@`;
  return `${again(userinfo.slice(0, colon))}:${again(userinfo.slice(colon + 1))}@`;
}

function formatPath(uri: Uri): string {
  if (uri.path === '*') return '*';
  return printable(uri.path, 'path');
}

/**
 * Brackets and the sub-delimiters of RFC 3986 §2.2 are valid as written, though Go itself would escape some of them.
 */
function printable(text: string, part: 'path' | 'fragment'): string {
  const isValid =
    part === 'path'
      ? /^[A-Za-z0-9\-_.~!$&'()*+,/;=:@[\]%]*$/.test(text)
      : /^[A-Za-z0-9\-_.~!$&'()*+,/;=:@[\]%?]*$/.test(text);
  return isValid ? text : escapeUri(unescapeUri(text, part), part);
}
