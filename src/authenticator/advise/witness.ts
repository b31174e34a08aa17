import type { Attribute, Certificate, DistinguishedName } from '../../x509/certificate.ts';
import type { PublicKey } from '../../x509/public-key.ts';

/** What a made-up certificate says of its holder. */
export interface Witness {
  readonly commonName: string;
  readonly uid: string;
  readonly organizations: readonly string[];
  readonly organizationalUnits: readonly string[];
  readonly countries: readonly string[];
  readonly localities: readonly string[];
  readonly provinces: readonly string[];
  readonly serialNumber: bigint;
  readonly keyAlgorithm: KeyAlgorithm;
  readonly uris: readonly string[];
  readonly dnsNames: readonly string[];
  readonly emailAddresses: readonly string[];
}

/** What a certificate may have for a key. */
export type KeyAlgorithm = 'ECDSA' | 'RSA' | 'Ed25519';

const COMMON_NAME = '2.5.4.3';
const COUNTRY = '2.5.4.6';
const LOCALITY = '2.5.4.7';
const PROVINCE = '2.5.4.8';
const ORGANIZATION = '2.5.4.10';
const ORGANIZATIONAL_UNIT = '2.5.4.11';
const UID = '1.3.6.1.4.1.57683.2';
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

/** Short enough for rules that limit it. */
const LIFETIME = 10 * 60 * 1000;

const NONE = Buffer.alloc(0);

/** A witness of whom nothing is known but a name. */
export function toWitness(fields: Partial<Witness>): Witness {
  return {
    commonName: 'alice',
    uid: '',
    organizations: [],
    organizationalUnits: [],
    countries: [],
    localities: [],
    provinces: [],
    serialNumber: 1n,
    keyAlgorithm: 'ECDSA',
    uris: [],
    dnsNames: [],
    emailAddresses: [],
    ...fields,
  };
}

/** When a witness's certificate was issued, and by whom. */
export interface WitnessIssue {
  readonly at: number;
  readonly issuer: DistinguishedName;
}

function toPublicKey(algorithm: KeyAlgorithm): PublicKey {
  const keyObject = (): never => {
    throw new Error('a witness has no key');
  };
  switch (algorithm) {
    case 'ECDSA':
      return { algorithm, spki: NONE, curve: 'P-256', keyObject };
    case 'RSA':
      return { algorithm, spki: NONE, bits: 2048, exponent: 65_537n, isModulusOdd: true, keyObject };
    case 'Ed25519':
      return { algorithm, spki: NONE, keyObject };
  }
}

/**
 * The witness's certificate as expressions see it: issued at an instant, for clients, for ten minutes. It is no certificate that
 * anything could verify: it has no bytes, no key and no signature.
 */
export function toWitnessCertificate(witness: Witness, { at, issuer }: WitnessIssue): Certificate {
  const all = (type: string, values: readonly string[]): readonly Attribute[] =>
    values.map((value) => ({ type, value }));
  const attributes: readonly Attribute[] = [
    ...all(COUNTRY, witness.countries),
    ...all(PROVINCE, witness.provinces),
    ...all(LOCALITY, witness.localities),
    ...all(ORGANIZATION, witness.organizations),
    ...all(ORGANIZATIONAL_UNIT, witness.organizationalUnits),
    { type: COMMON_NAME, value: witness.commonName },
    ...(witness.uid === '' ? [] : [{ type: UID, value: witness.uid }]),
  ];
  const notBefore = Math.floor(at / 1000) * 1000;
  return {
    der: NONE,
    fingerprint: '0'.repeat(64),
    version: 3,
    serialNumber: witness.serialNumber,
    issuer,
    subject: { der: NONE, attributes, otherTypes: [] },
    notBefore,
    notAfter: notBefore + LIFETIME,
    publicKey: toPublicKey(witness.keyAlgorithm),
    extensions: [],
    unhandledCriticalExtensions: [],
    keyUsage: 0,
    extKeyUsages: [CLIENT_AUTH],
    subjectKeyId: NONE,
    authorityKeyId: NONE,
    dnsNames: witness.dnsNames,
    emailAddresses: witness.emailAddresses,
    uris: witness.uris,
    ipAddresses: [],
    policies: { policies: [], policyMappings: [] },
    signedBytes: NONE,
    signature: NONE,
    signatureAlgorithm: { kind: 'unknown' },
  };
}
