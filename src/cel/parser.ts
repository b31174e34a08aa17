import { OperationDepth, ParseAbort, RuleDepth } from './depth.ts';
import { type LiteralReading, readBytes, readDouble, readInt, readString, readUint } from './literal.ts';
import { expandMacro } from './macro.ts';
import { type CompileIssue, NO_LOCATION, type Source } from './source.ts';
import type { Expr, ListExpr, MapEntry, MapExpr, StructExpr, StructField } from './syntax.ts';
import { type Token, type TokenKind, type TokenList, tokenize } from './token.ts';
import { type CelValue, codePointCount } from './value.ts';

/** An expression's tree, macros expanded, or every reason found why the text is none. */
export type Parsing =
  | { readonly ok: true; readonly expr: Expr }
  | { readonly ok: false; readonly issues: readonly CompileIssue[] };

const MAX_CODE_POINTS = 100_000;

/**
 * Parses an expression as cel-go does with Kubernetes' options: its grammar, its limits, its macros. After the first
 * syntax error it looks no further, where cel-go tries to go on; the first error is the same.
 */
export function parse(source: Source): Parsing {
  const size = source.text.length > MAX_CODE_POINTS ? codePointCount(source.text) : 0;
  if (size > MAX_CODE_POINTS) {
    const message = `expression code point size exceeds limit: size: ${size}, limit ${MAX_CODE_POINTS}`;
    return { ok: false, issues: [{ ...NO_LOCATION, message }] };
  }
  const list = tokenize(source.text);
  const parser = new Parser(source, list);
  const expr = parser.start();
  const lexical = list.errors.map(({ text, offset }) => ({
    ...source.location(offset),
    message: `Syntax error: token recognition error at: '${text}'`,
  }));
  const issues = [...lexical, ...parser.issues];
  return expr !== undefined && issues.length === 0 ? { ok: true, expr } : { ok: false, issues };
}

