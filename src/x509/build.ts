import 'reflect-metadata';
import { createPublicKey, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import {
  Pkcs10CertificateRequestGenerator,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
  X509CrlGenerator,
  X509CrlReason,
} from '@peculiar/x509';
import type { Extension, Name } from '@peculiar/x509';
import {
  authorityKeyIdentifier,
  requestedExtensions,
  subjectKeyIdentifier,
  toExtension,
  toKeyIdentifier,
} from './build-extensions.ts';
import type { RequestedExtensions } from './build-extensions.ts';
import { toName } from './build-name.ts';
import type { StructuredName } from './build-name.ts';
import type { Extension as CertificateExtension } from './certificate.ts';
import { toCryptoKeyPair, toSigningKey } from './signing-key.ts';

/** Who signs: the DER of a certificate, whose subject becomes the issuer's name, and its private key. */
export interface Issuer {
  readonly certificate: Buffer;
  readonly key: KeyObject;
}

/** A certificate to be built. Times are milliseconds since the epoch; X.509 knows whole seconds. */
export interface CertificateTemplate extends RequestedExtensions {
  readonly subject: StructuredName;
  readonly publicKey: KeyObject;
  /** A certificate's issuer, or the private key of `publicKey` for one that is self-signed. */
  readonly issuer: Issuer | { readonly selfSignedBy: KeyObject };
  /** Positive; absent: 127 random bits. */
  readonly serialNumber?: bigint;
  readonly notBefore: number;
  readonly notAfter: number;
  /** Absent: made from the public key. */
  readonly subjectKeyId?: Buffer | 'absent';
  /** Absent: the issuer's subject key identifier; none for a self-signed certificate. */
  readonly authorityKeyId?: Buffer | 'absent';
}

/** A PKCS #10 request to be built; it is signed by the key that it asks a certificate for. */
export interface CertificateRequestTemplate extends RequestedExtensions {
  readonly subject: StructuredName;
  readonly key: KeyObject;
}

/** One revoked certificate in a CRL, with a reason of RFC 5280 §5.3.1. */
export interface RevokedSerial {
  readonly serialNumber: bigint;
  readonly revocationDate: number;
  readonly reason?: keyof typeof X509CrlReason;
}

/** A version 2 CRL to be built, with an authority key identifier and, where `number` is given, a CRL number. */
export interface CertificateRevocationListTemplate {
  readonly issuer: Issuer;
  readonly thisUpdate: number;
  readonly nextUpdate?: number;
  readonly number?: bigint;
  readonly entries: readonly RevokedSerial[];
  readonly extensions?: readonly CertificateExtension[];
}

/**
 * Builds and signs a certificate (version 3); gives its DER.
 *
 * @throws RangeError for a template that X.509 cannot express.
 */
export async function buildCertificate(template: CertificateTemplate): Promise<Buffer> {
  const { subject, publicKey, issuer } = template;
  const signer = await toSigningKey('key' in issuer ? issuer.key : issuer.selfSignedBy);
  const name = toName(subject);
  const certificate = await X509CertificateGenerator.create({
    serialNumber: toSerialHex(template.serialNumber ?? randomSerial()),
    subject: name,
    issuer: 'key' in issuer ? subjectOf(issuer.certificate) : name,
    notBefore: toDate(template.notBefore),
    notAfter: toDate(template.notAfter),
    publicKey: publicKey.export({ format: 'der', type: 'spki' }),
    signingKey: signer.key,
    signingAlgorithm: signer.algorithm,
    extensions: [
      ...requestedExtensions(template, subject.length === 0 ? 'empty' : 'named'),
      ...keyIdentifiers(template),
    ],
  });
  return Buffer.from(certificate.rawData);
}

/** Builds a certificate signing request; gives its DER. */
export async function buildCertificateRequest(template: CertificateRequestTemplate): Promise<Buffer> {
  const { algorithm } = await toSigningKey(template.key);
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: toName(template.subject),
    keys: await toCryptoKeyPair(template.key),
    signingAlgorithm: algorithm,
    extensions: requestedExtensions(template, template.subject.length === 0 ? 'empty' : 'named'),
  });
  return Buffer.from(request.rawData);
}

