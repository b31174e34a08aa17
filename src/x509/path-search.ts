import type { Certificate } from './certificate.ts';
import { findAuthorityFault, type IssuerRole, type VerificationTerms } from './certificate-fault.ts';
import type { CertificatePool } from './certificate-pool.ts';
import { ExtensionId } from './extension.ts';
import type { IssuanceLedger } from './issuance.ts';
import { moreSpecific, type PathRefusal } from './path-refusal.ts';

/** What a search has to go by. */
export interface SearchSpace {
  readonly anchors: CertificatePool;
  readonly intermediates: CertificatePool;
  readonly terms: VerificationTerms;
  readonly maxSignatureChecks: number;
  readonly ledger: IssuanceLedger;
}

/** A path: leaf first, each issued by the next, an anchor last. */
type Path = readonly Certificate[];

/** Every path from the leaf to an anchor, in the order of the search; or, of all the reasons, the most specific. */
export type SearchResult =
  | { readonly kind: 'found'; readonly paths: readonly Path[] }
  | { readonly kind: 'none'; readonly refusal: PathRefusal };

/** How many candidates may still be looked at. */
interface Budget {
  remaining: number;
}

/**
 * Searches depth first, at each step anchors before intermediates, as Go does. Every candidate that is looked at costs one of
 * `maxSignatureChecks`, so a maze of cross-signed certificates costs no more than a straight path; a search that runs out of them
 * keeps the paths that it has found by then.
 */
export function searchPaths(leaf: Certificate, space: SearchSpace): SearchResult {
  return extend([leaf], leaf, { space, budget: { remaining: space.maxSignatureChecks } });
}

interface Search {
  readonly space: SearchSpace;
  readonly budget: Budget;
}

function extend(path: Path, child: Certificate, search: Search): SearchResult {
  const { space, budget } = search;
  const paths: Path[] = [];
  let refusal: PathRefusal = { code: 'path/unknown-authority', certificate: child };
  for (const role of ['anchor', 'intermediate'] as const) {
    const pool = role === 'anchor' ? space.anchors : space.intermediates;
    for (const candidate of pool.candidateIssuers(child)) {
      if (budget.remaining === 0) {
        refusal = { code: 'path/signature-limit', maxSignatureChecks: space.maxSignatureChecks };
        return paths.length > 0 ? { kind: 'found', paths } : { kind: 'none', refusal };
      }
      budget.remaining -= 1;
      const result = consider(candidate, role, { path, child, search });
      if (result?.kind === 'found') paths.push(...result.paths);
      if (result?.kind === 'none') refusal = moreSpecific(refusal, result.refusal);
    }
  }
  return paths.length > 0 ? { kind: 'found', paths } : { kind: 'none', refusal };
}

interface Step {
  readonly path: Path;
  readonly child: Certificate;
  readonly search: Search;
}

/** Tries one candidate as the issuer of the child; undefined where it says nothing, being of no use or in the path already. */
function consider(candidate: Certificate, role: IssuerRole, step: Step): SearchResult | undefined {
  const { path, child, search } = step;
  if (candidate.publicKey.algorithm === 'unknown' || isInPath(candidate, path)) return undefined;
  const verdict = search.space.ledger.verdict(child, candidate);
  if (!verdict.ok) {
    const hint = { error: verdict.error, authority: candidate };
    return { kind: 'none', refusal: { code: 'path/unknown-authority', certificate: child, hint } };
  }
  const fault = findAuthorityFault(
    { authority: candidate, role, intermediates: path.length - 1 },
    search.space.terms,
  );
  if (fault !== undefined) return { kind: 'none', refusal: { ...fault, certificate: candidate } };
  const extended = [...path, candidate];
  return role === 'anchor' ? { kind: 'found', paths: [extended] } : extend(extended, candidate, search);
}

/**
 * Whether a path has the same entity already: the same name and key, and the same SubjectAltName. Cross-signed certificates of one
 * authority are one entity; following them again would only go round in circles.
 */
function isInPath(candidate: Certificate, path: Path): boolean {
  const names = subjectAlternativeName(candidate);
  for (const certificate of path) {
    const isNamesake =
      certificate.subject.der.equals(candidate.subject.der) &&
      certificate.publicKey.spki.equals(candidate.publicKey.spki);
    if (!isNamesake) continue;
    const others = subjectAlternativeName(certificate);
    // Like Go: a namesake with names where the other has none ends the comparison.
    if (names === undefined || others === undefined) return names === others;
    if (names.equals(others)) return true;
  }
  return false;
}

function subjectAlternativeName(certificate: Certificate): Buffer | undefined {
  return certificate.extensions.find(({ id }) => id === ExtensionId.subjectAlternativeName)?.value;
}
