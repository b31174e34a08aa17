import type { Certificate } from './certificate.ts';
import type { CertificateRevocationList } from './crl.ts';
import { type CertificateTrace, hashIssuer, type IssuerTrace, type PathTrace } from './path-trace.ts';

/**
 * A certificate by its serial number (lower-case hex without leading zeros) and its issuer: either by the common name of the
 * issuing certificate, or by its key identifier (lower-case hex).
 */
export type ListedSerial = { readonly serial: string; readonly reason: string } & (
  | { readonly issuerName: string }
  | { readonly issuerKeyId: string }
);

/** Certificates by a SHA-256 in lower-case hex. */
export interface ListedHash {
  readonly sha256: string;
  readonly reason: string;
}

/** What an administrator revoked, with a reason for each, empty where there is none. */
export interface RevocationList {
  readonly serials: readonly ListedSerial[];
  /** Of a certificate's DER. */
  readonly fingerprints: readonly ListedHash[];
  /** Of a SubjectPublicKeyInfo: every certificate of that key is revoked. */
  readonly publicKeys: readonly ListedHash[];
}

/** Lists and CRLs, indexed: whatever their size, a look-up takes constant time. Made by `createRevocations`. */
export interface Revocations {
  readonly serials: ReadonlyMap<string, string>;
  readonly fingerprints: ReadonlyMap<string, string>;
  readonly publicKeys: ReadonlyMap<string, string>;
  /** By the issuer's name and key, as `hashIssuer` has them. */
  readonly crls: ReadonlyMap<string, readonly CertificateRevocationList[]>;
}

/** When the path is used (milliseconds since the epoch), and what follows where no CRL of an issuer is current then. */
export interface RevocationTerms {
  readonly at: number;
  readonly onStale: 'Deny' | 'Allow';
}

/** Why a path is refused although it verifies. */
export type RevocationRefusal =
  | {
      readonly code: 'revocation/revoked';
      readonly certificate: CertificateTrace;
      /** Whether it is the certificate that was presented, or an authority above it. */
      readonly role: 'leaf' | 'authority';
      readonly reason: string;
    }
  | {
      readonly code: 'revocation/stale';
      readonly issuer: IssuerTrace;
      readonly thisUpdate: number;
      readonly nextUpdate: number;
      readonly at: number;
    };

/** Indexes lists and CRLs. Where several revoke the same certificate, the reason is that of the first. */
export function createRevocations(sources: {
  readonly lists: readonly RevocationList[];
  readonly crls: readonly CertificateRevocationList[];
}): Revocations {
  const serials = new Map<string, string>();
  const fingerprints = new Map<string, string>();
  const publicKeys = new Map<string, string>();
  for (const list of sources.lists) {
    for (const item of list.serials) addFirst(serials, listedSerialKey(item), item.reason);
    for (const { sha256, reason } of list.fingerprints) addFirst(fingerprints, sha256, reason);
    for (const { sha256, reason } of list.publicKeys) addFirst(publicKeys, sha256, reason);
  }
  const crls = new Map<string, CertificateRevocationList[]>();
  for (const crl of sources.crls) {
    const key = hashIssuer(crl.issuer);
    crls.set(key, [...(crls.get(key) ?? []), crl]);
  }
  return { serials, fingerprints, publicKeys, crls };
}

/** Whether there is a CRL for the certificates that this one issues. Where there is none, only lists can revoke them. */
export function hasCrlOf(issuer: Certificate, revocations: Revocations): boolean {
  return revocations.crls.has(hashIssuer(issuer));
}

/**
 * Why a path must not be used, if so: a certificate of it is revoked, or, under `Deny`, the CRLs of an issuer are all out of date or
 * not valid yet. The anchor is trusted as it is. A revoked certificate is the reason wherever in the path it stands, and whatever
 * the age of the CRL that says so.
 */
