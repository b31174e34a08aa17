import { quoteGo } from './go-syntax.ts';
import { TracedText } from './traced-text.ts';
import type { MapEntry, ReadError, ReadResult, StringNode, ValueNode } from './value-node.ts';

/** Far deeper than any field; Go's own limit of 10000 would exhaust our stack. */
const MAX_DEPTH = 100;

const WHITE_SPACE = ' \t\r\n';
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

/** What Go takes for white space before the brace that makes a text JSON; a byte order mark is none. */
const START = /^[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*\{/;

/** Whether kube-apiserver reads a text as JSON, and not as YAML. */
export function isJsonText(text: string): boolean {
  return START.test(text);
}

/** Reads a JSON text, with Go's encoding/json's words for what is none. Keys that are set twice are both kept. */
export function readJson(text: string): ReadResult {
  try {
    const root = new JsonReader(text).read();
    return { ok: true, root, duplicates: [] };
  } catch (error) {
    if (!(error instanceof JsonFailure)) throw error;
    const { message, start, end } = error;
    return { ok: false, error: { message, start, end } };
  }
}

/** Thrown inside the reader and caught at its one public function. */
class JsonFailure extends Error implements ReadError {
  override readonly name: string = 'JsonFailure';
  readonly start: number;
  readonly end: number;

  constructor(message: string, at: number) {
    super(message);
    this.start = at;
    this.end = at;
  }
}

class JsonReader {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): ValueNode {
    const value = this.#readValue();
    this.#skipSpace();
    if (this.#at < this.#text.length) this.#fail('after top-level value');
    return value;
  }

  #readValue(): ValueNode {
    this.#skipSpace();
    const character = this.#peek();
    if (character === '{') return this.#nested(() => this.#readMap());
    if (character === '[') return this.#nested(() => this.#readList());
    if (character === '"') return this.#readString();
    if (character === '-' || isDigit(character)) return this.#readNumber();
    if (character === 't') return this.#readWord('true');
    if (character === 'f') return this.#readWord('false');
    if (character === 'n') return this.#readWord('null');
    return this.#fail('looking for beginning of value');
  }

  #nested(read: () => ValueNode): ValueNode {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw new JsonFailure('exceeded max depth', this.#at);
    const value = read();
    this.#depth -= 1;
    return value;
  }

  #readMap(): ValueNode {
    const start = this.#at;
    const entries: MapEntry[] = [];
    this.#at += 1;
    this.#skipSpace();
    while (entries.length > 0 || this.#peek() !== '}') {
      this.#skipSpace();
      if (this.#peek() !== '"') this.#fail('looking for beginning of object key string');
      const key = this.#readString();
      this.#skipSpace();
      if (this.#peek() !== ':') this.#fail('after object key');
      this.#at += 1;
      entries.push({
        key: key.value,
        keyRange: { start: key.start, end: key.end },
        value: this.#readValue(),
      });
      this.#skipSpace();
      if (this.#peek() === '}') break;
      if (this.#peek() !== ',') this.#fail('after object key:value pair');
      this.#at += 1;
    }
    this.#at += 1;
    return { kind: 'map', entries, start, end: this.#at };
  }

  #readList(): ValueNode {
    const start = this.#at;
    const items: ValueNode[] = [];
    this.#at += 1;
    this.#skipSpace();
    while (items.length > 0 || this.#peek() !== ']') {
      items.push(this.#readValue());
      this.#skipSpace();
      if (this.#peek() === ']') break;
      if (this.#peek() !== ',') this.#fail('after array element');
      this.#at += 1;
    }
    this.#at += 1;
    return { kind: 'list', items, start, end: this.#at };
  }

  #readString(): StringNode {
    const start = this.#at;
    const value = new TracedText(this.#text);
    this.#at += 1;
    while (this.#peek() !== '"') {
      const from = this.#at;
      if (this.#peek() === '\\') {
        value.write(this.#readEscape(), from, this.#at);
      } else {
        while (!isSpecial(this.#peek())) this.#at += 1;
        value.copy(from, this.#at);
        if (this.#at === from) this.#fail('in string literal');
      }
    }
    this.#at += 1;
    return { kind: 'string', value: value.value, pieces: value.pieces, start, end: this.#at };
  }

  #readEscape(): string {
    this.#at += 1;
    const letter = this.#peek();
    if (letter === 'u') {
      this.#at += 1;
      return this.#readUnit();
    }
    const value = ESCAPES[letter];
    if (value === undefined) this.#fail('in string escape code');
    this.#at += 1;
    return value;
  }

  /** The code unit of a `\u`, with the other half of its pair; a half alone is U+FFFD, as it is to Go. */
  #readUnit(): string {
    const unit = this.#readHex();
    const isHigh = unit >= 0xd800 && unit <= 0xdbff;
    const next = /^\\u[dD][c-fC-F][0-9a-fA-F]{2}/.exec(this.#text.slice(this.#at, this.#at + 6));
    if (isHigh && next !== null) {
      this.#at += 2;
      return String.fromCharCode(unit, this.#readHex());
    }
    return unit >= 0xd800 && unit <= 0xdfff ? '\ufffd' : String.fromCharCode(unit);
  }

  #readHex(): number {
    const from = this.#at;
    while (this.#at < from + 4) {
      if (!/^[0-9a-fA-F]$/.test(this.#peek())) this.#fail('in \\u hexadecimal character escape');
      this.#at += 1;
    }
    return Number.parseInt(this.#text.slice(from, this.#at), 16);
  }

  #readNumber(): ValueNode {
    const start = this.#at;
    if (this.#peek() === '-') this.#at += 1;
    if (this.#peek() === '0') this.#at += 1;
    else this.#skipDigits('in numeric literal');
    if (this.#peek() === '.') {
      this.#at += 1;
      this.#skipDigits('after decimal point in numeric literal');
    }
    if (this.#peek() === 'e' || this.#peek() === 'E') {
      this.#at += 1;
      if (this.#peek() === '+' || this.#peek() === '-') this.#at += 1;
      this.#skipDigits('in exponent of numeric literal');
    }
    return { kind: 'number', start, end: this.#at };
  }

  #skipDigits(place: string): void {
    if (!isDigit(this.#peek())) this.#fail(place);
    while (isDigit(this.#peek())) this.#at += 1;
  }

  #readWord(word: 'true' | 'false' | 'null'): ValueNode {
    const start = this.#at;
    for (const letter of word) {
      if (this.#peek() !== letter) this.#fail(`in literal ${word} (expecting '${letter}')`);
      this.#at += 1;
    }
    const range = { start, end: this.#at };
    return word === 'null' ? { kind: 'null', ...range } : { kind: 'bool', value: word === 'true', ...range };
  }

  #skipSpace(): void {
    while (this.#peek() !== '' && WHITE_SPACE.includes(this.#peek())) this.#at += 1;
  }

  #peek(): string {
    return this.#text.charAt(this.#at);
  }

  #fail(place: string): never {
    const character = this.#peek();
    if (character === '') throw new JsonFailure('unexpected end of JSON input', this.#at);
    throw new JsonFailure(`invalid character ${quoteByte(this.#text, this.#at)} ${place}`, this.#at);
  }
}

function isDigit(character: string): boolean {
  return character >= '0' && character <= '9' && character.length === 1;
}

/** What ends a run of characters that stand for themselves. */
function isSpecial(character: string): boolean {
  return character < ' ' || character === '"' || character === '\\';
}

/** The first byte of a character, as Go quotes it. */
function quoteByte(text: string, at: number): string {
  const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
  const byte = Buffer.from(character).readUInt8(0);
  if (character === "'") return "'\\''";
  if (character === '"') return "'\"'";
  return `'${quoteGo(String.fromCharCode(byte)).slice(1, -1)}'`;
}
