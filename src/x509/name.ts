import { type AttributeValues, readAttributeValue } from './attribute-value.ts';
import type { Attribute, DistinguishedName } from './certificate.ts';
import { DerReader, MalformedError, Tag } from './der.ts';
import { limits } from './limits.ts';
import { readObjectIdentifier } from './object-identifier.ts';

const COMMON_NAME = '2.5.4.3';
const ORGANIZATION = '2.5.4.10';

/** Parses a Name (RFC 5280 §4.1.2.4), given as its whole element. */
export function parseName(der: Buffer, allowed: AttributeValues): DistinguishedName {
  const failure = 'x509: invalid RDNSequence';
  const attributes: Attribute[] = [];
  const otherTypes: string[] = [];
  const sequence = new DerReader(der).read(Tag.sequence, failure);
  while (!sequence.isEmpty()) {
    const set = sequence.read(Tag.set, failure);
    while (!set.isEmpty()) {
      const attribute = set.read(Tag.sequence, `${failure}: invalid attribute`);
      const type = readObjectIdentifier(attribute, `${failure}: invalid attribute type`);
      const value = readAttributeValue(attribute, allowed);
      if (value === undefined) otherTypes.push(type);
      else attributes.push({ type, value });
      if (attributes.length + otherTypes.length > limits.nameAttributes) {
        throw new MalformedError(`x509: a name of more than ${limits.nameAttributes} attributes`);
      }
    }
  }
  return { der, attributes, otherTypes };
}

/** The common name: the last one where there are several, as Go reads it; empty where there is none. */
export function commonName(name: DistinguishedName): string {
  return name.attributes.findLast((attribute) => attribute.type === COMMON_NAME)?.value ?? '';
}

/** Every common name, in the order of the DER. */
export function commonNames(name: DistinguishedName): readonly string[] {
  return valuesOf(name, COMMON_NAME);
}

/** Every organization, in the order of the DER, duplicates and empty ones included. */
export function organizations(name: DistinguishedName): readonly string[] {
  return valuesOf(name, ORGANIZATION);
}

/** The values of every attribute of a type, in the order of the DER. */
export function valuesOf(name: DistinguishedName, type: string): readonly string[] {
  return name.attributes.filter((attribute) => attribute.type === type).map((attribute) => attribute.value);
}