/** Builds and signs a CRL; gives its DER. The work is quadratic in the entries: the library looks for duplicates. */
export async function buildCertificateRevocationList(
  template: CertificateRevocationListTemplate,
): Promise<Buffer> {
  const { issuer, number, nextUpdate } = template;
  const signer = await toSigningKey(issuer.key);
  const crl = await X509CrlGenerator.create({
    issuer: subjectOf(issuer.certificate),
    thisUpdate: toDate(template.thisUpdate),
    ...(nextUpdate === undefined ? {} : { nextUpdate: toDate(nextUpdate) }),
    signingKey: signer.key,
    signingAlgorithm: signer.algorithm,
    entries: template.entries.map(({ serialNumber, revocationDate, reason }) => ({
      serialNumber: toSerialHex(serialNumber),
      revocationDate: toDate(revocationDate),
      ...(reason === undefined ? {} : { reason: X509CrlReason[reason] }),
    })),
    extensions: [
      authorityKeyIdentifier(keyIdOf(issuer)),
      ...(number === undefined ? [] : [crlNumber(number)]),
      ...(template.extensions ?? []).map(toExtension),
    ],
  });
  return Buffer.from(crl.rawData);
}

function keyIdentifiers({
  issuer,
  publicKey,
  subjectKeyId,
  authorityKeyId,
}: CertificateTemplate): Extension[] {
  const subject = subjectKeyId ?? toKeyIdentifier(publicKey);
  const authority = authorityKeyId ?? ('key' in issuer ? keyIdOf(issuer) : 'absent');
  return [
    ...(subject === 'absent' ? [] : [subjectKeyIdentifier(subject)]),
    ...(authority === 'absent' ? [] : [authorityKeyIdentifier(authority)]),
  ];
}

function subjectOf(certificate: Buffer): Name {
  return new X509Certificate(certificate).subjectName;
}

function keyIdOf({ certificate, key }: Issuer): Buffer {
  const extension = new X509Certificate(certificate).getExtension(SubjectKeyIdentifierExtension);
  return extension === null ? toKeyIdentifier(createPublicKey(key)) : Buffer.from(extension.keyId, 'hex');
}

/** RFC 5280 §5.2.3. */
function crlNumber(number: bigint): Extension {
  const content = toUnsigned(number);
  return toExtension({
    id: '2.5.29.20',
    critical: false,
    value: Buffer.concat([Buffer.from([0x02, content.length]), content]),
  });
}

/** Unpredictable, positive and at most 16 bytes in DER: RFC 5280 §4.1.2.2 allows 20. */
function randomSerial(): bigint {
  const bytes = randomBytes(16);
  bytes.writeUInt8(bytes.readUInt8(0) & 0x7f, 0);
  return BigInt(`0x${bytes.toString('hex')}`) || 1n;
}

/** The library would replace zero by a random number, and drop a sign. */
function toSerialHex(serialNumber: bigint): string {
  if (serialNumber <= 0n) {
    throw new RangeError(`serial number ${serialNumber} is not positive (RFC 5280 §4.1.2.2)`);
  }
  return toUnsigned(serialNumber).toString('hex');
}

/** The content of a non-negative DER INTEGER. */
function toUnsigned(value: bigint): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return bytes.readUInt8(0) > 0x7f ? Buffer.concat([Buffer.from([0]), bytes]) : bytes;
}

/** RFC 5280 §4.1.2.5: UTCTime starts with 1950 and GeneralizedTime ends with 9999. */
function toDate(time: number): Date {
  if (!(time >= Date.UTC(1950, 0) && time < Date.UTC(10_000, 0))) {
    throw new RangeError(`time ${time} is outside the years 1950 to 9999`);
  }
  return new Date(time);
}
