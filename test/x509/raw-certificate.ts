import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { Certificate } from '../../src/x509/certificate.ts';
import { parseCertificate } from '../../src/x509/parse-certificate.ts';
import {
  bitString,
  boolean,
  element,
  explicit,
  extension,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  time,
  utf8String,
} from './der-writer.ts';

/** The instant at which these tests happen; minted certificates are valid a year around it. */
export const NOW: number = Date.parse('2026-06-15T12:00:00Z');
export const YEAR: number = 365 * 24 * 3600 * 1000;

const ECDSA_SHA256 = sequence(objectIdentifier('1.2.840.10045.4.3.2'));

/** A name and a key that certificates can be issued for, and that can issue them. */
export interface Entity {
  readonly name: Buffer;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/**
 * The parts of a certificate, each as whole DER elements, so that any can be wrong. What is not given is that of a
 * sound client certificate.
 */
export interface RawTemplate {
  readonly version?: Buffer;
  readonly serialNumber?: Buffer;
  readonly innerAlgorithm?: Buffer;
  readonly outerAlgorithm?: Buffer;
  readonly issuer?: Buffer;
  readonly validity?: Buffer;
  readonly subject?: Buffer;
  readonly spki?: Buffer;
  readonly afterSpki?: readonly Buffer[];
  readonly extensions?: readonly Buffer[];
  readonly signature?: Buffer;
  readonly afterSignature?: readonly Buffer[];
}

/** A Name of one CN, or of (type, value) pairs in RDNs of their own. */
export function name(...attributes: readonly (string | readonly [string, Buffer])[]): Buffer {
  return sequence(
    ...attributes.map((attribute) =>
      typeof attribute === 'string'
        ? element(0x31, attributeOf('2.5.4.3', utf8String(attribute)))
        : element(0x31, attributeOf(...attribute)),
    ),
  );
}

/** An AttributeTypeAndValue. */
export function attributeOf(type: string, value: Buffer): Buffer {
  return sequence(objectIdentifier(type), value);
}

export function entity(commonName: string, curve: 'P-256' | 'P-384' | 'P-521' = 'P-256'): Entity {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: curve });
  return { name: name(commonName), privateKey, publicKey };
}

/** A certificate for the subject, signed by the issuer. */
export function issue(subject: Entity, issuer: Entity, template: RawTemplate = {}): Buffer {
  const tbs = sequence(
    template.version ?? explicit(0, integer(2n)),
    template.serialNumber ?? integer(7n),
    template.innerAlgorithm ?? ECDSA_SHA256,
    template.issuer ?? issuer.name,
    template.validity ?? sequence(time(NOW - YEAR), time(NOW + YEAR)),
    template.subject ?? subject.name,
    template.spki ?? subject.publicKey.export({ format: 'der', type: 'spki' }),
    ...(template.afterSpki ?? []),
    ...(template.extensions === undefined ? [] : [explicit(3, sequence(...template.extensions))]),
  );
  return sequence(
    tbs,
    template.outerAlgorithm ?? template.innerAlgorithm ?? ECDSA_SHA256,
    template.signature ?? bitString(sign('sha256', tbs, issuer.privateKey)),
    ...(template.afterSignature ?? []),
  );
}

/** BasicConstraints of an authority. */
export function authorityConstraints(maxPathLength?: bigint): Buffer {
  const length = maxPathLength === undefined ? [] : [integer(maxPathLength)];
  return extension('2.5.29.19', sequence(boolean(true), ...length), 'critical');
}

/** ExtKeyUsage of dotted OIDs. */
export function extendedKeyUsage(...usages: readonly string[]): Buffer {
  return extension('2.5.29.37', sequence(...usages.map(objectIdentifier)));
}

/** SubjectAltName of GeneralNames: a tag number and the contents each. */
export function alternativeNames(...names: readonly (readonly [number, Buffer | string])[]): Buffer {
  return extension('2.5.29.17', sequence(...names.map(generalName)));
}

function generalName([tag, contents]: readonly [number, Buffer | string]): Buffer {
  return element(0x80 | tag, Buffer.from(contents));
}

/** NameConstraints: GeneralNames that are permitted, and that are excluded. */
export function nameConstraints(
  permitted: readonly (readonly [number, Buffer | string])[],
  excluded: readonly (readonly [number, Buffer | string])[] = [],
): Buffer {
  const list = (number: number, names: typeof permitted): readonly Buffer[] =>
    names.length === 0 ? [] : [explicit(number, ...names.map((item) => sequence(generalName(item))))];
  return extension('2.5.29.30', sequence(...list(0, permitted), ...list(1, excluded)), 'critical');
}

export function subjectKeyId(id: Buffer): Buffer {
  return extension('2.5.29.14', octetString(id));
}

export function authorityKeyId(id: Buffer): Buffer {
  return extension('2.5.29.35', sequence(element(0x80, id)));
}

/** KeyUsage of whole octets. */
export function keyUsage(...octets: readonly number[]): Buffer {
  return extension('2.5.29.15', bitString(Buffer.from(octets)), 'critical');
}

/** The certificate that the bytes are; they must be one. */
export function parsed(der: Buffer): Certificate {
  const result = parseCertificate(der);
  if (!result.ok) throw new Error(result.error);
  return result.certificate;
}

/** Why the bytes are no certificate; they must be none. */
export function parseError(der: Buffer): string {
  const result = parseCertificate(der);
  if (result.ok) throw new Error('it parses');
  return result.error;
}
