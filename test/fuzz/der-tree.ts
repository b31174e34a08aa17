/** An element of DER to be changed at will: what it contains is octets or elements, and its length may be made to lie. */
export interface Element {
  tag: number;
  /** Octets before the children, such as the count of unused bits of a BIT STRING. */
  prefix: Buffer;
  contents: Buffer | Element[];
  /** Written in place of the length. */
  falseLength?: Buffer;
}

const OCTETS_THAT_MAY_CONTAIN: ReadonlyMap<number, number> = new Map([
  [0x03, 1],
  [0x04, 0],
]);

/** Takes bytes apart as far as they are DER, into strings that contain DER as well; undefined where they are not one element. */
export function toTree(bytes: Buffer): Element | undefined {
  const elements = toElements(bytes);
  return elements?.length === 1 ? elements[0] : undefined;
}

/** Puts a tree together again, with lengths that are right but for the false ones. */
export function toBytes({ tag, prefix, contents, falseLength }: Element): Buffer {
  const body = Buffer.isBuffer(contents) ? contents : Buffer.concat(contents.map(toBytes));
  const length = falseLength ?? lengthOctets(prefix.length + body.length);
  return Buffer.concat([Buffer.of(tag), length, prefix, body]);
}

/** All elements of a tree, parents first. */
export function allElements(root: Element): Element[] {
  const found = [root];
  for (const element of found) {
    if (!Buffer.isBuffer(element.contents)) found.push(...element.contents);
  }
  return found;
}

/** A copy that shares no element with the original. */
export function copyOf(element: Element): Element {
  const { contents } = element;
  return { ...element, contents: Buffer.isBuffer(contents) ? contents : contents.map(copyOf) };
}

/** The DER length of so many octets. */
export function lengthOctets(length: number): Buffer {
  if (length < 0x80) return Buffer.of(length);
  const hex = length.toString(16);
  const octets = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return Buffer.concat([Buffer.of(0x80 | octets.length), octets]);
}

function toElements(bytes: Buffer): Element[] | undefined {
  const elements: Element[] = [];
  for (let position = 0; position < bytes.length; ) {
    const header = readHeader(bytes, position);
    if (header === undefined) return undefined;
    elements.push(toElement(header.tag, bytes.subarray(header.start, header.end)));
    position = header.end;
  }
  return elements;
}

function toElement(tag: number, body: Buffer): Element {
  const isConstructed = (tag & 0x20) !== 0;
  const prefixLength = isConstructed ? 0 : OCTETS_THAT_MAY_CONTAIN.get(tag);
  if (prefixLength === undefined || body.length <= prefixLength) {
    return { tag, prefix: Buffer.alloc(0), contents: isConstructed ? [] : body };
  }
  const children = toElements(body.subarray(prefixLength));
  return children === undefined
    ? { tag, prefix: Buffer.alloc(0), contents: body }
    : { tag, prefix: body.subarray(0, prefixLength), contents: children };
}

function readHeader(
  bytes: Buffer,
  position: number,
): { tag: number; start: number; end: number } | undefined {
  const [tag, first] = bytes.subarray(position, position + 2);
  if (tag === undefined || first === undefined) return undefined;
  const octets = first < 0x80 ? 0 : first & 0x7f;
  const start = position + 2 + octets;
  if (octets > 4 || start > bytes.length) return undefined;
  const length = octets === 0 ? first & 0x7f : bytes.readUIntBE(position + 2, octets);
  const end = start + length;
  return end > bytes.length || (first === 0x80 && octets === 0) ? undefined : { tag, start, end };
}
