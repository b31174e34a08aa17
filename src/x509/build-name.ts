import 'reflect-metadata';
import { Name } from '@peculiar/x509';
import type { JsonNameParams } from '@peculiar/x509';

/**
 * The value of an attribute: text, written as RFC 5280 wants that attribute's text, or, as a Buffer, the exact DER of a
 * value of any type.
 */
export type AttributeValue = string | Buffer;

/**
 * A relative distinguished name by attribute type: a short name of `attributeTypes` or a dotted OID. More than one
 * attribute makes a multi-valued RDN.
 */
export type RelativeName = Readonly<Record<string, AttributeValue>>;

/** A structured name, in DER order. There is no textual form: text that is parsed lets a value inject attributes. */
export type StructuredName = readonly RelativeName[];

type TextType = 'utf8String' | 'printableString' | 'ia5String';

/** The short names that a structured name may use, with the OID of each. */
export const attributeTypes: Readonly<Record<string, string>> = {
  CN: '2.5.4.3',
  SERIALNUMBER: '2.5.4.5',
  C: '2.5.4.6',
  L: '2.5.4.7',
  ST: '2.5.4.8',
  STREET: '2.5.4.9',
  O: '2.5.4.10',
  OU: '2.5.4.11',
  DC: '0.9.2342.19200300.100.1.25',
  UID: '0.9.2342.19200300.100.1.1',
  E: '1.2.840.113549.1.9.1',
};

/** The attributes whose text is not a UTF8String: RFC 5280 appendix A.1. */
const textTypes: Readonly<Record<string, TextType>> = {
  '2.5.4.5': 'printableString',
  '2.5.4.6': 'printableString',
  '0.9.2342.19200300.100.1.25': 'ia5String',
  '1.2.840.113549.1.9.1': 'ia5String',
};

/**
 * Encodes a structured name.
 *
 * @throws RangeError for an attribute type that is neither a known short name nor a dotted OID, and for an empty RDN.
 */
export function toName(name: StructuredName): Name {
  return new Name(name.map(toJsonName) as JsonNameParams);
}

function toJsonName(relativeName: RelativeName): Record<string, unknown[]> {
  const attributes = Object.entries(relativeName);
  if (attributes.length === 0) {
    throw new RangeError('a relative distinguished name needs at least one attribute (RFC 5280 §4.1.2.4)');
  }
  return Object.fromEntries(
    attributes.map(([name, value]) => {
      const type = toAttributeType(name);
      return [type, [toJsonValue(type, value)]];
    }),
  );
}

function toAttributeType(name: string): string {
  const type = Object.hasOwn(attributeTypes, name) ? attributeTypes[name] : name;
  if (type === undefined || !/^[0-2](\.(0|[1-9]\d*))+$/.test(type)) {
    const known = Object.keys(attributeTypes).join(', ');
    throw new RangeError(`unknown attribute type "${name}": give one of ${known}, or a dotted OID`);
  }
  return type;
}

/** The library unquotes and unescapes a bare string; in its object form it takes text as it is. `#` marks DER in hex. */
function toJsonValue(type: string, value: AttributeValue): string | Partial<Record<TextType, string>> {
  if (typeof value !== 'string') return `#${value.toString('hex')}`;
  return { [textTypes[type] ?? 'utf8String']: value };
}
