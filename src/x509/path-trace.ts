import { hash } from 'node:crypto';
import type { Certificate } from './certificate.ts';
import { commonName } from './name.ts';
import type { VerifiedPath } from './path.ts';

/** What revocation knows an issuer by; `hash` is the SHA-256 of its name and its key, in lower-case hex; empty where its key is not known. */
export interface IssuerTrace {
  readonly name: string;
  readonly keyId: string;
  readonly hash: string;
}

/** What revocation knows a certificate by. The serial number is decimal; the other values are lower-case hex. */
export interface CertificateTrace {
  readonly serial: string;
  readonly fingerprint: string;
  /** SHA-256 of the SubjectPublicKeyInfo. */
  readonly publicKey: string;
  readonly authorityKeyId: string;
  /** Absent for an anchor that was presented itself. */
  readonly issuer?: IssuerTrace;
}

/**
 * What a verified path leaves behind so that its revocation can be looked up without it: its certificates, leaf first, without the
 * anchor, which is trusted as it is.
 */
export type PathTrace = readonly CertificateTrace[];

/** The trace of a verified path. */
export function tracePath({ certificates }: VerifiedPath): PathTrace {
  return certificates.flatMap((certificate, index) => {
    const issuer = certificates[index + 1];
    const isAnchor = issuer === undefined && index > 0;
    return isAnchor ? [] : [traceCertificate(certificate, issuer)];
  });
}

/** What a certificate is known by, with its issuer, where it has one. */
export function traceCertificate(certificate: Certificate, issuer: Issuer | undefined): CertificateTrace {
  const { serialNumber, fingerprint, publicKey, authorityKeyId } = certificate;
  return {
    serial: serialNumber.toString(),
    fingerprint,
    publicKey: hash('sha256', publicKey.spki, 'hex'),
    authorityKeyId: authorityKeyId.toString('hex'),
    ...(issuer !== undefined && { issuer: traceIssuer(issuer) }),
  };
}

/** A certificate's issuer, or as much as the certificate says of it: without its key no CRL is known to be its own. */
export type Issuer = Pick<Certificate, 'subject' | 'subjectKeyId'> & Partial<Pick<Certificate, 'publicKey'>>;

/** What an issuer is known by. */
export function traceIssuer({ subject, subjectKeyId, publicKey }: Issuer): IssuerTrace {
  const hash = publicKey === undefined ? '' : hashIssuer({ subject, publicKey });
  return { name: commonName(subject), keyId: subjectKeyId.toString('hex'), hash };
}

/** A name alone does not make an issuer: anyone can take it. Both are DER, which says where it ends. */
export function hashIssuer({ subject, publicKey }: Pick<Certificate, 'subject' | 'publicKey'>): string {
  return hash('sha256', Buffer.concat([subject.der, publicKey.spki]), 'hex');
}
