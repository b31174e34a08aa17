import { commonName } from '../x509/name.ts';
import { issuingCertificate, type VerifiedPath } from '../x509/path.ts';
import type { PathVerifier } from '../x509/path-verifier.ts';
import type { Entry } from './authenticator.ts';
import type { Evidence, Possession } from './evidence.ts';
import type { Reason } from './reason.ts';

/** The verified path by which an entry takes a chain, or why it passes it over. */
export type Match =
  | { readonly kind: 'matched'; readonly path: VerifiedPath }
  | { readonly kind: 'passed'; readonly reason: Reason };

/**
 * Signature checks that a chain may cost: kube-apiserver's 100 where the sender proved itself in a handshake or runs the
 * command; 16 for a token, whose sender is a stranger until its path stands.
 */
const SIGNATURE_CHECKS: Readonly<Record<Possession['kind'], number>> = {
  proved: 100,
  assumed: 100,
  signed: 16,
};

const NONE_HANDLED: ReadonlySet<string> = new Set();

/**
 * Whether an entry takes a chain: its anchors verify it, and the certificate that issued the leaf in the verified path
 * has the entry's name. With the server's anchors the issuing certificate must be such an anchor itself; else another CA
 * of the pool could make a sub-CA of that name.
 */
export function matchEntry(entry: Entry, evidence: Evidence, paths: PathVerifier): Match {
  const verdict = paths.verify(evidence.chain, {
    anchors: entry.anchors,
    at: evidence.at,
    maxSignatureChecks: SIGNATURE_CHECKS[evidence.possession.kind],
    handledExtensions: NONE_HANDLED,
  });
  if (verdict.kind === 'refused') return { kind: 'passed', reason: verdict.refusal };
  let reason: Reason | undefined;
  for (const path of verdict.paths) {
    const mismatch = mismatchOf(entry, path);
    if (mismatch === undefined) return { kind: 'matched', path };
    reason ??= mismatch;
  }
  return { kind: 'passed', reason: reason ?? { code: 'path/no-entry' } };
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
