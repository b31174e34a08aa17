import { CelError, noSuchOverload } from '../error.ts';
import { CelMap, type CelValue, OpaqueValue } from '../value.ts';
import { fromByteString, unescapeUrl } from './url-escape.ts';
import { hostnameOf, portOf } from './url-host.ts';
import { type ParsedUrl, escapedText, formatUrl, parseRequestUri, parseUrl } from './url-parser.ts';

/** A value of `kubernetes.URL`. */
export class UrlValue extends OpaqueValue {
  readonly typeName = 'kubernetes.URL';
  readonly #url: ParsedUrl;

  constructor(url: ParsedUrl) {
    super();
    this.#url = url;
  }

  get scheme(): string {
    return this.#url.scheme;
  }

  /** With port and brackets, unescaped. */
  get host(): string {
    return fromByteString(this.#url.host);
  }

  get hostname(): string {
    return fromByteString(hostnameOf(this.#url.host));
  }

  get port(): string {
    return portOf(this.#url.host);
  }

  get escapedPath(): string {
    return fromByteString(escapedText(this.#url.path, 'path'));
  }

  /** The query's values by name, in order; settings that are malformed are left out. */
  get query(): CelMap {
    return parseQuery(this.#url.query);
  }

  equals(other: CelValue): boolean | CelError {
    return other instanceof UrlValue ? this.toString() === other.toString() : noSuchOverload();
  }

  toString(): string {
    return formatUrl(this.#url);
  }
}

/** The URL that Kubernetes' `url()` reads: absolute, or an absolute path. */
export function parseUrlValue(text: string): UrlValue | CelError {
  const request = parseRequestUri(text);
  const url = request instanceof CelError ? request : parseUrl(text);
  return url instanceof CelError
    ? new CelError(`URL parse error during conversion from string: ${url.message}`)
    : new UrlValue(url);
}

/** Go reads no query of more settings than this (its `urlmaxqueryparams`). */
const MAX_SETTINGS = 10_000;

function parseQuery(query: string): CelMap {
  const values = new Map<string, string[]>();
  const settings = query.split('&');
  for (const setting of settings.length > MAX_SETTINGS ? [] : settings) {
    const equals = setting.indexOf('=');
    const name = unescapeUrl(equals < 0 ? setting : setting.slice(0, equals), 'query');
    const value = equals < 0 ? '' : unescapeUrl(setting.slice(equals + 1), 'query');
    const isMalformed = setting === '' || setting.includes(';');
    if (isMalformed || name instanceof CelError || value instanceof CelError) continue;
    const key = fromByteString(name);
    const known = values.get(key);
    if (known === undefined) values.set(key, [fromByteString(value)]);
    else known.push(fromByteString(value));
  }
  return new CelMap(values);
}