export function findRevoked(
  path: PathTrace,
  revocations: Revocations,
  terms: RevocationTerms,
): RevocationRefusal | undefined {
  for (const [index, certificate] of path.entries()) {
    const reason = findRevocationReason(certificate, revocations);
    if (reason === undefined) continue;
    return { code: 'revocation/revoked', certificate, role: index === 0 ? 'leaf' : 'authority', reason };
  }
  return terms.onStale === 'Allow'
    ? undefined
    : findStaleCrl(
        path.flatMap(({ issuer }) => issuer ?? []),
        revocations,
        terms.at,
      );
}

/** Says in English why a path is refused, without saying whose it is. */
export function describeRevocationRefusal(refusal: RevocationRefusal): string {
  switch (refusal.code) {
    case 'revocation/revoked': {
      const subject = refusal.role === 'leaf' ? 'the certificate' : 'an authority of the certificate';
      return `${subject} is revoked${refusal.reason === '' ? '' : `: ${refusal.reason}`}`;
    }
    case 'revocation/stale': {
      const { issuer, thisUpdate, nextUpdate, at } = refusal;
      const crl = `the CRL of issuer ${JSON.stringify(issuer.name)}`;
      return at < thisUpdate
        ? `${crl} is not valid before ${toText(thisUpdate)}; it is ${toText(at)}`
        : `${crl} was to be replaced by ${toText(nextUpdate)}; it is ${toText(at)}`;
    }
  }
}

/** The reason for which a certificate is revoked. An anchor that is presented itself has no issuer to look under. */
export function findRevocationReason(
  certificate: CertificateTrace,
  revocations: Revocations,
): string | undefined {
  const { fingerprint, publicKey, issuer } = certificate;
  const reason = revocations.fingerprints.get(fingerprint) ?? revocations.publicKeys.get(publicKey);
  if (reason !== undefined || issuer === undefined) return reason;
  const serial = BigInt(certificate.serial);
  const listed = { serial: serial.toString(16), authorityKeyId: certificate.authorityKeyId };
  return listedSerialReason(listed, issuer, revocations) ?? crlReason(serial, issuer, revocations);
}

function listedSerialReason(
  { serial, authorityKeyId }: { readonly serial: string; readonly authorityKeyId: string },
  issuer: IssuerTrace,
  { serials }: Revocations,
): string | undefined {
  return (
    serials.get(serialKey(serial, 'name', issuer.name)) ??
    serials.get(serialKey(serial, 'keyId', issuer.keyId)) ??
    serials.get(serialKey(serial, 'keyId', authorityKeyId))
  );
}

function crlReason(serial: bigint, issuer: IssuerTrace, { crls }: Revocations): string | undefined {
  for (const { revoked } of crls.get(issuer.hash) ?? []) {
    const reason = revoked.find(serial);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

/** The first issuer that has CRLs of which none is current, with the newest of them. */
export function findStaleCrl(
  issuers: readonly IssuerTrace[],
  { crls }: Revocations,
  at: number,
): RevocationRefusal | undefined {
  for (const issuer of issuers) {
    const [first, ...others] = crls.get(issuer.hash) ?? [];
    if (first === undefined || [first, ...others].some((crl) => isCurrent(crl, at))) continue;
    const { thisUpdate, nextUpdate } = others.reduce(
      (newest, crl) => (crl.nextUpdate > newest.nextUpdate ? crl : newest),
      first,
    );
    return { code: 'revocation/stale', issuer, thisUpdate, nextUpdate, at };
  }
  return undefined;
}

/** Both ends belong to it, as those of a certificate's validity do. */
function isCurrent({ thisUpdate, nextUpdate }: CertificateRevocationList, at: number): boolean {
  return thisUpdate <= at && at <= nextUpdate;
}

function addFirst(reasons: Map<string, string>, key: string, reason: string): void {
  if (!reasons.has(key)) reasons.set(key, reason);
}

function listedSerialKey(item: ListedSerial): string {
  return 'issuerName' in item
    ? serialKey(item.serial, 'name', item.issuerName)
    : serialKey(item.serial, 'keyId', item.issuerKeyId);
}

function serialKey(serial: string, kind: 'name' | 'keyId', issuer: string): string {
  return `${serial} ${kind} ${issuer}`;
}

function toText(time: number): string {
  return new Date(time).toISOString();
}
