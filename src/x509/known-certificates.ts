import type { Certificate } from './certificate.ts';
import type { IssuerVerdicts } from './issuance.ts';
import { createRecencyCache } from './recency-cache.ts';
import type { RememberedVerdict } from './remembered-verdict.ts';

/** A certificate that was verified up to an anchor, with its imported key, and what was found out about it. */
export interface KnownCertificate {
  readonly certificate: Certificate;
  readonly issuers: IssuerVerdicts;
  /** Verdicts on chains that it is the leaf of, the latest first. */
  verdicts: readonly RememberedVerdict[];
}

/** Certificates by their fingerprints, as many of each role as are worth it; leaves never drive out authorities. */
export interface KnownCertificates {
  find(fingerprint: string): KnownCertificate | undefined;
  /** Keeps a certificate that is not kept yet. */
  keep(role: CertificateRole, known: KnownCertificate): void;
}

export type CertificateRole = 'leaf' | 'authority';

export interface KnownCertificatesLimits {
  readonly leaves: number;
  readonly authorities: number;
}

export function createKnownCertificates(limits: KnownCertificatesLimits): KnownCertificates {
  const leaves = createRecencyCache<string, KnownCertificate>(limits.leaves);
  const authorities = createRecencyCache<string, KnownCertificate>(limits.authorities);
  return {
    find: (fingerprint) => leaves.get(fingerprint) ?? authorities.get(fingerprint),
    keep(role, known) {
      (role === 'leaf' ? leaves : authorities).set(known.certificate.fingerprint, known);
    },
  };
}
