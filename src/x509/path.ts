import type { Certificate } from './certificate.ts';
import { findLeafFault } from './certificate-fault.ts';
import { createCertificatePool } from './certificate-pool.ts';
import { allowsClientAuth } from './extended-key-usage.ts';
import { createIssuerVerdicts, type IssuanceCheck, rememberingIssuance, verifyIssuance } from './issuance.ts';
import { findForbiddenName } from './name-constraints.ts';
import type { PathRefusal } from './path-refusal.ts';
import { searchPaths } from './path-search.ts';
import { arePoliciesValid } from './policy-validation.ts';
import type { TrustBundle } from './trust-bundle.ts';

declare const verified: unique symbol;

/** Leaf, intermediates, anchor; or an anchor alone. Only `verifyPath` makes one. */
export interface VerifiedPath {
  readonly [verified]: true;
  readonly certificates: readonly [Certificate, ...Certificate[]];
}

/** What a path is asked to be. */
export interface PathRequirements {
  readonly anchors: TrustBundle;
  /** The instant, in milliseconds since the epoch; fractions count. */
  readonly at: number;
  /** Candidates that may be looked at; kube-apiserver's number is 100. */
  readonly maxSignatureChecks: number;
  /** OIDs of critical extensions of the leaf that the caller sees to itself; on an authority they are refused. */
  readonly handledExtensions: ReadonlySet<string>;
}

/** All paths that Go would return, in its order, or why there is none. */
export type PathVerdict =
  | { readonly kind: 'verified'; readonly paths: readonly [VerifiedPath, ...VerifiedPath[]] }
  | { readonly kind: 'refused'; readonly refusal: PathRefusal };

/**
 * Verifies that the first certificate may authenticate a client, by any path over the others to an anchor: as Go's
 * `Certificate.Verify` does for kube-apiserver, for clientAuth, without a host name, and without revocation.
 */
export function verifyPath(
  chain: readonly Certificate[],
  requirements: PathRequirements,
  checkIssuance: IssuanceCheck = rememberingIssuance(verifyIssuance, createIssuerVerdicts()),
): PathVerdict {
  const [leaf, ...others] = chain;
  if (leaf === undefined) throw new Error('verifyPath needs a leaf');
  const fault = findLeafFault(leaf, requirements);
  if (fault !== undefined) return { kind: 'refused', refusal: { ...fault, certificate: leaf } };
  const { anchors, at, maxSignatureChecks } = requirements;
  // An anchor is trusted as it is: its signature is not looked at, and it need not be an authority.
  if (anchors.pool.has(leaf)) return selectPaths([[leaf]]);
  const intermediates = createCertificatePool(others);
  const space = { anchors: anchors.pool, intermediates, at, maxSignatureChecks, checkIssuance };
  const result = searchPaths(leaf, space);
  return result.kind === 'none' ? { kind: 'refused', refusal: result.refusal } : selectPaths(result.paths);
}

/** Keeps the paths whose policies, key usages and names hold from end to end; if none does, says what was wrong. */
function selectPaths(candidates: readonly (readonly Certificate[])[]): PathVerdict {
  const paths: VerifiedPath[] = [];
  let policyPaths = 0;
  let keyUsagePaths = 0;
  let forbiddenName: string | undefined;
  for (const candidate of candidates) {
    if (!arePoliciesValid(candidate)) policyPaths += 1;
    else if (!allowsClientAuth(candidate)) keyUsagePaths += 1;
    else {
      const detail = findForbiddenName(candidate);
      if (detail === undefined) paths.push(toVerifiedPath(candidate));
      else forbiddenName ??= detail;
    }
  }
  const [first, ...rest] = paths;
  if (first !== undefined) return { kind: 'verified', paths: [first, ...rest] };
  if (forbiddenName !== undefined) {
    return { kind: 'refused', refusal: { code: 'path/name-not-permitted', detail: forbiddenName } };
  }
  if (policyPaths === 0) return { kind: 'refused', refusal: { code: 'path/key-usage' } };
  return { kind: 'refused', refusal: { code: 'path/policy', policyPaths, keyUsagePaths } };
}

function toVerifiedPath(certificates: readonly Certificate[]): VerifiedPath {
  return Object.freeze({ certificates: Object.freeze([...certificates]) }) as unknown as VerifiedPath;
}

/** The certificate that issued the leaf; none where the leaf is itself the anchor. */
export function issuingCertificate(path: VerifiedPath): Certificate | undefined {
  return path.certificates[1];
}