const RESERVED: ReadonlySet<string> = new Set(
  'as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);

const RELATIONS: ReadonlySet<TokenKind> = new Set(['<', '<=', '>=', '>', '==', '!=', 'in']);
const PRECEDENCE: ReadonlyMap<TokenKind, number> = new Map([
  ['+', 1],
  ['-', 1],
  ['*', 2],
  ['/', 2],
  ['%', 2],
]);

/** A parser by recursive descent; the depth of its rules is that of cel-go's. */
class Parser {
  readonly issues: CompileIssue[] = [];
  readonly #source: Source;
  readonly #tokens: readonly Token[];
  readonly #rules = new RuleDepth();
  readonly #operations = new OperationDepth<Expr>();
  #next = 0;

  constructor(source: Source, list: TokenList) {
    this.#source = source;
    this.#tokens = list.tokens;
  }

  /** The whole text as one expression; undefined where that was given up, with the reason among the issues. */
  start(): Expr | undefined {
    try {
      const expr = this.#expression();
      if (this.#peek() !== 'end') this.#unexpected('extraneous');
      this.#operations.check(expr);
      return expr;
    } catch (error) {
      if (!(error instanceof ParseAbort)) throw error;
      if (error.issue !== undefined) this.issues.push(error.issue);
      return undefined;
    }
  }

  #expression(): Expr {
    return this.#rules.within('expression', () => {
      const condition = this.#either();
      const question = this.#take('?');
      if (question === undefined) return condition;
      const accepted = this.#either();
      this.#expect(':');
      return this.#operation('_?_:_', question, [condition, accepted, this.#expression()]);
    });
  }

  #either(): Expr {
    return this.#chain('||', '_||_', () => this.#chain('&&', '_&&_', () => this.#relation(1)));
  }

  /** Terms joined by a logical operator, as a balanced tree. */
  #chain(operator: '||' | '&&', name: string, term: () => Expr): Expr {
    const terms = [term()];
    const operators: Token[] = [];
    for (let token = this.#take(operator); token !== undefined; token = this.#take(operator)) {
      operators.push(token);
      terms.push(term());
    }
    const tree = (low: number, high: number): Expr => {
      if (low > high) return terms[low] as Expr;
      const middle = (low + high + 1) >> 1;
      const args = [tree(low, middle - 1), tree(middle + 1, high)];
      const { offset } = operators[middle] as Token;
      return this.#operations.note({ kind: 'call', name, args, offset }, 0, args);
    };
    return tree(0, operators.length - 1);
  }

  #relation(lowest: number): Expr {
    return this.#rules.within('relation', () => {
      let left = this.#calculation(1);
      while (lowest <= 1 && RELATIONS.has(this.#peek())) {
        const operator = this.#advance();
        const name = operator.kind === 'in' ? '@in' : `_${operator.kind}_`;
        left = this.#operation(name, operator, [left, this.#relation(2)]);
      }
      return left;
    });
  }

  #calculation(lowest: number): Expr {
    return this.#rules.within('calculation', () => {
      let left = this.#unary();
      for (;;) {
        const precedence = PRECEDENCE.get(this.#peek()) ?? 0;
        if (precedence < lowest) return left;
        const operator = this.#advance();
        left = this.#operation(`_${operator.kind}_`, operator, [left, this.#calculation(precedence + 1)]);
      }
    });
  }

  /** An operator written an even number of times is none at all. A single minus before a number belongs to it. */
  #unary(): Expr {
    const operator = this.#take('!') ?? this.#take('-');
    if (operator === undefined) return this.#member(this.#primary());
    const { kind } = operator;
    if (kind === '-' && (this.#peek() === 'int' || this.#peek() === 'double')) {
      return this.#member(this.#number(this.#advance(), operator));
    }
    let isOdd = true;
    while (this.#take(kind) !== undefined) isOdd = !isOdd;
    const operand = this.#member(this.#primary());
    if (!isOdd) return operand;
    const { offset } = operator;
    return this.#operations.note({ kind: 'call', name: `${kind}_`, args: [operand], offset }, 0, [operand]);
  }

  #operation(name: string, operator: Token, args: readonly Expr[]): Expr {
    return this.#operations.note({ kind: 'call', name, args, offset: operator.offset }, 1, args);
  }

  /** Selections, member calls and indexes after a primary. */
  #member(primary: Expr): Expr {
    let target = primary;
    for (;;) {
      const dot = this.#take('.');
      const bracket = dot === undefined ? this.#take('[') : undefined;
      if (dot !== undefined) target = this.#selection(target, dot);
      else if (bracket !== undefined) target = this.#index(target, bracket);
      else return target;
    }
  }

  #selection(target: Expr, dot: Token): Expr {
    const isOptional = this.#take('?') !== undefined;
    const token = this.#peek() === 'escaped' ? this.#advance() : this.#expect('identifier');
    if (token.kind === 'escaped') this.#report(token.offset, "unsupported syntax: '`'");
    const open = isOptional || token.kind === 'escaped' ? undefined : this.#take('(');
    if (open !== undefined) return this.#call({ name: token.text, target, open });
    const { text, offset } = token;
    const select: Expr = isOptional
      ? {
          kind: 'call',
          name: '_?._',
          args: [target, { kind: 'literal', value: text, offset }],
          offset: dot.offset,
        }
      : { kind: 'select', operand: target, field: text, isTest: false, offset: dot.offset };
    return this.#operations.note(select, 1, [target]);
  }

  #index(target: Expr, bracket: Token): Expr {
    const name = this.#take('?') === undefined ? '_[_]' : '_[?_]';
    const index = this.#expression();
    this.#expect(']');
    return this.#operation(name, bracket, [target, index]);
  }

  /** The arguments after an opening parenthesis, and the call, or what a macro makes of it. */
  #call({ name, target, open }: { name: string; target: Expr | undefined; open: Token }): Expr {
    const args: Expr[] = [];
    if (this.#peek() !== ')') {
      do args.push(this.#expression());
      while (this.#take(',') !== undefined);
    }
    this.#expect(')');
    const { offset } = open;
    const children = target === undefined ? args : [target, ...args];
    const step = target === undefined ? 0 : 1;
    const call: Expr = { kind: 'call', name, args, offset, ...(target === undefined ? {} : { target }) };
    const expansion = expandMacro({ name, target, args, offset });
    if (expansion === undefined) return this.#operations.note(call, step, children);
    if (!expansion.ok) this.#report(expansion.offset, expansion.error);
    return this.#operations.note(expansion.ok ? expansion.expr : call, step, children);
  }

  #primary(): Expr {
    const token = this.#advance();
    switch (token.kind) {
      case '.':
        return this.#name(this.#expect('identifier'), token);
      case 'identifier':
        return this.#name(token);
      case '(':
        return this.#nested();
      case '[':
        return this.#list(token);
      case '{':
        return this.#map(token);
      case '-':
        return this.#number(this.#advance(), token);
      case 'int':
      case 'uint':
      case 'double':
        return this.#number(token);
      case 'string':
        return this.#literal(token, readString(token.text));
      case 'bytes':
        return this.#literal(token, readBytes(token.text));
      case 'true':
      case 'false':
        return { kind: 'literal', value: token.kind === 'true', offset: token.offset };
      case 'null':
        return { kind: 'literal', value: null, offset: token.offset };
      default:
        this.#next--;
        return this.#unexpected('mismatched');
    }
  }

  #nested(): Expr {
    const expr = this.#expression();
    this.#expect(')');
    return expr;
  }

  /** A number with the sign before it, which makes part of ints and doubles alone. */
  #number(token: Token, sign?: Token): Expr {
    const start = sign ?? token;
    const prefix = sign === undefined ? '' : '-';
    if (token.kind === 'int') return this.#literal(start, readInt(token.text, prefix));
    if (token.kind === 'double') return this.#literal(start, readDouble(prefix + token.text));
    if (token.kind === 'uint' && sign === undefined) return this.#literal(start, readUint(token.text));
    this.#next--;
    return this.#unexpected('mismatched');
  }

  #literal(token: Token, reading: LiteralReading<CelValue>): Expr {
    if (!reading.ok) this.#report(token.offset, reading.error);
    return { kind: 'literal', value: reading.ok ? reading.value : null, offset: token.offset };
  }

  /** An identifier, a global call, or the name of a message before its fields. */
  #name(token: Token, dot?: Token): Expr {
    const typeName = this.#messageName(token, dot);
    if (typeName !== undefined) return this.#struct(typeName);
    const name = `${dot === undefined ? '' : '.'}${token.text}`;
    const open = this.#take('(');
    const start = (dot ?? token).offset;
    if (RESERVED.has(token.text)) this.#report(start, `reserved identifier: ${token.text}`);
    if (open !== undefined) return this.#call({ name, target: undefined, open });
    return { kind: 'ident', name, offset: token.offset };
  }

  /** `a.b.C` where an opening brace follows it; the tokens before the brace are taken. */
  #messageName(first: Token, dot: Token | undefined): string | undefined {
    let name = `${dot === undefined ? '' : '.'}${first.text}`;
    let at = this.#next;
    while (this.#tokens[at]?.kind === '.' && this.#tokens[at + 1]?.kind === 'identifier') {
      name += `.${this.#tokens[at + 1]?.text}`;
      at += 2;
    }
    if (this.#tokens[at]?.kind !== '{') return undefined;
    this.#next = at;
    return name;
  }

  #struct(typeName: string): StructExpr {
    const { offset } = this.#expect('{');
    const fields = this.#sequence('}', () => this.#field());
    const struct: StructExpr = { kind: 'struct', typeName, fields, offset };
    const values = fields.map((field) => field.value);
    return this.#operations.note(struct, 0, values) as StructExpr;
  }

  #field(): StructField {
    const isOptional = this.#take('?') !== undefined;
    const name = this.#peek() === 'escaped' ? this.#advance() : this.#expect('identifier');
    if (name.kind === 'escaped') this.#report(name.offset, "unsupported syntax: '`'");
    const { offset } = this.#expect(':');
    return { name: name.text, value: this.#expression(), isOptional, offset };
  }

  #list({ offset }: Token): ListExpr {
    const optionals = new Set<number>();
    let index = 0;
    const elements = this.#sequence(']', () => {
      if (this.#take('?') !== undefined) optionals.add(index);
      index++;
      return this.#expression();
    });
    const list: ListExpr = { kind: 'list', elements, optionals, offset };
    return this.#operations.note(list, 0, elements) as ListExpr;
  }

  #map({ offset }: Token): MapExpr {
    const entries = this.#sequence('}', () => this.#entry());
    const map: MapExpr = { kind: 'map', entries, offset };
    const children = entries.flatMap(({ key, value }) => [key, value]);
    return this.#operations.note(map, 0, children) as MapExpr;
  }

  #entry(): MapEntry {
    const isOptional = this.#take('?') !== undefined;
    const key = this.#expression();
    this.#expect(':');
    return { key, value: this.#expression(), isOptional };
  }

  /** Items between commas up to the closing token; one comma may stand before it, even alone. */
  #sequence<T>(close: ']' | '}', item: () => T): T[] {
    const items: T[] = [];
    while (this.#peek() !== close && this.#peek() !== ',') {
      items.push(item());
      if (this.#take(',') === undefined) break;
      if (this.#peek() === ',') this.#unexpected('mismatched');
    }
    if (items.length === 0) this.#take(',');
    this.#expect(close);
    return items;
  }

  #peek(): TokenKind {
    return (this.#tokens[this.#next] as Token).kind;
  }

  #advance(): Token {
    return this.#tokens[this.#next++] as Token;
  }

  #take(kind: TokenKind): Token | undefined {
    return this.#peek() === kind ? this.#advance() : undefined;
  }

  #expect(kind: TokenKind): Token {
    const token = this.#take(kind);
    if (token === undefined) return this.#unexpected('mismatched', kind);
    return token;
  }

  #report(offset: number, message: string): void {
    this.issues.push({ ...this.#source.location(offset), message });
  }

  #unexpected(what: 'mismatched' | 'extraneous', expected?: TokenKind): never {
    const token = this.#tokens[this.#next] as Token;
    const wanted = what === 'extraneous' ? '<EOF>' : expectation(expected);
    const message = `Syntax error: ${what} input '${token.text}' expecting ${wanted}`;
    throw new ParseAbort({ ...this.#source.location(token.offset), message });
  }
}

/** What may begin an expression, in the words of cel-go. */
const EXPRESSION =
  "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";

function expectation(kind: TokenKind | undefined): string {
  if (kind === undefined) return EXPRESSION;
  return kind === 'identifier' ? 'IDENTIFIER' : `'${kind}'`;
}
