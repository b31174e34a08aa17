import { ParseAbort } from './depth.ts';
import type { CompileIssue, Source } from './source.ts';
import type { Token, TokenKind } from './token.ts';

/** What may begin an expression, in the words of cel-go. */
const EXPRESSION =
  "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";

const BEGINNINGS: ReadonlySet<TokenKind> = new Set<TokenKind>([
  '[',
  '{',
  '(',
  '.',
  '-',
  '!',
  'true',
  'false',
  'null',
  'double',
  'int',
  'uint',
  'string',
  'bytes',
  'identifier',
]);

const LITERAL_WORDS: ReadonlySet<TokenKind> = new Set<TokenKind>(['true', 'false', 'null']);

const CLOSING: ReadonlySet<string> = new Set(["')'", "']'", "':'"]);

/** The tokens of an expression, read one by one, and what is found wrong on the way. */
export class TokenStream {
  readonly issues: CompileIssue[] = [];
  readonly #source: Source;
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(source: Source, tokens: readonly Token[]) {
    this.#source = source;
    this.#tokens = tokens;
  }

  /** The kind of the token so many places on. */
  peek(ahead: number = 0): TokenKind {
    return this.#tokens[this.#next + ahead]?.kind ?? 'end';
  }

  advance(): Token {
    return this.#tokens[this.#next++] as Token;
  }

  /** The next token where it is of this kind. */
  take(kind: TokenKind): Token | undefined {
    return this.peek() === kind ? this.advance() : undefined;
  }

  /** The next token, which must be of this kind. */
  expect(kind: TokenKind): Token {
    return this.take(kind) ?? this.unexpected(kind === 'identifier' ? 'IDENTIFIER' : `'${kind}'`);
  }

  /** The name after a dot. */
  fieldName(): Token {
    const token = this.take('identifier');
    if (token !== undefined) return token;
    const { kind, text } = this.#tokens[this.#next] as Token;
    if (LITERAL_WORDS.has(kind)) return this.unexpected('IDENTIFIER');
    return this.#giveUp(`no viable alternative at input '.${kind === 'end' ? '' : text}'`);
  }

  /** Notes something wrong and goes on. */
  report(offset: number, message: string): void {
    this.issues.push({ ...this.#source.location(offset), message });
  }

  /** Gives up at the next token, which is none of those expected. */
  unexpected(expected: string = EXPRESSION): never {
    const { text } = this.#tokens[this.#next] as Token;
    return this.#giveUp(this.#describe(text, expected));
  }

  /** Passes over a token that has no place where an expression should begin, when one begins right after it. */
  skipExtraneous(): boolean {
    if (this.peek() === 'end' || !BEGINNINGS.has(this.peek(1))) return false;
    const { text, offset } = this.advance();
    this.report(offset, `Syntax error: extraneous input '${text}' expecting ${EXPRESSION}`);
    return true;
  }

  #giveUp(problem: string): never {
    const { offset } = this.#tokens[this.#next] as Token;
    throw new ParseAbort({ ...this.#source.location(offset), message: `Syntax error: ${problem}` });
  }

  #describe(text: string, expected: string): string {
    const isAtEnd = this.peek() === 'end';
    if (isAtEnd && CLOSING.has(expected)) return `missing ${expected} at '${text}'`;
    const isLast = expected === '<EOF>' && this.peek(1) === 'end';
    return `${isLast ? 'extraneous' : 'mismatched'} input '${text}' expecting ${expected}`;
  }
}
