import type { Certificate } from './certificate.ts';
import type { CertificateFault } from './path-refusal.ts';

/** The instant of a verification, in milliseconds with fractions, and the critical extensions that the caller handles itself. */
export interface VerificationTerms {
  readonly at: number;
  readonly handledExtensions: ReadonlySet<string>;
}

/** What is wrong with a certificate on its own: as a leaf, or as any part of a path. */
export function findFault(certificate: Certificate, terms: VerificationTerms): CertificateFault | undefined {
  const extensions = certificate.unhandledCriticalExtensions.filter((id) => !terms.handledExtensions.has(id));
  if (extensions.length > 0) return { code: 'path/unhandled-critical-extension', extensions };
  return findValidityFault(certificate, terms.at);
}

/** RFC 5280 §4.1.2.5: both ends belong to the validity; the instant counts in full, not in whole seconds. */
export function findValidityFault(certificate: Certificate, at: number): CertificateFault | undefined {
  const { notBefore, notAfter } = certificate;
  if (at < notBefore) return { code: 'path/not-yet-valid', at, notBefore };
  if (at > notAfter) return { code: 'path/expired', at, notAfter };
  return undefined;
}

/** What a certificate is in a path, other than its leaf. */
export type IssuerRole = 'anchor' | 'intermediate';

/** A certificate as the next of a path, with as many intermediates below it. */
export interface Placement {
  readonly authority: Certificate;
  readonly role: IssuerRole;
  readonly intermediates: number;
}

/** What is wrong with an authority at its place in a path; an intermediate must say that it is one (RFC 5280 §6.1.4 (k)). */
export function findAuthorityFault(
  placement: Placement,
  terms: VerificationTerms,
): CertificateFault | undefined {
  const { authority, role, intermediates } = placement;
  const fault = findFault(authority, terms);
  if (fault !== undefined) return fault;
  const isAuthority = role === 'anchor' || authority.basicConstraints?.isCA === true;
  if (!isAuthority) return { code: 'path/not-an-authority' };
  // RFC 5280 §6.1.4 (m), but like Go: self-issued certificates count, and anchors are held to it.
  const maxPathLength = authority.basicConstraints?.maxPathLength;
  const isTooLong = maxPathLength !== undefined && intermediates > maxPathLength;
  return isTooLong ? { code: 'path/too-long', maxPathLength } : undefined;
}
