import type { JwtIssuer } from '../config/types.ts';
import { duplicate, type FieldError, invalid, invalidTyped, required } from './field-error.ts';
import type { JwtChecks } from './jwt-checks.ts';
import { validateUrl } from './validate-url.ts';

const MATCH_ANY = 'MatchAny';
const EGRESS_SELECTORS: readonly string[] = ['controlplane', 'cluster'];

/** A `jwt` entry's issuer, as kube-apiserver validates it. */
export function validateIssuer(path: string, issuer: JwtIssuer, checks: JwtChecks): readonly FieldError[] {
  return [
    ...validateIssuerUrl(`${path}.url`, issuer.url, checks.disallowedIssuers),
    ...validateDiscoveryUrl(`${path}.discoveryURL`, issuer),
    ...validateAudiences(path, issuer),
    ...validateCertificateAuthority(`${path}.certificateAuthority`, issuer.certificateAuthority, checks),
    ...validateEgressSelector(`${path}.egressSelectorType`, issuer.egressSelectorType),
  ];
}

function validateIssuerUrl(
  path: string,
  url: string,
  disallowedIssuers: readonly string[],
): readonly FieldError[] {
  return url === '' ? [required(path)] : validateUrl(path, url, disallowedIssuers);
}

function validateDiscoveryUrl(path: string, { url, discoveryURL }: JwtIssuer): readonly FieldError[] {
  if (discoveryURL === '') return [];
  const isSame = url !== '' && trimSlashes(url) === trimSlashes(discoveryURL);
  const errors = isSame ? [invalid(path, discoveryURL, 'discoveryURL must be different from URL')] : [];
  return [...errors, ...validateUrl(path, discoveryURL, [])];
}

function trimSlashes(url: string): string {
  let end = url.length;
  while (url.charAt(end - 1) === '/') end -= 1;
  return url.slice(0, end);
}

function validateAudiences(
  path: string,
  { audiences, audienceMatchPolicy: policy }: JwtIssuer,
): readonly FieldError[] {
  const listPath = `${path}.audiences`;
  if (audiences.length === 0) return [required(listPath, `at least one ${listPath} is required`)];
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [index, audience] of audiences.entries()) {
    const itemPath = `${listPath}[${index}]`;
    if (audience === '') errors.push(required(itemPath));
    if (seen.has(audience)) errors.push(duplicate(itemPath, audience));
    seen.add(audience);
  }
  return [...errors, ...validateMatchPolicy(`${path}.audienceMatchPolicy`, policy, audiences.length)];
}

function validateMatchPolicy(path: string, policy: string, audiences: number): readonly FieldError[] {
  if (policy === MATCH_ANY || (audiences === 1 && policy === '')) return [];
  const rule =
    audiences === 1
      ? 'must be empty or MatchAny for single audience'
      : 'must be MatchAny for multiple audiences';
  return [invalidTyped(path, policy, `audienceMatchPolicy ${rule}`)];
}

function validateCertificateAuthority(
  path: string,
  pem: string,
  { parseTrustBundle }: JwtChecks,
): readonly FieldError[] {
  if (pem === '') return [];
  const result = parseTrustBundle(pem);
  return result.ok ? [] : [invalid(path, '<omitted>', result.error)];
}

function validateEgressSelector(path: string, type: string): readonly FieldError[] {
  if (type === '' || EGRESS_SELECTORS.includes(type)) return [];
  return [invalidTyped(path, type, 'egress selector must be either controlplane or cluster')];
}
