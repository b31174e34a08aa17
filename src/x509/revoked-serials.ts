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
  let size = 0;
  for (let at = 0, index = 0; at < contents.length; index += 1) {
    const { serial, reason, end } = usualEntry(contents, at, version) ?? readEntry(revoked, at, index);
    at = end;
    if (reason === REMOVE_FROM_CRL) continue;
    offsets[size] = contents.byteOffset - der.byteOffset + serial;
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

/** Where the INTEGER of the serial number starts, the reason's code, and where the entry ends. */
interface Entry {
  readonly serial: number;
  readonly reason: number;
  readonly end: number;
}

/** Extensions that are a reason code and nothing else, but for the code itself. */
const REASON_ALONE = Buffer.from('300c300a0603551d1504030a01', 'hex');

/** UTCTime: header, twelve digits, and a Z. */
const UTC_TIME_OCTETS = 15;

/**
 * An entry of the form that nearly all have: short lengths, a UTCTime, no extension but a reason. To read it takes a tenth of what
 * `readEntry` takes. Undefined for every other, be it right or wrong.
 */
function usualEntry(contents: Buffer, at: number, version: 1 | 2): Entry | undefined {
  const serial = at + 2;
  const length = contents[at + 1] ?? 0x80;
  const end = at + 2 + length;
  const timeAt = serial + 2 + (contents[serial + 1] ?? 0);
  const extensionsAt = timeAt + UTC_TIME_OCTETS;
  const isUsual =
    contents[at] === Tag.sequence &&
    length < 0x80 &&
    end <= contents.length &&
    extensionsAt <= end &&
    isShortInteger(contents, serial) &&
    isUtcTime(contents, timeAt);
  if (!isUsual) return undefined;
  if (extensionsAt === end) return { serial, reason: UNSPECIFIED, end };
  const reason = contents[end - 1] ?? 0;
  const isReason =
    version === 2 &&
    extensionsAt + REASON_ALONE.length + 1 === end &&
    standsAt(contents, extensionsAt, REASON_ALONE) &&
    reasons[reason] !== undefined;
  return isReason ? { serial, reason, end } : undefined;
}

function standsAt(contents: Buffer, at: number, octets: Buffer): boolean {
  for (let index = 0; index < octets.length; index += 1)
    if (contents[at + index] !== octets[index]) return false;
  return true;
}

/** X.690 §8.3.2: as few octets as possible. */
function isShortInteger(contents: Buffer, at: number): boolean {
  const length = contents[at + 1] ?? 0;
  const first = contents[at + 2] ?? 0;
  const second = contents[at + 3] ?? 0;
  const isPadded = length > 1 && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80));
  return contents[at] === Tag.integer && length > 0 && length < 0x80 && !isPadded;
}

function isUtcTime(contents: Buffer, at: number): boolean {
  return (
    contents[at] === Tag.utcTime &&
    contents[at + 1] === UTC_TIME_OCTETS - 2 &&
    isTime(contents, at + 2, at + UTC_TIME_OCTETS)
  );
}

/** Digits and a Z. */
function isTime(contents: Buffer, start: number, end: number): boolean {
  for (let index = start; index < end - 1; index += 1) {
    const octet = contents[index] ?? 0;
    if (octet < 0x30 || octet > 0x39) return false;
  }
  return contents[end - 1] === 0x5a;
}

function readEntry({ contents, version }: RevokedCertificates, at: number, index: number): Entry {
  try {
    const element = new DerReader(contents, at).readElement(Tag.sequence, 'malformed');
    const entry = new DerReader(element).read(Tag.sequence, 'malformed');
    const integer = entry.readElement(Tag.integer, 'malformed serial number');
    new DerReader(integer).readIntegerBytes('malformed serial number');
    skipRevocationDate(entry);
    const extensions = entry.readOptional(Tag.sequence, 'malformed extensions');
    if (!entry.isEmpty()) throw new MalformedError('something follows its last field');
    const place = { serial: integer.byteOffset - contents.byteOffset, end: at + element.length };
    if (extensions === undefined) return { ...place, reason: UNSPECIFIED };
    if (version === 1) throw new MalformedError('a CRL of version 1 has no extensions (RFC 5280 §5.1.2.1)');
    return { ...place, reason: readReason(extensions) };
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
  if (digits !== (isUtc ? 12 : 14) || !isTime(contents, 0, contents.length))
    throw new MalformedError(failure);
}
