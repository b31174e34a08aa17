import { parseUri } from '../x509/uri.ts';
import { type FieldError, invalid } from './field-error.ts';

/** What an issuer's URL must be: https, with no user, query or fragment, and none of the disallowed issuers'. */
export function validateUrl(
  path: string,
  url: string,
  disallowedIssuers: readonly string[],
): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (disallowedIssuers.includes(url)) {
    const list = [...new Set(disallowedIssuers)].sort().join(' ');
    errors.push(invalid(path, url, `URL must not overlap with disallowed issuers: [${list}]`));
  }
  const result = parseUri(url);
  if (!result.ok) return [...errors, invalid(path, url, result.error)];
  const { scheme, userinfo, query, fragment } = result.uri;
  if (scheme !== 'https') errors.push(invalid(path, url, 'URL scheme must be https'));
  if (userinfo !== undefined) errors.push(invalid(path, url, 'URL must not contain a username or password'));
  // A question mark with nothing after it is no query to Go.
  if (query.length > 1) errors.push(invalid(path, url, 'URL must not contain a query'));
  if (fragment !== '') errors.push(invalid(path, url, 'URL must not contain a fragment'));
  return errors;
}
