import { type KeyObject, sign } from 'node:crypto';
import type { Certificate } from '../../src/x509/certificate.ts';
import { bitString, explicit, extension, integer, objectIdentifier, sequence, time } from './der-writer.ts';

/** A CRL field by field, whatever they are. Absent: a list of version 2, of 2026, without number and without entries. */
export interface OddCrl {
  /** The whole element; `'absent'` for version 1. */
  readonly version?: Buffer | 'absent';
  readonly issuer: Certificate;
  readonly key: KeyObject;
  readonly thisUpdate?: number;
  readonly nextUpdate?: number | 'absent';
  readonly entries?: readonly Buffer[];
  readonly extensions?: readonly Buffer[];
  /** The signature algorithm outside of what is signed. */
  readonly outerAlgorithm?: Buffer;
  /** What follows the last field of what is signed. */
  readonly afterFields?: Buffer;
}

const ecdsaWithSha256 = sequence(objectIdentifier('1.2.840.10045.4.3.2'));

/** Writes and signs a CRL with a P-256 key. */
export function mintCrl(crl: OddCrl): Buffer {
  const { version = integer(1n), nextUpdate = Date.UTC(2027, 0), entries = [], extensions = [] } = crl;
  const tbs = sequence(
    ...(version === 'absent' ? [] : [version]),
    ecdsaWithSha256,
    crl.issuer.subject.der,
    time(crl.thisUpdate ?? Date.UTC(2026, 0)),
    ...(nextUpdate === 'absent' ? [] : [time(nextUpdate)]),
    ...(entries.length === 0 ? [] : [sequence(Buffer.concat(entries))]),
    ...(extensions.length === 0 ? [] : [explicit(0, sequence(...extensions))]),
    crl.afterFields ?? Buffer.alloc(0),
  );
  const signature = sign('sha256', tbs, crl.key);
  return sequence(tbs, crl.outerAlgorithm ?? ecdsaWithSha256, bitString(signature));
}

/** An entry of a CRL. */
export function mintEntry(serialNumber: bigint, ...extensions: readonly Buffer[]): Buffer {
  const date = time(Date.UTC(2026, 0));
  return sequence(integer(serialNumber), date, ...(extensions.length === 0 ? [] : [sequence(...extensions)]));
}

/** The reasonCode extension of an entry. */
export function reasonCode(code: number): Buffer {
  return extension('2.5.29.21', Buffer.of(0x0a, 1, code));
}

/** The cRLNumber extension of a CRL. */
export function crlNumber(number: bigint): Buffer {
  return extension('2.5.29.20', integer(number));
}
