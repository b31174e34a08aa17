import { createHash } from 'node:crypto';
import { readAlgorithmIdentifier } from './algorithm-identifier.ts';
import type { Certificate } from './certificate.ts';
import { readCrlExtensions } from './crl-extensions.ts';
import { splitCertificateRevocationLists } from './crl-pem.ts';
import { constructedContextTag, DerReader, MalformedError, Tag } from './der.ts';
import { KeyUsageBit } from './key-usage.ts';
import { commonName, parseName } from './name.ts';
import { readRevokedSerials, type RevokedSerials } from './revoked-serials.ts';
import { type Signed, verifySignature } from './signature.ts';
import { toSignatureAlgorithm } from './signature-algorithm.ts';
import { isTimeNext, readTime } from './time.ts';

/**
 * A complete CRL (RFC 5280 §5) whose signature has been verified. It covers the certificates that `issuer` signed: those with its
 * name as their issuer, and its key. Times are milliseconds since the epoch; whether they are past is for the reader to ask.
 */
export interface CertificateRevocationList {
  /** Lower-case hex SHA-256 of the DER. */
  readonly fingerprint: string;
  readonly issuer: Certificate;
  readonly number?: bigint;
  readonly thisUpdate: number;
  readonly nextUpdate: number;
  readonly revoked: RevokedSerials;
}

/** Room for three million entries in PEM; offsets into it fit 32 bits. */
const MAX_BYTES = 256 * 1024 * 1024;

/** The CRLs of a file, or what is wrong with it and what would be right. */
export type CertificateRevocationListsResult =
  | { readonly ok: true; readonly lists: readonly CertificateRevocationList[] }
  | { readonly ok: false; readonly error: string };

/** The fields of a CRL that can be read without its entries. */
interface Outline {
  readonly signed: Signed;
  readonly version: 1 | 2;
  /** The DER of the issuer's name. */
  readonly issuer: Buffer;
  readonly thisUpdate: number;
  readonly nextUpdate: number;
  /** The contents of revokedCertificates. */
  readonly entries: Buffer;
  readonly number?: bigint;
}

/**
 * Reads the CRLs of a file: one in DER, or any number in PEM. Each must be the complete CRL of one of `issuers` and signed by it;
 * the entries are read when the signature has been verified. Takes about a quarter of a second for a million, keeps the bytes that it
 * is given, and expects that nobody changes them.
 */
export function readCertificateRevocationLists(
  contents: Uint8Array,
  issuers: readonly Certificate[],
): CertificateRevocationListsResult {
  if (contents.length > MAX_BYTES) {
    return { ok: false, error: `it has ${contents.length} bytes; at most ${MAX_BYTES} are read` };
  }
  try {
    const bytes = Buffer.from(contents.buffer, contents.byteOffset, contents.byteLength);
    return { ok: true, lists: readLists(splitCertificateRevocationLists(bytes), issuers) };
  } catch (error) {
    if (error instanceof MalformedError) return { ok: false, error: error.message };
    throw error;
  }
}

/**
 * Why the CRLs of a file may not take the place of those in force, if they may not: one is older than another of the same issuer,
 * and would bring back certificates that were revoked since.
 */
export function findRollback(
  next: readonly CertificateRevocationList[],
  inForce: readonly CertificateRevocationList[],
): string | undefined {
  for (const crl of inForce) {
    const successors = next.filter(({ issuer }) => isSameIssuer(issuer, crl.issuer));
    const ages = successors.map((successor) => describeOlder(successor, crl));
    if (ages.length > 0 && !ages.includes(undefined)) return ages[0];
  }
  return undefined;
}

/** By CRL number where both have one (RFC 5280 §5.2.3), otherwise by thisUpdate. */
function describeOlder(
  next: CertificateRevocationList,
  inForce: CertificateRevocationList,
): string | undefined {
  if (next.number !== undefined && inForce.number !== undefined) {
    if (next.number >= inForce.number) return undefined;
    return `its CRL number ${next.number} is lower than ${inForce.number}, the number of the CRL in force`;
  }
  if (next.thisUpdate >= inForce.thisUpdate) return undefined;
  return `its thisUpdate ${toText(next.thisUpdate)} is before ${toText(inForce.thisUpdate)}, that of the CRL in force`;
}

function isSameIssuer(a: Certificate, b: Certificate): boolean {
  return a.subject.der.equals(b.subject.der) && a.publicKey.spki.equals(b.publicKey.spki);
}

function readLists(
  ders: readonly Buffer[],
  issuers: readonly Certificate[],
): readonly CertificateRevocationList[] {
  return ders.map((der, index) => {
    try {
      return readList(der, issuers);
    } catch (error) {
      if (ders.length === 1 || !(error instanceof MalformedError)) throw error;
      throw new MalformedError(`CRL ${index + 1} of ${ders.length}: ${error.message}`, { cause: error });
    }
  });
}

