import { type DerReader, MalformedError, Tag } from './der.ts';

/** Go keeps an arc in 31 bits; a longer one does not parse. */
const MAX_ARC = 2 ** 31;

/** Reads an OBJECT IDENTIFIER as dotted decimals, its arcs in as few octets as possible (X.690 §8.19). */
export function readObjectIdentifier(reader: DerReader, failure: string): string {
  return toDotted(reader.readContents(Tag.objectIdentifier, failure), failure);
}

function toDotted(contents: Buffer, failure: string): string {
  if (contents.length === 0) throw new MalformedError(failure);
  let dotted = '';
  let arc = 0;
  let isArcStart = true;
  for (const octet of contents) {
    const isPadding = isArcStart && octet === 0x80;
    arc = arc * 128 + (octet & 0x7f);
    if (isPadding || arc >= MAX_ARC) throw new MalformedError(failure);
    isArcStart = octet < 0x80;
    if (!isArcStart) continue;
    dotted += dotted === '' ? firstArcs(arc) : `.${arc}`;
    arc = 0;
  }
  if (!isArcStart) throw new MalformedError(failure);
  return dotted;
}

/** X.690 §8.19.4: the first two arcs share one number. */
function firstArcs(value: number): string {
  if (value >= 80) return `2.${value - 80}`;
  return value >= 40 ? `1.${value - 40}` : `0.${value}`;
}

/**
 * Reads an OBJECT IDENTIFIER that is only ever compared, such as a certificate policy: its contents as a key, of arcs
 * of any size.
 */
export function readOpaqueObjectIdentifier(reader: DerReader, failure: string): string {
  const contents = reader.readContents(Tag.objectIdentifier, failure);
  let isArcStart = true;
  for (const octet of contents) {
    if (isArcStart && octet === 0x80) throw new MalformedError(failure);
    isArcStart = octet < 0x80;
  }
  if (contents.length === 0 || !isArcStart) throw new MalformedError(failure);
  return contents.toString('latin1');
}
