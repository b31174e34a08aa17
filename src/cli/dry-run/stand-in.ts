import type { KeyObject } from 'node:crypto';
import type { Authenticator, Entry } from '../../authenticator/authenticator.ts';
import type { StructuredName } from '../../x509/build-name.ts';
import type { SubjectAlternativeNames } from '../../x509/build-extensions.ts';
import type { Certificate } from '../../x509/certificate.ts';
import { parseCertificate } from '../../x509/parse-certificate.ts';
import { toTrustBundle } from '../../x509/trust-bundle.ts';

/** A certificate that nobody issued; times are milliseconds since the epoch. */
export interface SyntheticCertificate extends SubjectAlternativeNames {
  readonly subject: StructuredName;
  readonly notBefore: number;
  readonly notAfter: number;
  /** Absent: clientAuth. */
  readonly extKeyUsages?: readonly string[];
  /** Absent: one that tells where the certificate comes from. */
  readonly serialNumber?: bigint;
}

/** A throw-away CA of one name. */
export interface StandIn {
  readonly certificate: Certificate;
  readonly key: KeyObject;
}

/** `stand-in` in ASCII: a serial number that tells where a certificate comes from. */
const SERIAL_NUMBER = 0x7374616e642d696en;

const YEAR = 365 * 24 * 3600 * 1000;

/** What a certificate can say: RFC 5280 §4.1.2.5. */
const [FIRST, LAST] = [Date.UTC(1950, 0), Date.UTC(9999, 11, 31)];

/** A CA of this name that is valid for years around `at`. */
export async function createStandIn(name: string, at: number): Promise<StandIn> {
  const { buildCertificate } = await import('../../x509/build.ts');
  const { publicKey, privateKey } = await generateP256();
  const der = await buildCertificate({
    subject: name === '' ? [] : [{ CN: name }],
    publicKey,
    issuer: { selfSignedBy: privateKey },
    serialNumber: SERIAL_NUMBER,
    notBefore: Math.min(Math.max(at - 10 * YEAR, FIRST), LAST),
    notAfter: Math.max(FIRST, Math.min(at + 10 * YEAR, LAST)),
    isCA: true,
  });
  return { certificate: parseOwn(der), key: privateKey };
}

/**
 * A certificate issued by a stand-in; its key is thrown away.
 *
 * @throws RangeError for what X.509 cannot express.
 */
export async function mintSynthetic(issuer: StandIn, template: SyntheticCertificate): Promise<Certificate> {
  const { buildCertificate } = await import('../../x509/build.ts');
  const { publicKey } = await generateP256();
  const der = await buildCertificate({
    keyUsages: ['digitalSignature'],
    extKeyUsages: ['clientAuth'],
    serialNumber: SERIAL_NUMBER,
    ...template,
    publicKey,
    issuer: { certificate: issuer.certificate.der, key: issuer.key },
  });
  return parseOwn(der);
}

/** The authenticator with a stand-in for the anchors of one entry. */
export function withStandIn(authenticator: Authenticator, index: number, standIn: StandIn): Authenticator {
  const anchors = toTrustBundle([standIn.certificate]);
  const replace = (entry: Entry): Entry => (entry.index === index ? { ...entry, anchors } : entry);
  return { ...authenticator, entries: authenticator.entries.map(replace) };
}

/** The entry that a text names by its issuer name, its index, or as logs do (`x509[0]/my-ca`). */
export function findEntry(authenticator: Authenticator, wanted: string): Entry | undefined {
  const { entries } = authenticator;
  return (
    entries.find(({ issuerName, id }) => issuerName === wanted || id === wanted) ??
    entries.find(({ index }) => String(index) === wanted)
  );
}

async function generateP256(): Promise<{ publicKey: KeyObject; privateKey: KeyObject }> {
  const { generateKey } = await import('../../x509/signing-key.ts');
  return generateKey('P-256');
}

function parseOwn(der: Buffer): Certificate {
  const parsed = parseCertificate(der);
  if (!parsed.ok) throw new RangeError(`the certificate would not parse: ${parsed.error}`);
  return parsed.certificate;
}
