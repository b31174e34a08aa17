import type { Certificate } from './certificate.ts';

/** Certificates to be found by their exact subject; each distinct one is in it once. */
export interface CertificatePool {
  readonly certificates: readonly Certificate[];
  has(certificate: Certificate): boolean;
  /**
   * The certificates that bear the issuer's name, likeliest first: those whose key identifier is the one that the
   * child names, then those where either has none, then the others. Key identifiers order candidates and exclude none
   * (RFC 4158 §3.5.12).
   */
  candidateIssuers(child: Certificate): readonly Certificate[];
}

/** Makes a pool; of identical certificates it has one. */
export function createCertificatePool(certificates: readonly Certificate[]): CertificatePool {
  const byFingerprint = new Map(certificates.map((certificate) => [certificate.fingerprint, certificate]));
  const bySubject = new Map<string, Certificate[]>();
  for (const certificate of byFingerprint.values()) {
    const subject = certificate.subject.der.toString('latin1');
    const sameName = bySubject.get(subject);
    if (sameName === undefined) bySubject.set(subject, [certificate]);
    else sameName.push(certificate);
  }
  return {
    certificates: [...byFingerprint.values()],
    has: (certificate) => byFingerprint.has(certificate.fingerprint),
    candidateIssuers(child) {
      const sameName = bySubject.get(child.issuer.der.toString('latin1')) ?? [];
      return sameName.length < 2 ? sameName : orderByKeyId(sameName, child.authorityKeyId);
    },
  };
}

function orderByKeyId(candidates: readonly Certificate[], keyId: Buffer): readonly Certificate[] {
  const rank = ({ subjectKeyId }: Certificate): number => {
    if (subjectKeyId.equals(keyId)) return 0;
    return subjectKeyId.length === 0 || keyId.length === 0 ? 1 : 2;
  };
  return candidates.toSorted((first, second) => rank(first) - rank(second));
}
