import type { PolicyExtensions } from './certificate-policies.ts';
import type { NameConstraints } from './name-constraints-extension.ts';
import type { PublicKey } from './public-key.ts';
import type { Signed } from './signature.ts';

/**
 * One attribute of a distinguished name: its type as a dotted OID and its value decoded from the DER as Go decodes
 * it.
 */
export interface Attribute {
  readonly type: string;
  readonly value: string;
}

/**
 * A distinguished name: its exact DER (names are compared by it) and its attributes in DER order. `otherTypes` are
 * the types of attributes whose value is no string, where parsing allows those (`AttributeValues`).
 */
export interface DistinguishedName {
  readonly der: Buffer;
  readonly attributes: readonly Attribute[];
  readonly otherTypes: readonly string[];
}

/** A certificate extension; `value` is the content of the OCTET STRING. */
export interface Extension {
  readonly id: string;
  readonly critical: boolean;
  readonly value: Buffer;
}

/** RFC 5280 §4.2.1.9; `maxPathLength` is absent where the certificate sets no limit. */
export interface BasicConstraints {
  readonly isCA: boolean;
  readonly maxPathLength?: number;
}

/**
 * A parsed certificate, immutable. Parsing is eager and as strict as Go's `x509.ParseCertificate`:
 * an object of this type has passed all of it. Times are milliseconds since the epoch.
 */
export interface Certificate extends Signed {
  readonly der: Buffer;
  /** Lower-case hex SHA-256 of `der`. */
  readonly fingerprint: string;
  readonly version: 1 | 2 | 3;
  readonly serialNumber: bigint;
  readonly issuer: DistinguishedName;
  readonly subject: DistinguishedName;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly publicKey: PublicKey;
  readonly extensions: readonly Extension[];
  /** OIDs of critical extensions that nothing here understands. */
  readonly unhandledCriticalExtensions: readonly string[];
  readonly basicConstraints?: BasicConstraints;
  /** RFC 5280 §4.2.1.3 bits, bit n of the BIT STRING as `1 << n`; absent and all-zero alike are 0. */
  readonly keyUsage: number;
  /** Extended key usages as dotted OIDs, in order. */
  readonly extKeyUsages: readonly string[];
  readonly subjectKeyId: Buffer;
  readonly authorityKeyId: Buffer;
  readonly dnsNames: readonly string[];
  readonly emailAddresses: readonly string[];
  readonly uris: readonly string[];
  /** Each of 4 or 16 bytes. */
  readonly ipAddresses: readonly Buffer[];
  readonly nameConstraints?: NameConstraints;
  readonly policies: PolicyExtensions;
}
