import { CelError } from '../error.ts';
import { type CostRule, type Overload, overload } from '../overload.ts';
import { traversal } from '../size.ts';
import { parseRequestUri } from './url-parser.ts';
import { type UrlValue, parseUrlValue } from './url-value.ts';

const walked: CostRule = ([text]) => traversal(text);

function getter(
  id: string,
  name: string,
  part: 'scheme' | 'host' | 'hostname' | 'port' | 'escapedPath',
): Overload {
  return overload(id, `<kubernetes.URL>.${name}() -> string`, { evaluate: (url: UrlValue) => url[part] });
}

/** Kubernetes' `kubernetes.URL`. */
export const urlOverloads: readonly Overload[] = [
  overload('string_to_url', 'url(string) -> kubernetes.URL', { evaluate: parseUrlValue, cost: walked }),
  overload('is_url_string', 'isURL(string) -> bool', {
    evaluate: (text: string) => !(parseRequestUri(text) instanceof CelError),
  }),
  getter('url_get_scheme', 'getScheme', 'scheme'),
  getter('url_get_host', 'getHost', 'host'),
  getter('url_get_hostname', 'getHostname', 'hostname'),
  getter('url_get_port', 'getPort', 'port'),
  getter('url_get_escaped_path', 'getEscapedPath', 'escapedPath'),
  overload('url_get_query', '<kubernetes.URL>.getQuery() -> map(string, list(string))', {
    evaluate: ({ query }: UrlValue) => query,
  }),
];
