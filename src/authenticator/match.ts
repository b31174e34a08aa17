import { workloadProfiles } from '../identity/profile.ts';
import { claimedTrustDomain } from '../identity/spiffe-workload.ts';
import { commonName } from '../x509/name.ts';
import { issuingCertificate, type VerifiedPath } from '../x509/path.ts';
import type { ChainVerification } from '../x509/path-verifier.ts';
import type { Entry, FederatedDomain, Mapping } from './authenticator.ts';
import type { Evidence } from './evidence.ts';
import { mostTelling, type Reason } from './reason.ts';

/** The verified paths by which an entry takes a chain, in the order that Go finds them, or why it passes it over. */
export type Match =
  | {
      readonly kind: 'matched';
      readonly paths: readonly [VerifiedPath, ...VerifiedPath[]];
      /** Of the anchors, where they are not the entry's own. */
      readonly federatedTrustDomain?: string;
    }
  | { readonly kind: 'passed'; readonly reason: Reason };

/**
 * Signature checks that a chain may cost, however many entries there are; kube-apiserver allows 100. Whoever sends it, user or caller, in a token or in a handshake
 * of his own making, is a stranger until its path stands.
 */
export const MAX_SIGNATURE_CHECKS = 16;

const NONE_HANDLED: ReadonlySet<string> = new Set();

/**
 * Whether an entry takes a chain: its anchors verify it, and the certificate that issued the leaf in the verified path
 * has the entry's name. With the server's anchors the issuing certificate must be such an anchor itself; else another CA
 * of the pool could make a sub-CA of that name. An entry also takes what the anchors of its federated trust domains verify.
 */
export function matchEntry(entry: Entry, evidence: Evidence, verify: ChainVerification): Match {
  const own = matchOwnAnchors(entry, evidence, verify);
  const { mapping } = entry;
  if (mapping.kind !== 'workload' || mapping.federated.length === 0) return own;
  // A chain that leads to anchors of two trust domains is taken for the one that its leaf names.
  const claimed = claimedTrustDomain(evidence.chain[0]);
  if (own.kind === 'matched' && claimed === mapping.trustDomain) return own;
  const matches = [own, ...mapping.federated.map((domain) => matchFederated(domain, evidence, verify))];
  const matched = matches.filter((match) => match.kind === 'matched');
  const match = matched.find(({ federatedTrustDomain }) => federatedTrustDomain === claimed) ?? matched[0];
  return match ?? { kind: 'passed', reason: mostTelling(matches.flatMap(reasonsOf)) };
}

function reasonsOf(match: Match): readonly Reason[] {
  return match.kind === 'passed' ? [match.reason] : [];
}

function matchOwnAnchors(entry: Entry, evidence: Evidence, verify: ChainVerification): Match {
  const { at } = evidence;
  const { anchors, mapping } = entry;
  const verdict = verify({ anchors, at, handledExtensions: handledExtensionsOf(mapping) });
  if (verdict.kind === 'refused') return { kind: 'passed', reason: verdict.refusal };
  const [first, ...others] = verdict.paths.filter((path) => mismatchOf(entry, path) === undefined);
  if (first !== undefined) return { kind: 'matched', paths: [first, ...others] };
  const reason = mismatchOf(entry, verdict.paths[0]);
  return { kind: 'passed', reason: reason ?? { code: 'path/no-entry' } };
}

function handledExtensionsOf(mapping: Mapping): ReadonlySet<string> {
  return mapping.kind === 'workload' ? workloadProfiles[mapping.profile].handledExtensions : NONE_HANDLED;
}

/** The entry's issuer name is that of its own CA; a federated trust domain is known by its anchors alone. */
function matchFederated(
  { trustDomain, anchors }: FederatedDomain,
  { at }: Evidence,
  verify: ChainVerification,
): Match {
  const verdict = verify({ anchors, at, handledExtensions: NONE_HANDLED });
  return verdict.kind === 'verified'
    ? { kind: 'matched', paths: verdict.paths, federatedTrustDomain: trustDomain }
    : { kind: 'passed', reason: verdict.refusal };
}

function mismatchOf(entry: Entry, path: VerifiedPath): Reason | undefined {
  const issuing = issuingCertificate(path);
  if (entry.issuerName !== '') {
    const issuedBy = issuing === undefined ? undefined : commonName(issuing.subject);
    if (issuedBy !== entry.issuerName) {
      return { code: 'path/issuer-mismatch', expected: entry.issuerName, issuedBy: issuedBy ?? '' };
    }
  }
  if (entry.anchorsOf === 'server' && path.certificates.length > 2) {
    return { code: 'path/issuer-not-anchor', issuedBy: entry.issuerName };
  }
  return undefined;
}
