import { hash } from 'node:crypto';
import { readAlgorithmIdentifier } from './algorithm-identifier.ts';
import type { AttributeValues } from './attribute-value.ts';
import type { Certificate, Extension } from './certificate.ts';
import { interpretExtensions } from './certificate-extensions.ts';
import { constructedContextTag, contextTag, DerReader, MalformedError, Tag } from './der.ts';
import { readExtensions } from './extension.ts';
import { limits } from './limits.ts';
import { parseName } from './name.ts';
import { parsePublicKey } from './parse-public-key.ts';
import { toSignatureAlgorithm } from './signature-algorithm.ts';
import { readTime } from './time.ts';

export type CertificateResult =
  | { readonly ok: true; readonly certificate: Certificate }
  | { readonly ok: false; readonly error: string };

/**
 * Parses a certificate (RFC 5280 §4.1) from exactly these bytes, as strictly as Go's `x509.ParseCertificate` and
 * within our own limits; errors are Go's where it has them. The certificate keeps a copy of the bytes.
 */
export function parseCertificate(
  der: Uint8Array,
  attributeValues: AttributeValues = 'strings',
): CertificateResult {
  if (der.length > limits.certificateBytes) {
    return { ok: false, error: `x509: certificate of more than ${limits.certificateBytes} bytes` };
  }
  try {
    return { ok: true, certificate: readCertificate(Buffer.from(der), attributeValues) };
  } catch (error) {
    if (error instanceof MalformedError) return { ok: false, error: error.message };
    throw error;
  }
}

/** An error of `parseCertificate` without what it quotes of the holder's names: URIs are all that is quoted of them. */
export function withoutNames(error: string): string {
  return error.replace(/^(x509: cannot parse URI) .*$/s, '$1');
}

/** Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signatureValue } */
function readCertificate(der: Buffer, attributeValues: AttributeValues): Certificate {
  const input = new DerReader(der);
  const outer = input.read(Tag.sequence, 'x509: malformed certificate');
  const signedBytes = outer.readElement(Tag.sequence, 'x509: malformed tbs certificate');
  const tbs = new DerReader(signedBytes).read(Tag.sequence, 'x509: malformed tbs certificate');
  const version = readVersion(tbs);
  const serialNumber = readSerialNumber(tbs);
  const signatureAlgorithm = readSignatureAlgorithm(tbs, outer);
  const issuer = parseName(tbs.readElement(Tag.sequence, 'x509: malformed issuer'), attributeValues);
  const validity = tbs.read(Tag.sequence, 'x509: malformed validity');
  const notBefore = readTime(validity);
  const notAfter = readTime(validity);
  // Go says "issuer" here, too.
  const subject = parseName(tbs.readElement(Tag.sequence, 'x509: malformed issuer'), attributeValues);
  const publicKey = parsePublicKey(tbs.readElement(Tag.sequence, 'x509: malformed spki'));
  const extensions = readOptionalFields(tbs, version);
  const interpreted = interpretExtensions(extensions);
  const signature = outer.readOctetsOfBits('x509: malformed signature');
  // Inside the outer SEQUENCE Go lets trailing elements pass, after it none.
  if (!input.isEmpty()) throw new MalformedError('x509: trailing data');
  return {
    der,
    fingerprint: hash('sha256', der, 'hex'),
    version,
    serialNumber,
    issuer,
    subject,
    notBefore,
    notAfter,
    publicKey,
    extensions,
    ...interpreted,
    signedBytes,
    signatureAlgorithm,
    signature,
  };
}

function readVersion(tbs: DerReader): 1 | 2 | 3 {
  const failure = 'x509: malformed version';
  const field = tbs.readOptional(constructedContextTag(0), failure);
  if (field === undefined) return 1;
  const version = field.readSmallInteger(failure);
  if (!field.isEmpty() || version < 0) throw new MalformedError(failure);
  switch (version) {
    case 0:
      return 1;
    case 1:
      return 2;
    case 2:
      return 3;
    default:
      throw new MalformedError('x509: invalid version');
  }
}

/** RFC 5280 §4.1.2.2 asks for a positive number of at most 20 octets; Go takes zero and longer ones. */
function readSerialNumber(tbs: DerReader): bigint {
  const serialNumber = tbs.readInteger('x509: malformed serial number');
  if (serialNumber < 0n) throw new MalformedError('x509: negative serial number');
  return serialNumber;
}

/** RFC 5280 §4.1.1.2: the algorithm named inside and outside of what is signed must be the same. */
function readSignatureAlgorithm(tbs: DerReader, outer: DerReader): Certificate['signatureAlgorithm'] {
  const inner = tbs.readContents(Tag.sequence, 'x509: malformed signature algorithm identifier');
  const repeated = outer.readContents(Tag.sequence, 'x509: malformed algorithm identifier');
  if (!inner.equals(repeated)) {
    throw new MalformedError("x509: inner and outer signature algorithm identifiers don't match");
  }
  return toSignatureAlgorithm(readAlgorithmIdentifier(new DerReader(inner)));
}

/**
 * The unique identifiers, which are passed over, and the extensions; fields that the version does not have are not
 * looked at.
 */
function readOptionalFields(tbs: DerReader, version: number): readonly Extension[] {
  if (version === 1) return [];
  tbs.readOptional(contextTag(1), 'x509: malformed issuerUniqueID');
  tbs.readOptional(contextTag(2), 'x509: malformed subjectUniqueID');
  if (version === 2) return [];
  const field = tbs.readOptional(constructedContextTag(3), 'x509: malformed extensions');
  return field === undefined ? [] : readExtensions(field);
}
