import type { Certificate } from './certificate.ts';
import type { CertificateInventory } from './certificate-inventory.ts';
import { traceCertificate, traceIssuer } from './path-trace.ts';
import {
  findRevocationReason,
  findStaleCrl,
  type RevocationRefusal,
  type Revocations,
  type RevocationTerms,
} from './revocation.ts';

/** What is known when a certificate is looked up. */
export interface KnownRevocations {
  readonly inventory: CertificateInventory;
  readonly revocations: Revocations;
}

/** Authorities above a certificate that are looked at; real hierarchies have two or three. */
const MAX_DEPTH = 8;

/**
 * Why a certificate that somebody else verified must not be used, if so. There is no path: what is above it is what the inventory
 * knows. An authority counts as revoked where every known certificate of it is; a self-signed one is trusted as it is, as an anchor.
 */
export function findRevokedInInventory(
  certificate: Certificate,
  known: KnownRevocations,
  { at, onStale }: RevocationTerms,
): RevocationRefusal | undefined {
  const { inventory, revocations } = known;
  const reason = findOwnReason(certificate, known);
  if (reason !== undefined) return toRefusal('leaf', { certificate, reason });
  const above = findRevokedAuthority(certificate, known, MAX_DEPTH);
  if (above !== undefined) return toRefusal('authority', above);
  if (onStale === 'Allow') return undefined;
  return findStaleCrl(authoritiesAbove(certificate, inventory).map(traceIssuer), revocations, at);
}

function toRefusal(role: 'leaf' | 'authority', { certificate, reason }: Revoked): RevocationRefusal {
  return { code: 'revocation/revoked', certificate: traceCertificate(certificate, undefined), role, reason };
}

interface Revoked {
  readonly certificate: Certificate;
  readonly reason: string;
}

function findRevokedAuthority(
  certificate: Certificate,
  known: KnownRevocations,
  depth: number,
): Revoked | undefined {
  if (depth === 0) return undefined;
  const issuers = known.inventory.issuersOf(certificate);
  const revoked = issuers.map((issuer) => {
    if (isSelfIssued(issuer)) return undefined;
    const reason = findOwnReason(issuer, known);
    return reason === undefined
      ? findRevokedAuthority(issuer, known, depth - 1)
      : { certificate: issuer, reason };
  });
  return revoked.includes(undefined) ? undefined : revoked[0];
}

/** Where the issuer is not known, the certificate's own word for its name and key serves: it has been verified against them. */
function findOwnReason(
  certificate: Certificate,
  { inventory, revocations }: KnownRevocations,
): string | undefined {
  const stated = { subject: certificate.issuer, subjectKeyId: certificate.authorityKeyId };
  for (const issuer of [...inventory.issuersOf(certificate), stated]) {
    const reason = findRevocationReason(traceCertificate(certificate, issuer), revocations);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

function authoritiesAbove(certificate: Certificate, inventory: CertificateInventory): readonly Certificate[] {
  const found = new Set<Certificate>();
  let children: readonly Certificate[] = [certificate];
  for (let depth = 0; depth < MAX_DEPTH && children.length > 0; depth += 1) {
    const issuers = children.flatMap((child) => inventory.issuersOf(child));
    children = issuers.filter((issuer) => !found.has(issuer));
    for (const issuer of children) found.add(issuer);
  }
  return [...found];
}

function isSelfIssued({ issuer, subject }: Certificate): boolean {
  return issuer.der.equals(subject.der);
}
