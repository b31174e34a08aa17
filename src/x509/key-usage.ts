import { DerReader, Tag } from './der.ts';
import { readObjectIdentifier } from './object-identifier.ts';

/** Bits of KeyUsage (RFC 5280 §4.2.1.3) that are asked for here: bit n of the BIT STRING as `1 << n`. */
export const KeyUsageBit = {
  digitalSignature: 0x01,
  keyEncipherment: 0x04,
  keyCertSign: 0x20,
  crlSign: 0x40,
} as const;

/** Extended key usages (RFC 5280 §4.2.1.12) that are asked for here. */
export const ExtendedKeyUsage = {
  any: '2.5.29.37.0',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
} as const;

const KEY_USAGE_BITS = 9;

/** Parses KeyUsage into its bits. */
export function parseKeyUsage(value: Buffer): number {
  const bytes = new DerReader(value).readBits('x509: invalid key usage');
  let usage = 0;
  for (let bit = 0; bit < KEY_USAGE_BITS; bit += 1) {
    const octet = bytes[bit >> 3] ?? 0;
    if ((octet & (0x80 >> (bit & 7))) !== 0) usage |= 1 << bit;
  }
  return usage;
}

/** Parses ExtKeyUsageSyntax into dotted OIDs. */
export function parseExtendedKeyUsages(value: Buffer): readonly string[] {
  const failure = 'x509: invalid extended key usages';
  const usages: string[] = [];
  const sequence = new DerReader(value).read(Tag.sequence, failure);
  while (!sequence.isEmpty()) usages.push(readObjectIdentifier(sequence, failure));
  return usages;
}
