import type { MappingRefusal, MappingRefusalCode } from './mapping-refusal.ts';

/** A SPIFFE ID of a workload: its trust domain, and the segments of its path, of which there is at least one. */
export interface SpiffeId {
  readonly trustDomain: string;
  readonly path: readonly string[];
}

export type SpiffeIdResult =
  | { readonly ok: true; readonly id: SpiffeId }
  | { readonly ok: false; readonly refusal: MappingRefusal };

const SCHEME = 'spiffe://';
/** SPIFFE-ID §2.3: what every implementation must support, and none should exceed. */
const MAX_LENGTH = 2048;
/** SPIFFE-ID §2.1. */
const MAX_TRUST_DOMAIN_LENGTH = 255;

/**
 * Parses a SPIFFE ID of a workload by the bytes of the URI, so that two texts are never one identity (SPIFFE-ID §2): a URL parser
 * would lower-case, decode and resolve. Stricter than that standard in one point: scheme and trust domain must be in lower case, as
 * issuers must write them. The path is required, as of every workload (X509-SVID §5.2).
 */
export function parseSpiffeId(uri: string): SpiffeIdResult {
  const outerFault = findUriFault(uri);
  if (outerFault !== undefined) return refuse(outerFault, uri);
  const [trustDomain, path] = splitAt(uri.slice(SCHEME.length), '/');
  const domainFault = findAuthorityFault(trustDomain);
  if (domainFault !== undefined) return refuse(domainFault, trustDomain);
  if (path === undefined) return refuse('mapping/spiffe-no-path', uri);
  const segments = path.split('/');
  const pathFault = findPathFault(segments);
  if (pathFault !== undefined) return refuse(pathFault, `/${path}`);
  return { ok: true, id: { trustDomain, path: segments } };
}

/** The SPIFFE ID as a URI; parsing it gives the same again. */
export function formatSpiffeId({ trustDomain, path }: SpiffeId): string {
  return `${SCHEME}${[trustDomain, ...path].join('/')}`;
}

/**
 * What keeps a text from being a trust domain (SPIFFE-ID §2.1). Stricter than that standard in one point: no label may be empty,
 * since Go, and so the parser of certificates here, refuses a URI with such a host.
 */
export function findTrustDomainFault(text: string): MappingRefusalCode | undefined {
  if (text === '') return 'mapping/spiffe-trust-domain-empty';
  if (Buffer.byteLength(text) > MAX_TRUST_DOMAIN_LENGTH) return 'mapping/spiffe-trust-domain-too-long';
  if (/[A-Z]/.test(text)) return 'mapping/spiffe-trust-domain-upper-case';
  if (!/^[a-z0-9._-]+$/.test(text)) return 'mapping/spiffe-trust-domain-character';
  return text.split('.').includes('') ? 'mapping/spiffe-trust-domain-label' : undefined;
}

function findUriFault(uri: string): MappingRefusalCode | undefined {
  if (Buffer.byteLength(uri) > MAX_LENGTH) return 'mapping/spiffe-too-long';
  if (!uri.startsWith(SCHEME)) return 'mapping/spiffe-scheme';
  if (uri.includes('?')) return 'mapping/spiffe-query';
  if (uri.includes('#')) return 'mapping/spiffe-fragment';
  return uri.includes('%') ? 'mapping/spiffe-percent-encoding' : undefined;
}

/** RFC 3986 §3.2: of what an authority may have, a SPIFFE ID has only the host. */
function findAuthorityFault(authority: string): MappingRefusalCode | undefined {
  if (authority.includes('@')) return 'mapping/spiffe-userinfo';
  if (authority.includes(':')) return 'mapping/spiffe-port';
  return findTrustDomainFault(authority);
}

function findPathFault(segments: readonly string[]): MappingRefusalCode | undefined {
  if (segments.at(-1) === '') return 'mapping/spiffe-trailing-slash';
  for (const segment of segments) {
    if (segment === '') return 'mapping/spiffe-empty-segment';
    if (segment === '.' || segment === '..') return 'mapping/spiffe-dot-segment';
    if (!/^[A-Za-z0-9._-]+$/.test(segment)) return 'mapping/spiffe-path-character';
  }
  return undefined;
}

/** Splits at the first separator; the second part is undefined where there is none. */
function splitAt(text: string, separator: string): readonly [string, string?] {
  const index = text.indexOf(separator);
  return index < 0 ? [text] : [text.slice(0, index), text.slice(index + separator.length)];
}

function refuse(code: MappingRefusalCode, value: string): SpiffeIdResult {
  return { ok: false, refusal: { code, value } };
}
