import 'reflect-metadata';
import { createHash } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
} from '@peculiar/x509';
import type { JsonGeneralNames } from '@peculiar/x509';
import type { Extension as CertificateExtension } from './certificate.ts';

/** The names of RFC 5280 §4.2.1.3. */
export type KeyUsage = keyof typeof KeyUsageFlags;

/** Subject alternative names by kind; an extension is written where there is at least one. */
export interface SubjectAlternativeNames {
  readonly dnsSANs?: readonly string[];
  readonly uriSANs?: readonly string[];
  readonly ipSANs?: readonly string[];
  readonly emailSANs?: readonly string[];
}

/** What a certificate, or a request for one, says beyond name and key. What is not given is not written. */
export interface RequestedExtensions extends SubjectAlternativeNames {
  readonly isCA?: boolean;
  /** Only with `isCA`. */
  readonly pathLength?: number;
  /** Absent for a CA: keyCertSign and cRLSign. */
  readonly keyUsages?: readonly KeyUsage[];
  /** Names of `extKeyUsageIds` or dotted OIDs. */
  readonly extKeyUsages?: readonly string[];
  /** Written as they are, after all others, even where one of the same id is there already. */
  readonly extensions?: readonly CertificateExtension[];
}

/** The short names of extended key usages: RFC 5280 §4.2.1.12. */
export const extKeyUsageIds: Readonly<Record<string, string>> = {
  any: '2.5.29.37.0',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  codeSigning: '1.3.6.1.5.5.7.3.3',
  emailProtection: '1.3.6.1.5.5.7.3.4',
  timeStamping: '1.3.6.1.5.5.7.3.8',
  OCSPSigning: '1.3.6.1.5.5.7.3.9',
};

/** The extensions that a requester may ask for, in the order they are written; `subject` tells whether a name stands in the SANs alone. */
export function requestedExtensions(request: RequestedExtensions, subject: 'named' | 'empty'): Extension[] {
  return [
    ...basicConstraints(request),
    ...keyUsages(request),
    ...extKeyUsages(request),
    ...alternativeNames(request, subject),
    ...(request.extensions ?? []).map(toExtension),
  ];
}

/** An extension with exactly this content. */
export function toExtension({ id, critical, value }: CertificateExtension): Extension {
  return new Extension(id, critical, value);
}

/** RFC 7093 §2, method 4: the SHA-256 of the SubjectPublicKeyInfo. */
export function toKeyIdentifier(publicKey: KeyObject): Buffer {
  return createHash('sha256')
    .update(publicKey.export({ format: 'der', type: 'spki' }))
    .digest();
}

export function subjectKeyIdentifier(keyId: Buffer): Extension {
  return new SubjectKeyIdentifierExtension(keyId.toString('hex'));
}

export function authorityKeyIdentifier(keyId: Buffer): Extension {
  return new AuthorityKeyIdentifierExtension(keyId.toString('hex'));
}

function basicConstraints({ isCA, pathLength }: RequestedExtensions): Extension[] {
  if (pathLength !== undefined && isCA !== true) {
    throw new RangeError('pathLength is for a CA: give isCA: true (RFC 5280 §4.2.1.9)');
  }
  return isCA === undefined ? [] : [new BasicConstraintsExtension(isCA, pathLength, true)];
}

function keyUsages({ isCA, keyUsages }: RequestedExtensions): Extension[] {
  const usages = keyUsages ?? (isCA === true ? (['keyCertSign', 'cRLSign'] as const) : []);
  if (usages.length === 0) return [];
  const flags = usages.reduce((sum, usage) => sum | KeyUsageFlags[usage], 0);
  // oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- the library takes the union of the flags here
  return [new KeyUsagesExtension(flags, true)];
}

function extKeyUsages({ extKeyUsages = [] }: RequestedExtensions): Extension[] {
  if (extKeyUsages.length === 0) return [];
  return [new ExtendedKeyUsageExtension(extKeyUsages.map((usage) => extKeyUsageIds[usage] ?? usage))];
}

/** RFC 5280 §4.2.1.6: critical where the subject is empty. */
function alternativeNames(sans: SubjectAlternativeNames, subject: 'named' | 'empty'): Extension[] {
  const names: JsonGeneralNames = [
    ...(sans.dnsSANs ?? []).map((value) => ({ type: 'dns' as const, value })),
    ...(sans.emailSANs ?? []).map((value) => ({ type: 'email' as const, value })),
    ...(sans.uriSANs ?? []).map((value) => ({ type: 'url' as const, value })),
    ...(sans.ipSANs ?? []).map((value) => ({ type: 'ip' as const, value })),
  ];
  return names.length === 0 ? [] : [new SubjectAlternativeNameExtension(names, subject === 'empty')];
}
