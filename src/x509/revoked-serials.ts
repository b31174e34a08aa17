import { DerReader, MalformedError, Tag } from './der.ts';
import { readExtension } from './extension.ts';
import type { HashKey } from './keyed-hash.ts';
import { createSerialTable } from './serial-table.ts';

/** RFC 5280 §5.3.1, by code; 7 is not used. */
const reasons = [
  'unspecified',
  'keyCompromise',
  'cACompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'certificateHold',
  undefined,
  'removeFromCRL',
  'privilegeWithdrawn',
  'aACompromise',
] as const;

/** Why a certificate was revoked, in the words of RFC 5280 §5.3.1. */
export type RevocationReason = NonNullable<(typeof reasons)[number]>;

/** The serial numbers of a CRL. */
export interface RevokedSerials {
  readonly size: number;
  /** Why the certificate of this serial number is revoked; undefined where it is not. */
  find(serialNumber: bigint): RevocationReason | undefined;
}

/** The contents of revokedCertificates, which stand in `der`, of a CRL of this version; empty where the CRL has none. */
export interface RevokedCertificates {
  readonly der: Buffer;
  readonly contents: Buffer;
  readonly version: 1 | 2;
}

const ENUMERATED = 0x0a;
const UNSPECIFIED = 0;
const REMOVE_FROM_CRL = 8;

/** The shortest entry: SEQUENCE, a serial number of one octet, and a UTCTime. */
const MIN_ENTRY_BYTES = 20;

const EntryExtensionId = {
  reasonCode: '2.5.29.21',
  certificateIssuer: '2.5.29.29',
} as const;

/** holdInstructionCode and invalidityDate: whatever they say, the certificate is revoked. */
const harmlessEntryExtensions: ReadonlySet<string> = new Set(['2.5.29.23', '2.5.29.24']);

/**
 * Reads every entry of a CRL (RFC 5280 §5.1.2.6) once and keeps where its serial number stands. An entry that says
 * removeFromCRL revokes nothing: only delta CRLs, which are not read, would have something to remove it from.
 *
 * @throws MalformedError for an entry that is malformed, or that has a critical extension which is not understood.
 */
export function readRevokedSerials(revoked: RevokedCertificates, key: HashKey): RevokedSerials {
  const { der, contents, version } = revoked;
  const capacity = Math.floor(contents.length / MIN_ENTRY_BYTES);
  const offsets = new Uint32Array(capacity);
  const values = new Uint8Array(capacity);
  const entries = new DerReader(contents);
  let size = 0;
  for (let index = 0; !entries.isEmpty(); index += 1) {
    const { integer, reason } = readEntry(entries, version, index);
    if (reason === REMOVE_FROM_CRL) continue;
    offsets[size] = integer.byteOffset - der.byteOffset;
    values[size] = reason;
    size += 1;
  }
  const serials = { der, offsets: offsets.subarray(0, size), values: values.subarray(0, size) };
  const table = createSerialTable(serials, key);
  return {
    size,
    find(serialNumber) {
      const reason = table.find(serialNumber);
      return reason === undefined ? undefined : reasons[reason];
    },
  };
}

interface Entry {
  /** The whole INTEGER, header and all. */
  readonly integer: Buffer;
  readonly reason: number;
}

function readEntry(entries: DerReader, version: 1 | 2, index: number): Entry {
  try {
    const entry = entries.read(Tag.sequence, 'malformed');
    const integer = entry.readElement(Tag.integer, 'malformed serial number');
    new DerReader(integer).readIntegerBytes('malformed serial number');
    skipRevocationDate(entry);
    const extensions = entry.readOptional(Tag.sequence, 'malformed extensions');
    if (!entry.isEmpty()) throw new MalformedError('something follows its last field');
    if (extensions === undefined) return { integer, reason: UNSPECIFIED };
    if (version === 1) throw new MalformedError('a CRL of version 1 has no extensions (RFC 5280 §5.1.2.1)');
    return { integer, reason: readReason(extensions) };
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    throw new MalformedError(`entry ${index}: ${error.message}`, { cause: error });
  }
}

/** Reads the extensions of an entry (RFC 5280 §5.3) for its reason; builders in use write an empty list where there are none. */
function readReason(extensions: DerReader): number {
  let reason: number | undefined;
  while (!extensions.isEmpty()) {
    const { id, critical, value } = readExtension(extensions.read(Tag.sequence, 'malformed extension'));
    if (id === EntryExtensionId.reasonCode) {
      if (reason !== undefined) throw new MalformedError('it has more than one reason code');
      reason = parseReasonCode(value);
    } else if (id === EntryExtensionId.certificateIssuer) {
      throw new MalformedError(
        'it is about a certificate of another issuer: indirect CRLs are not supported',
      );
    } else if (critical && !harmlessEntryExtensions.has(id)) {
      throw new MalformedError(`its critical extension ${id} is not understood`);
    }
  }
  return reason ?? UNSPECIFIED;
}

/** An ENUMERATED of one octet: in DER there is no other way to write a code so small. */
function parseReasonCode(value: Buffer): number {
  const code = value[2];
  if (value.length !== 3 || value[0] !== ENUMERATED || value[1] !== 1 || !reasons[code ?? -1]) {
    throw new MalformedError('malformed reason code: RFC 5280 §5.3.1 has 0 to 6 and 8 to 10');
  }
  return code ?? UNSPECIFIED;
}

/** A Time, which decides nothing: it must have the form that RFC 5280 §§4.1.2.5.1 and 4.1.2.5.2 give it, of whatever day. */
function skipRevocationDate(entry: DerReader): void {
  const failure = 'malformed revocation date';
  const isUtc = entry.isNext(Tag.utcTime);
  const contents = entry.readContents(isUtc ? Tag.utcTime : Tag.generalizedTime, failure);
  const digits = contents.length - 1;
  if (digits !== (isUtc ? 12 : 14) || contents[digits] !== 0x5a) throw new MalformedError(failure);
  for (let index = 0; index < digits; index += 1) {
    const octet = contents[index] ?? 0;
    if (octet < 0x30 || octet > 0x39) throw new MalformedError(failure);
  }
}
