import { isAscii, isUtf8 } from 'node:buffer';
import { type DerReader, MalformedError, Tag } from './der.ts';
import { readObjectIdentifier } from './object-identifier.ts';
import { readTime } from './time.ts';

/**
 * Which attribute values parse: Go up to 1.26 refuses a certificate with one that is no string; Go 1.27 keeps any
 * type, and what reads names passes over those that are no strings.
 */
export type AttributeValues = 'strings' | 'any';

// The X.680 set, and the `*` and `&` that certificates in use have.
const PRINTABLE = /^[A-Za-z0-9 '()+,\-./:=?*&]*$/;
const NUMERIC = /^[0-9 ]*$/;

/**
 * Decodes an attribute value of any of the string types; undefined for a value of another type where those are
 * allowed.
 */
export function readAttributeValue(attribute: DerReader, allowed: AttributeValues): string | undefined {
  const failure = 'x509: invalid RDNSequence: invalid attribute value';
  const tag = attribute.nextTag(failure);
  const value = toText(tag, () => attribute.readAny(failure), failure);
  if (value !== undefined) return value;
  if (allowed === 'strings') throw new MalformedError(`${failure}: unsupported string type: ${tag}`);
  checkOtherValue(attribute, tag);
  return undefined;
}

function toText(tag: number, read: () => Buffer, failure: string): string | undefined {
  switch (tag) {
    case Tag.utf8String: {
      const bytes = read();
      if (!isUtf8(bytes)) throw new MalformedError(`${failure}: invalid UTF-8 string`);
      return bytes.toString('utf8');
    }
    case Tag.printableString:
      return matching(read(), PRINTABLE, `${failure}: invalid PrintableString`);
    case Tag.numericString:
      return matching(read(), NUMERIC, `${failure}: invalid NumericString`);
    case Tag.ia5String: {
      const bytes = read();
      if (!isAscii(bytes)) throw new MalformedError(`${failure}: invalid IA5String`);
      return bytes.toString('latin1');
    }
    case Tag.t61String:
      // T.61 is read as Latin-1, as everyone does.
      return read().toString('latin1');
    case Tag.bmpString:
      return toBasicPlaneText(read(), `${failure}: invalid BMPString`);
    default:
      return undefined;
  }
}

function matching(bytes: Buffer, alphabet: RegExp, failure: string): string {
  const text = bytes.toString('latin1');
  if (!alphabet.test(text)) throw new MalformedError(failure);
  return text;
}

/** UCS-2, big endian: no surrogates and no noncharacters; one terminating NUL is dropped. */
function toBasicPlaneText(bytes: Buffer, failure: string): string {
  if (bytes.length % 2 !== 0) throw new MalformedError(failure);
  const units = bytes.length / 2;
  const isTerminated = units > 0 && bytes.readUInt16BE(bytes.length - 2) === 0;
  let text = '';
  for (let index = 0; index < (isTerminated ? units - 1 : units); index += 1) {
    const unit = bytes.readUInt16BE(2 * index);
    const isSurrogate = unit >= 0xd800 && unit <= 0xdfff;
    const isNoncharacter = unit >= 0xfffe || (unit >= 0xfdd0 && unit <= 0xfdef);
    if (isSurrogate || isNoncharacter) throw new MalformedError(failure);
    text += String.fromCharCode(unit);
  }
  return text;
}

/** A value that is no string must still be a well-formed one of its type. */
function checkOtherValue(attribute: DerReader, tag: number): void {
  const failure = 'x509: invalid RDNSequence: invalid attribute value: ';
  switch (tag) {
    case Tag.integer:
      attribute.readSmallInteger(`${failure}invalid ASN.1 integer`);
      return;
    case Tag.bitString:
      attribute.readBits(`${failure}invalid ASN.1 BIT STRING`);
      return;
    case Tag.objectIdentifier:
      readObjectIdentifier(attribute, `${failure}invalid ASN.1 OBJECT IDENTIFIER`);
      return;
    case Tag.utcTime:
    case Tag.generalizedTime:
      readTime(attribute);
      return;
    case Tag.boolean:
      attribute.readBoolean(`${failure}invalid ASN.1 BOOLEAN`);
      return;
    default:
      attribute.readAny(`${failure}invalid ASN.1 element`);
  }
}
