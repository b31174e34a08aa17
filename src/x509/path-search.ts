import type { Certificate } from './certificate.ts';
import { findAuthorityFault, type IssuerRole } from './certificate-fault.ts';
import type { CertificatePool } from './certificate-pool.ts';
import { ExtensionId } from './extension.ts';
import type { IssuanceCheck } from './issuance.ts';
import type { PathRefusal } from './path-refusal.ts';
import { moreSpecific, type SearchFailure } from './search-failure.ts';

/** What a search has to go by. */
export interface SearchSpace {
  readonly anchors: CertificatePool;
  readonly intermediates: CertificatePool;
  /** The instant, in milliseconds. */
  readonly at: number;
  readonly maxSignatureChecks: number;
  /** Should remember: the same pair is asked for on every path that it is on. */
  readonly checkIssuance: IssuanceCheck;
}

/** A path: leaf first, each issued by the next, an anchor last. */
type Path = readonly Certificate[];

/** Every path from the leaf to an anchor, in the order of the search; or, of all the reasons, the most specific. */
export type SearchResult =
  | { readonly kind: 'found'; readonly paths: readonly Path[] }
  | { readonly kind: 'none'; readonly refusal: PathRefusal };

/** A search under way. */
interface Search {
  readonly space: SearchSpace;
  readonly paths: Path[];
  remainingChecks: number;
  failure: SearchFailure;
}

/**
 * Searches depth first, at each step anchors before intermediates, as Go does. Every candidate that is looked at
 * costs one of `maxSignatureChecks`, so a maze of cross-signed certificates costs no more than a straight path; a
 * search that runs out of them keeps the paths that it has found by then.
 */
export function searchPaths(leaf: Certificate, space: SearchSpace): SearchResult {
  const refusal: PathRefusal = { code: 'path/unknown-authority', certificate: leaf };
  const search: Search = {
    space,
    paths: [],
    remainingChecks: space.maxSignatureChecks,
    failure: { refusal, depth: 1 },
  };
  extend([leaf], leaf, search);
  return search.paths.length > 0
    ? { kind: 'found', paths: search.paths }
    : { kind: 'none', refusal: search.failure.refusal };
}

/** Goes on from a path whose last certificate is the child. */
function extend(path: Path, child: Certificate, search: Search): void {
  const { anchors, intermediates, maxSignatureChecks } = search.space;
  note(search, path, { code: 'path/unknown-authority', certificate: child });
  for (const role of ['anchor', 'intermediate'] as const) {
    const pool = role === 'anchor' ? anchors : intermediates;
    for (const candidate of pool.candidateIssuers(child)) {
      if (search.remainingChecks === 0) {
        note(search, path, { code: 'path/signature-limit', maxSignatureChecks });
        return;
      }
      search.remainingChecks -= 1;
      // A key of an unknown algorithm signs nothing.
      const isPossible = candidate.publicKey.algorithm !== 'unknown' && !isInPath(candidate, path);
      if (isPossible) consider({ path, child, candidate, role }, search);
    }
  }
}

interface Step {
  readonly path: Path;
  readonly child: Certificate;
  readonly candidate: Certificate;
  readonly role: IssuerRole;
}

/** Tries a candidate as the issuer of the child, and goes on from it. */
function consider({ path, child, candidate, role }: Step, search: Search): void {
  const { checkIssuance, at } = search.space;
  const verdict = checkIssuance(child, candidate);
  if (!verdict.ok) {
    const hint = { error: verdict.error, authority: candidate };
    note(search, path, { code: 'path/unknown-authority', certificate: child, hint });
    return;
  }
  const fault = findAuthorityFault({ authority: candidate, role, intermediates: path.length - 1 }, at);
  const extended = [...path, candidate];
  if (fault !== undefined) note(search, path, { ...fault, certificate: candidate });
  else if (role === 'anchor') search.paths.push(extended);
  else extend(extended, candidate, search);
}

function note(search: Search, path: Path, refusal: PathRefusal): void {
  search.failure = moreSpecific(search.failure, { refusal, depth: path.length });
}

/**
 * Whether a path has the same entity already: the same name and key, and the same SubjectAltName. Cross-signed
 * certificates of one authority are one entity; following them again would only go round in circles.
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
