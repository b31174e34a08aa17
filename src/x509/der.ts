/** What a parser of this folder throws on malformed input, and its public function turns into a value. */
export class MalformedError extends Error {}

/** The tags that certificates use (X.690 §8.1.2), as whole identifier octets. */
export const Tag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  numericString: 0x12,
  printableString: 0x13,
  t61String: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

/** The identifier octet of a primitive context-specific tag. */
export function contextTag(number: number): number {
  return 0x80 | number;
}

/** The identifier octet of a constructed context-specific tag. */
export function constructedContextTag(number: number): number {
  return 0xa0 | number;
}

const HIGH_TAG_NUMBER = 0x1f;

/**
 * A cursor over DER: definite lengths in their shortest form (X.690 §10.1), tags of one octet, nothing copied.
 * Contents are read by another cursor over the same bytes, so the nesting of the input is never followed further than
 * the parser asks. Every method takes the text to fail with, and throws it in a `MalformedError`.
 */
export class DerReader {
  private readonly bytes: Buffer;
  private position: number;
  private readonly end: number;
  private contentStart = 0;
  private contentEnd = 0;

  constructor(bytes: Buffer, start: number = 0, end: number = bytes.length) {
    this.bytes = bytes;
    this.position = start;
    this.end = end;
  }

  isEmpty(): boolean {
    return this.position >= this.end;
  }

  /** Whether the next element has this tag; its length is not looked at. */
  isNext(tag: number): boolean {
    return this.position < this.end && this.bytes[this.position] === tag;
  }

  /** The tag of the next element; the element must be well formed. */
  nextTag(failure: string): number {
    return this.readHeader(failure);
  }

  /** A cursor over the contents of the next element, which must have this tag. */
  read(tag: number, failure: string): DerReader {
    this.expect(tag, failure);
    this.position = this.contentEnd;
    return new DerReader(this.bytes, this.contentStart, this.contentEnd);
  }

  /** The contents of the next element, which must have this tag. */
  readContents(tag: number, failure: string): Buffer {
    this.expect(tag, failure);
    this.position = this.contentEnd;
    return this.bytes.subarray(this.contentStart, this.contentEnd);
  }

  /** The contents of the next element, whatever its tag; ask `nextTag` before. */
  readAny(failure: string): Buffer {
    this.readHeader(failure);
    this.position = this.contentEnd;
    return this.bytes.subarray(this.contentStart, this.contentEnd);
  }

  /** The whole next element, header and all, which must have this tag. */
  readElement(tag: number, failure: string): Buffer {
    const start = this.position;
    this.expect(tag, failure);
    this.position = this.contentEnd;
    return this.bytes.subarray(start, this.position);
  }

  /** The whole next element, whatever its tag. */
  readAnyElement(failure: string): Buffer {
    const start = this.position;
    this.readHeader(failure);
    this.position = this.contentEnd;
    return this.bytes.subarray(start, this.position);
  }

  /** A cursor over the contents of the next element where it has this tag; otherwise nothing is read. */
  readOptional(tag: number, failure: string): DerReader | undefined {
    return this.isNext(tag) ? this.read(tag, failure) : undefined;
  }

  /** X.690 §11.1: TRUE is 0xff and nothing else. */
  readBoolean(failure: string): boolean {
    this.expect(Tag.boolean, failure);
    const value = this.bytes[this.contentStart];
    if (this.contentEnd - this.contentStart !== 1 || (value !== 0 && value !== 0xff)) {
      throw new MalformedError(failure);
    }
    this.position = this.contentEnd;
    return value === 0xff;
  }

  /**
   * The contents of an INTEGER (or of a tag that stands for one): two's complement, in as few octets as possible
   * (X.690 §8.3.2).
   */
  readIntegerBytes(failure: string, tag: number = Tag.integer): Buffer {
    const contents = this.readContents(tag, failure);
    const first = contents[0];
    if (first === undefined) throw new MalformedError(failure);
    if (contents.length > 1) {
      const second = contents[1] ?? 0;
      const isPadded = (first === 0 && second < 0x80) || (first === 0xff && second >= 0x80);
      if (isPadded) throw new MalformedError(failure);
    }
    return contents;
  }

  readInteger(failure: string): bigint {
    return toBigInt(this.readIntegerBytes(failure));
  }

  /** An INTEGER of at most 64 bits, as a number: exact to 2⁵³, and beyond that larger than any count. */
  readSmallInteger(failure: string, tag: number = Tag.integer): number {
    const contents = this.readIntegerBytes(failure, tag);
    if (contents.length > 8) throw new MalformedError(failure);
    return Number(toBigInt(contents));
  }

  /**
   * The octets of a BIT STRING, its first bit the highest of the first octet. At most 7 bits of the last octet are
   * unused, and those are zero (X.690 §§8.6.2, 11.2.1).
   */
  readBits(failure: string): Buffer {
    const contents = this.readContents(Tag.bitString, failure);
    const unusedBits = contents[0];
    if (unusedBits === undefined || unusedBits > 7) throw new MalformedError(failure);
    const last = contents.length > 1 ? (contents[contents.length - 1] ?? 0) : 0;
    const isPaddingOfNothing = contents.length === 1 && unusedBits !== 0;
    if (isPaddingOfNothing || (last & ((1 << unusedBits) - 1)) !== 0) throw new MalformedError(failure);
    return contents.subarray(1);
  }

  /**
   * The value of a BIT STRING that stands for octets, such as a key or a signature: unused bits shift it to the
   * right, as in Go.
   */
  readOctetsOfBits(failure: string): Buffer {
    const unusedBits = this.isNext(Tag.bitString) ? (this.peekContents(failure)[0] ?? 0) : 0;
    const bytes = this.readBits(failure);
    if (unusedBits === 0) return bytes;
    return Buffer.from(
      bytes.map((byte, index) => (byte >> unusedBits) | ((bytes[index - 1] ?? 0) << (8 - unusedBits))),
    );
  }

  private peekContents(failure: string): Buffer {
    this.readHeader(failure);
    return this.bytes.subarray(this.contentStart, this.contentEnd);
  }

  private expect(tag: number, failure: string): void {
    if (this.readHeader(failure) !== tag) throw new MalformedError(failure);
  }

  /** Reads the header of the next element without passing it; returns its tag. */
  private readHeader(failure: string): number {
    const { bytes, end } = this;
    let position = this.position;
    if (position + 2 > end) throw new MalformedError(failure);
    const tag = bytes[position] ?? 0;
    if ((tag & HIGH_TAG_NUMBER) === HIGH_TAG_NUMBER) throw new MalformedError(failure);
    let length = bytes[position + 1] ?? 0;
    position += 2;
    if (length >= 0x80) {
      const octets = length & 0x7f;
      // 0 octets would be the indefinite form, which only BER has; no certificate needs more than 4.
      if (octets === 0 || octets > 4 || position + octets > end) throw new MalformedError(failure);
      length = bytes.readUIntBE(position, octets);
      const isShortest = length >= (octets === 1 ? 0x80 : 2 ** (8 * (octets - 1)));
      if (!isShortest) throw new MalformedError(failure);
      position += octets;
    }
    if (length > end - position) throw new MalformedError(failure);
    this.contentStart = position;
    this.contentEnd = position + length;
    return tag;
  }
}

/** The value of INTEGER contents. */
export function toBigInt(contents: Buffer): bigint {
  const unsigned = contents.length === 0 ? 0n : BigInt(`0x${contents.toString('hex')}`);
  const isNegative = (contents[0] ?? 0) >= 0x80;
  return isNegative ? unsigned - (1n << BigInt(8 * contents.length)) : unsigned;
}