function readList(der: Buffer, issuers: readonly Certificate[]): CertificateRevocationList {
  const outline = readOutline(der);
  const issuer = findSigner(outline, issuers);
  const digest = createHash('sha256').update(der).digest();
  // Only who knows the whole list knows the key, and whoever then changed a serial number would change the key as well.
  const key = [digest.readInt32LE(0), digest.readInt32LE(4)] as const;
  const { version, entries, number, thisUpdate, nextUpdate } = outline;
  return {
    fingerprint: digest.toString('hex'),
    issuer,
    ...(number === undefined ? {} : { number }),
    thisUpdate,
    nextUpdate,
    revoked: readRevokedSerials({ der, contents: entries, version }, key),
  };
}

/** Reads CertificateList (RFC 5280 §5.1.1), all of it but the entries. */
function readOutline(der: Buffer): Outline {
  const failure = 'malformed CRL';
  const file = new DerReader(der);
  const list = file.read(Tag.sequence, failure);
  const signedBytes = list.readElement(Tag.sequence, failure);
  const algorithm = list.readElement(Tag.sequence, `${failure}: signatureAlgorithm`);
  const signature = list.readOctetsOfBits(`${failure}: signatureValue`);
  if (!list.isEmpty() || !file.isEmpty())
    throw new MalformedError(`${failure}: something follows its last field`);
  const fields = new DerReader(signedBytes).read(Tag.sequence, failure);
  const version = readVersion(fields);
  if (!fields.readElement(Tag.sequence, `${failure}: signature`).equals(algorithm)) {
    throw new MalformedError(`${failure}: its two signature algorithms differ (RFC 5280 §5.1.1.2)`);
  }
  const identifier = readAlgorithmIdentifier(new DerReader(algorithm).read(Tag.sequence, failure));
  return {
    signed: { signedBytes, signature, signatureAlgorithm: toSignatureAlgorithm(identifier) },
    version,
    ...readScope(fields, version),
  };
}

/** RFC 5280 §5.1.2.1: absent for version 1, and 1 for version 2. */
function readVersion(fields: DerReader): 1 | 2 {
  if (!fields.isNext(Tag.integer)) return 1;
  if (fields.readInteger('malformed CRL: version') !== 1n)
    throw new MalformedError('its version is neither 1 nor 2');
  return 2;
}

/** Reads the fields from the issuer on. */
function readScope(fields: DerReader, version: 1 | 2): Omit<Outline, 'signed' | 'version'> {
  const issuer = fields.readElement(Tag.sequence, 'malformed CRL: issuer');
  const thisUpdate = readTime(fields);
  if (!isTimeNext(fields)) {
    throw new MalformedError(
      'it has no nextUpdate (RFC 5280 §5.1.2.5): nobody could tell when it is out of date',
    );
  }
  const nextUpdate = readTime(fields);
  if (nextUpdate < thisUpdate) {
    throw new MalformedError(
      `its nextUpdate ${toText(nextUpdate)} is before its thisUpdate ${toText(thisUpdate)}`,
    );
  }
  const entries = fields.isNext(Tag.sequence)
    ? fields.readContents(Tag.sequence, 'malformed CRL: revokedCertificates')
    : Buffer.alloc(0);
  const extensions = fields.readOptional(constructedContextTag(0), 'malformed CRL: crlExtensions');
  if (!fields.isEmpty()) throw new MalformedError('malformed CRL: something follows its last field');
  if (extensions === undefined) return { issuer, thisUpdate, nextUpdate, entries };
  if (version === 1) throw new MalformedError('a CRL of version 1 has no extensions (RFC 5280 §5.1.2.1)');
  return { issuer, thisUpdate, nextUpdate, entries, ...readCrlExtensions(extensions) };
}

/** The issuer whose key made the signature; RFC 5280 §6.3.3 (f) and (g). */
function findSigner({ issuer, signed }: Outline, issuers: readonly Certificate[]): Certificate {
  const name = `issuer ${JSON.stringify(commonName(parseName(issuer, 'any')))}`;
  const namesakes = issuers.filter(({ subject }) => subject.der.equals(issuer));
  if (namesakes.length === 0) {
    throw new MalformedError(
      `its ${name} is not among the anchors: give that CA's certificate as issuerFile`,
    );
  }
  const verdicts = namesakes.map(({ publicKey }) => verifySignature(signed, publicKey));
  const [verdict] = verdicts;
  if (verdict?.ok === false && verdicts.every(({ ok }) => !ok)) {
    throw new MalformedError(`it is not signed by its ${name}: ${verdict.error}`);
  }
  const signer = namesakes.find((namesake, index) => verdicts[index]?.ok === true && maySignLists(namesake));
  if (signer === undefined) {
    throw new MalformedError(
      `its ${name} may not sign CRLs: that takes a CA whose key usage, if it has one, includes cRLSign`,
    );
  }
  return signer;
}

/** As Go's RevocationList.CheckSignatureFrom. */
function maySignLists({ version, basicConstraints, keyUsage }: Certificate): boolean {
  const isCA = basicConstraints?.isCA ?? version < 3;
  return isCA && (keyUsage === 0 || (keyUsage & KeyUsageBit.crlSign) !== 0);
}

function toText(time: number): string {
  return new Date(time).toISOString();
}
