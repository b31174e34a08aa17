import { CelError } from '../error.ts';
import { quote } from './go-quote.ts';

/** A parsed address: 4 or 16 bytes, and the zone after `%`, empty where there is none. */
export interface ParsedAddress {
  readonly bytes: Uint8Array;
  readonly zone: string;
}

/** Go's `netip.ParseAddr`, with its error texts: dotted IPv4 without leading zeros, or IPv6 with an optional zone. */
export function parseAddress(text: string): ParsedAddress | CelError {
  const first = /[.:%]/.exec(text)?.[0];
  if (first === undefined) return failure(text, 'unable to parse IP');
  if (first === '%') return failure(text, 'missing IPv6 address');
  if (first === ':') return new Ipv6Reader(text).read();
  const bytes = parseOctets(text, text);
  return bytes instanceof CelError ? bytes : { bytes, zone: '' };
}

function failure(text: string, reason: string, at = ''): CelError {
  return new CelError(`ParseAddr(${quote(text)}): ${reason}${at === '' ? '' : ` (at ${quote(at)})`}`);
}

/** The four octets of a dotted address, which is the whole text or ends it. */
function parseOctets(text: string, dotted: string): Uint8Array | CelError {
  const octets = [0];
  let isOctetBegun = false;
  for (let index = 0; index < dotted.length; index++) {
    const character = dotted.charAt(index);
    const octet = octets.at(-1) ?? 0;
    if (character >= '0' && character <= '9') {
      if (isOctetBegun && octet === 0) return failure(text, 'IPv4 field has octet with leading zero');
      const value = octet * 10 + Number(character);
      if (value > 255) return failure(text, 'IPv4 field has value >255');
      octets[octets.length - 1] = value;
      isOctetBegun = true;
    } else if (character !== '.') {
      return failure(text, 'unexpected character', dotted.slice(index));
    } else if (!isOctetBegun || index === dotted.length - 1) {
      return failure(text, 'IPv4 field must have at least one digit', dotted.slice(index));
    } else if (octets.length === 4) {
      return failure(text, 'IPv4 address too long');
    } else {
      octets.push(0);
      isOctetBegun = false;
    }
  }
  return octets.length === 4 ? Uint8Array.from(octets) : failure(text, 'IPv4 address too short');
}

/** Reads fields of 16 bits from the left until 16 bytes are full or the text ends. */
class Ipv6Reader {
  readonly #text: string;
  readonly #bytes: number[] = [];
  /** Where the zeros of `::` go; -1 while there is none. */
  #gap = -1;
  #rest: string;

  constructor(text: string) {
    this.#text = text;
    this.#rest = text;
  }

  read(): ParsedAddress | CelError {
    const percent = this.#text.indexOf('%');
    const zone = percent < 0 ? '' : this.#text.slice(percent + 1);
    if (percent >= 0) this.#rest = this.#text.slice(0, percent);
    if (percent >= 0 && zone === '') return failure(this.#text, 'zone must be a non-empty string');
    if (this.#rest.startsWith('::')) {
      this.#gap = 0;
      this.#rest = this.#rest.slice(2);
    }
    while (this.#bytes.length < 16 && (this.#rest !== '' || this.#gap !== 0)) {
      const step = this.#rest === '' && this.#bytes.length > 0 ? 'end' : this.#field();
      if (step instanceof CelError) return step;
      if (step === 'end') break;
    }
    const bytes = this.#finish();
    return bytes instanceof CelError ? bytes : { bytes, zone };
  }

  #field(): CelError | 'end' | 'more' {
    const digits = /^[\dA-Fa-f]*/.exec(this.#rest)?.[0] ?? '';
    if (digits.length > 4) return this.#failure('each group must have 4 or less digits');
    if (digits === '') return this.#failure('each colon-separated field must have at least one digit');
    if (this.#rest.charAt(digits.length) === '.') return this.#embedded();
    const value = Number.parseInt(digits, 16);
    this.#bytes.push(value >> 8, value & 0xff);
    this.#rest = this.#rest.slice(digits.length);
    return this.#rest === '' ? 'end' : this.#colon();
  }

  #colon(): CelError | 'end' | 'more' {
    if (!this.#rest.startsWith(':')) return this.#failure('unexpected character, want colon');
    if (this.#rest.length === 1) return this.#failure('colon must be followed by more characters');
    this.#rest = this.#rest.slice(1);
    if (!this.#rest.startsWith(':')) return 'more';
    if (this.#gap >= 0) return this.#failure('multiple :: in address');
    this.#gap = this.#bytes.length;
    this.#rest = this.#rest.slice(1);
    return this.#rest === '' ? 'end' : 'more';
  }

  /** The last 32 bits written as a dotted address. */
  #embedded(): CelError | 'end' {
    if (this.#gap < 0 && this.#bytes.length !== 12) {
      return this.#failure('embedded IPv4 address must replace the final 2 fields of the address');
    }
    if (this.#bytes.length > 12) {
      return this.#failure('too many hex fields to fit an embedded IPv4 at the end of the address');
    }
    const octets = parseOctets(this.#text, this.#rest);
    if (octets instanceof CelError) return octets;
    this.#bytes.push(...octets);
    this.#rest = '';
    return 'end';
  }

  #finish(): Uint8Array | CelError {
    if (this.#rest !== '') return this.#failure('trailing garbage after address');
    const missing = 16 - this.#bytes.length;
    if (this.#gap < 0) {
      return missing === 0 ? Uint8Array.from(this.#bytes) : failure(this.#text, 'address string too short');
    }
    if (missing === 0) return failure(this.#text, 'the :: must expand to at least one field of zeros');
    return Uint8Array.from(this.#bytes.toSpliced(this.#gap, 0, ...Array<number>(missing).fill(0)));
  }

  #failure(reason: string): CelError {
    return failure(this.#text, reason, this.#rest);
  }
}
