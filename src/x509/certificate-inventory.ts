import type { Certificate } from './certificate.ts';
import { createCertificatePool } from './certificate-pool.ts';
import { verifyIssuance } from './issuance.ts';

/** Certificates that are known although nobody presented them, and the authorities that signed them as far as those are known too. */
export interface CertificateInventory {
  /** Each distinct certificate once. */
  readonly certificates: readonly Certificate[];
  /** By the lower-case hex SHA-256 of its DER; authorities that were given beside the certificates are not found. */
  find(fingerprint: string): Certificate | undefined;
  /** The known authorities whose name and key made the certificate's signature; several where an authority has several certificates. */
  issuersOf(certificate: Certificate): readonly Certificate[];
}

/** Makes an inventory; `authorities` are further certificates to look for issuers among. */
export function createCertificateInventory(
  certificates: Iterable<Certificate>,
  authorities: Iterable<Certificate> = [],
): CertificateInventory {
  const byFingerprint = new Map<string, Certificate>();
  for (const certificate of certificates) byFingerprint.set(certificate.fingerprint, certificate);
  const pool = createCertificatePool([...byFingerprint.values(), ...authorities].filter(isAuthority));
  // Each look-up costs a signature check, and a verdict asks several times.
  const known = new WeakMap<Certificate, readonly Certificate[]>();
  return {
    certificates: [...byFingerprint.values()],
    find: (fingerprint) => byFingerprint.get(fingerprint),
    issuersOf(certificate) {
      const remembered = known.get(certificate);
      if (remembered !== undefined) return remembered;
      const candidates = pool.candidateIssuers(certificate);
      const issuers = candidates.filter((issuer) => verifyIssuance(certificate, issuer).ok);
      known.set(certificate, issuers);
      return issuers;
    },
  };
}

/** Keeps leaves of a common name out of the search, where each would cost a signature check. */
function isAuthority({ basicConstraints, version }: Certificate): boolean {
  return basicConstraints?.isCA ?? version < 3;
}
