import type { Certificate } from './certificate.ts';
import type { CertificateFault } from './path-refusal.ts';

/** What is wrong with a leaf: a critical extension that neither we nor the caller handles, or its validity. */
export function findLeafFault(
  leaf: Certificate,
  { at, handledExtensions }: { readonly at: number; readonly handledExtensions: ReadonlySet<string> },
): CertificateFault | undefined {
  const extensions = leaf.unhandledCriticalExtensions.filter((id) => !handledExtensions.has(id));
  if (extensions.length > 0) return { code: 'path/unhandled-critical-extension', extensions };
  return findValidityFault(leaf, at);
}

/** RFC 5280 §4.1.2.5: both ends belong to the validity; the instant counts in full, not in whole seconds. */
function findValidityFault(certificate: Certificate, at: number): CertificateFault | undefined {
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

/** What is wrong with an authority at its place in a path, at an instant. */
export function findAuthorityFault(placement: Placement, at: number): CertificateFault | undefined {
  const { authority, role, intermediates } = placement;
  const { basicConstraints, unhandledCriticalExtensions: extensions } = authority;
  if (extensions.length > 0) return { code: 'path/unhandled-critical-extension', extensions };
  const fault = findValidityFault(authority, at);
  if (fault !== undefined) return fault;
  // RFC 5280 §6.1.4 (k): an intermediate must say that it is an authority.
  const isAuthority = role === 'anchor' || basicConstraints?.isCA === true;
  if (!isAuthority) return { code: 'path/not-an-authority' };
  // RFC 5280 §6.1.4 (m), but like Go: self-issued certificates count, and anchors are held to it.
  const maxPathLength = basicConstraints?.maxPathLength;
  const isTooLong = maxPathLength !== undefined && intermediates > maxPathLength;
  return isTooLong ? { code: 'path/too-long', maxPathLength } : undefined;
}
