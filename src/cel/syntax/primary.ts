import type { OperationDepth } from './depth.ts';
import { type LiteralReading, readBytes, readDouble, readInt, readString, readUint } from './literal.ts';
import type { Expr, ListExpr, MapEntry, MapExpr, StructExpr, StructField } from './expr.ts';
import type { Token, TokenKind } from './token.ts';
import type { TokenStream } from './token-stream.ts';
import type { CelValue } from '../value.ts';

/** What a primary needs of the rules around it. */
export interface Surroundings {
  readonly operations: OperationDepth<Expr>;
  expression(): Expr;
  /** The call of a global function, from its opening parenthesis on. */
  globalCall(name: string, open: Token): Expr;
}

const RESERVED: ReadonlySet<string> = new Set(
  'as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);

/** How to read the literals that are one token each. */
const READERS: ReadonlyMap<TokenKind, (text: string) => LiteralReading<CelValue>> = new Map<
  TokenKind,
  (text: string) => LiteralReading<CelValue>
>([
  ['int', (text) => readInt(text, '')],
  ['uint', readUint],
  ['double', readDouble],
  ['string', readString],
  ['bytes', readBytes],
  ['true', () => ({ ok: true, value: true })],
  ['false', () => ({ ok: true, value: false })],
  ['null', () => ({ ok: true, value: null })],
]);

/** Parses what operators join: literals, names, global calls, lists, maps, messages, and expressions in parentheses. */
export class PrimaryParser {
  readonly #tokens: TokenStream;
  readonly #around: Surroundings;

  constructor(tokens: TokenStream, around: Surroundings) {
    this.#tokens = tokens;
    this.#around = around;
  }

  parse(): Expr {
    const found = this.#find();
    if (found !== undefined) return found;
    return (this.#tokens.skipExtraneous() ? this.#find() : undefined) ?? this.#tokens.unexpected();
  }

  #find(): Expr | undefined {
    return this.#literal() ?? this.#name() ?? this.#bracketed();
  }

  /** A literal; a minus before an int or a double belongs to it. */
  #literal(): Expr | undefined {
    const tokens = this.#tokens;
    const sign = tokens.take('-');
    if (sign !== undefined) return this.#negative(sign);
    const read = READERS.get(tokens.peek());
    return read === undefined ? undefined : this.#read(tokens.advance(), read);
  }

  #negative(sign: Token): Expr {
    const int = this.#tokens.take('int');
    if (int !== undefined) return this.#read({ ...sign, text: int.text }, (digits) => readInt(digits, '-'));
    const double = this.#tokens.take('double') ?? this.#tokens.unexpected('{NUM_FLOAT, NUM_INT}');
    return this.#read({ ...sign, text: double.text }, (digits) => readDouble(`-${digits}`));
  }

  #read({ text, offset }: Token, read: (text: string) => LiteralReading<CelValue>): Expr {
    const reading = read(text);
    if (!reading.ok) this.#tokens.report(offset, reading.error);
    return { kind: 'literal', value: reading.ok ? reading.value : null, offset };
  }

  /** An identifier, a global call, or the name of a message before its fields. */
  #name(): Expr | undefined {
    const tokens = this.#tokens;
    const dot = tokens.take('.');
    if (dot === undefined && tokens.peek() !== 'identifier') return undefined;
    const token = tokens.expect('identifier');
    const name = `${dot?.text ?? ''}${token.text}`;
    const typeName = this.#messageName(name);
    if (typeName !== undefined) return this.#struct(typeName);
    if (RESERVED.has(token.text)) {
      tokens.report((dot ?? token).offset, `reserved identifier: ${token.text}`);
    }
    const open = tokens.take('(');
    if (open !== undefined) return this.#around.globalCall(name, open);
    return { kind: 'ident', name, offset: token.offset };
  }

  /** The whole of `a.b.C` where an opening brace follows it; its tokens are taken then. */
  #messageName(first: string): string | undefined {
    const tokens = this.#tokens;
    let length = 0;
    while (tokens.peek(length) === '.' && tokens.peek(length + 1) === 'identifier') length += 2;
    if (tokens.peek(length) !== '{') return undefined;
    const rest = Array.from({ length }, () => tokens.advance().text);
    return first + rest.join('');
  }

  #struct(typeName: string): Expr {
    const { offset } = this.#tokens.expect('{');
    const fields = this.#sequence('}', () => this.#field());
    const struct: StructExpr = { kind: 'struct', typeName, fields, offset };
    const values = fields.map((field) => field.value);
    return this.#around.operations.note(struct, 0, values);
  }

  #field(): StructField {
    const tokens = this.#tokens;
    const isOptional = tokens.take('?') !== undefined;
    const name = tokens.take('escaped') ?? tokens.expect('identifier');
    if (name.kind === 'escaped') tokens.report(name.offset, "unsupported syntax: '`'");
    const { offset } = tokens.expect(':');
    return { name: name.text, value: this.#around.expression(), isOptional, offset };
  }

  #bracketed(): Expr | undefined {
    const tokens = this.#tokens;
    const list = tokens.take('[');
    if (list !== undefined) return this.#list(list);
    const map = tokens.take('{');
    if (map !== undefined) return this.#map(map);
    if (tokens.take('(') === undefined) return undefined;
    const nested = this.#around.expression();
    tokens.expect(')');
    return nested;
  }

  #list({ offset }: Token): Expr {
    const optionals = new Set<number>();
    let index = 0;
    const elements = this.#sequence(']', () => {
      if (this.#tokens.take('?') !== undefined) optionals.add(index);
      index++;
      return this.#around.expression();
    });
    const list: ListExpr = { kind: 'list', elements, optionals, offset };
    return this.#around.operations.note(list, 0, elements);
  }

  #map({ offset }: Token): Expr {
    const entries = this.#sequence('}', () => this.#entry());
    const map: MapExpr = { kind: 'map', entries, offset };
    const children = entries.flatMap(({ key, value }) => [key, value]);
    return this.#around.operations.note(map, 0, children);
  }

  #entry(): MapEntry {
    const isOptional = this.#tokens.take('?') !== undefined;
    const key = this.#around.expression();
    this.#tokens.expect(':');
    return { key, value: this.#around.expression(), isOptional };
  }

  /** Items between commas up to the closing token; one comma may stand before that, even alone. */
  #sequence<T>(close: ']' | '}', item: () => T): T[] {
    const tokens = this.#tokens;
    const items: T[] = [];
    while (tokens.peek() !== close && tokens.peek() !== ',') {
      items.push(item());
      if (tokens.take(',') === undefined) break;
      if (tokens.peek() === ',') tokens.unexpected();
    }
    if (items.length === 0) tokens.take(',');
    if (tokens.take(close) === undefined) tokens.unexpected(`{'${close}', ','}`);
    return items;
  }
}
