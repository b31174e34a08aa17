import type { Attribute, Certificate, DistinguishedName } from '../../x509/certificate.ts';

/** What a made-up certificate says of its holder. */
export interface Witness {
  readonly commonName: string;
  readonly uid: string;
  readonly organizations: readonly string[];
  readonly organizationalUnits: readonly string[];
  readonly uris: readonly string[];
  readonly dnsNames: readonly string[];
  readonly emailAddresses: readonly string[];
}

const COMMON_NAME = '2.5.4.3';
const ORGANIZATION = '2.5.4.10';
const ORGANIZATIONAL_UNIT = '2.5.4.11';
const UID = '1.3.6.1.4.1.57683.2';
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

/** Short enough for rules that limit it. */
const LIFETIME = 10 * 60 * 1000;

const NONE = Buffer.alloc(0);
const NO_NAME: DistinguishedName = { der: NONE, attributes: [], otherTypes: [] };

/** A witness of whom nothing is known but a name. */
export function toWitness(fields: Partial<Witness>): Witness {
  return {
    commonName: 'alice',
    uid: '',
    organizations: [],
    organizationalUnits: [],
    uris: [],
    dnsNames: [],
    emailAddresses: [],
    ...fields,
  };
}

/**
 * The witness's certificate as expressions see it: issued at an instant, for clients, for ten minutes. It is no certificate that
 * anything could verify: it has no bytes and no signature.
 */
export function toWitnessCertificate(witness: Witness, at: number): Certificate {
  const attributes: readonly Attribute[] = [
    ...witness.organizations.map((value) => ({ type: ORGANIZATION, value })),
    ...witness.organizationalUnits.map((value) => ({ type: ORGANIZATIONAL_UNIT, value })),
    { type: COMMON_NAME, value: witness.commonName },
    ...(witness.uid === '' ? [] : [{ type: UID, value: witness.uid }]),
  ];
  const notBefore = Math.floor(at / 1000) * 1000;
  return {
    der: NONE,
    fingerprint: '0'.repeat(64),
    version: 3,
    serialNumber: 1n,
    issuer: NO_NAME,
    subject: { der: NONE, attributes, otherTypes: [] },
    notBefore,
    notAfter: notBefore + LIFETIME,
    publicKey: { algorithm: 'unknown', spki: NONE },
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
