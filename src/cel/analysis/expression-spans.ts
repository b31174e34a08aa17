import type { Expr } from '../syntax/expr.ts';
import { type Token, tokenize } from '../syntax/token.ts';

/** A stretch of an expression's text in UTF-16 units; the end exclusive. */
export interface TextSpan {
  readonly start: number;
  readonly end: number;
}

/** First and last token of a node, by index. */
interface TokenSpan {
  readonly first: number;
  readonly last: number;
}

const CLOSING: ReadonlyMap<string, string> = new Map([
  ['(', ')'],
  ['[', ']'],
  ['{', '}'],
]);

/**
 * Where the nodes of an expression are written. A node knows one place alone, its operator or bracket; the rest is found
 * from the tokens around it. Nodes that a macro added stand for the whole of its call.
 */
export class ExpressionSpans {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  readonly #indexes = new Map<number, number>();
  /** The index of each bracket's other half. */
  readonly #partners = new Map<number, number>();

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokenize(text).tokens;
    const open: number[] = [];
    for (const [index, { kind, offset }] of this.#tokens.entries()) {
      this.#indexes.set(offset, index);
      if (CLOSING.has(kind)) open.push(index);
      else if (kind === ')' || kind === ']' || kind === '}') this.#pair(open.pop(), index);
    }
  }

  /** Where a node is written, without brackets around it. */
  spanOf(expr: Expr): TextSpan {
    const { first, last } = this.#find(expr);
    return {
      start: this.#token(first).offset,
      end: this.#token(last).offset + this.#token(last).text.length,
    };
  }

  /** A node as it is written. */
  textOf(expr: Expr): string {
    const { start, end } = this.spanOf(expr);
    return this.#text.slice(start, end);
  }

  #pair(open: number | undefined, close: number): void {
    if (open === undefined) return;
    this.#partners.set(open, close);
    this.#partners.set(close, open);
  }

  #token(index: number): Token {
    return this.#tokens[index] as Token;
  }

  #find(expr: Expr): TokenSpan {
    const at = this.#indexes.get(expr.offset) ?? 0;
    const { kind } = this.#token(at);
    if (kind === '.') return { first: this.#chainStart(at), last: this.#fieldAfter(at) };
    if (kind === '(') return { first: this.#callStart(at), last: this.#partnerOf(at) };
    if (kind === '{') return { first: this.#nameStart(at), last: this.#partnerOf(at) };
    if (kind === '[') {
      return { first: expr.kind === 'call' ? this.#chainStart(at) : at, last: this.#partnerOf(at) };
    }
    if (expr.kind === 'call') return this.#operation(expr.args, at);
    // A number's sign is a token of its own.
    return { first: this.#token(at - 1)?.kind === '.' ? at - 1 : at, last: kind === '-' ? at + 1 : at };
  }

  /** A unary operator begins at itself, the others at their first operand. */
  #operation(args: readonly Expr[], at: number): TokenSpan {
    const operands = args.map((arg) => this.#withBrackets(this.#find(arg)));
    const first = args.length === 1 ? at : (operands[0]?.first ?? at);
    return { first, last: operands.at(-1)?.last ?? at };
  }

  /** An operand with the brackets that are around it alone. */
  #withBrackets(span: TokenSpan): TokenSpan {
    let { first, last } = span;
    while (this.#token(first - 1)?.kind === '(' && this.#partnerOf(first - 1) === last + 1) {
      if (this.#token(first - 2)?.kind === 'identifier') break;
      first -= 1;
      last += 1;
    }
    return { first, last };
  }

  #partnerOf(bracket: number): number {
    return this.#partners.get(bracket) ?? bracket;
  }

  /** The field after a dot, or after `.?`. */
  #fieldAfter(dot: number): number {
    return this.#token(dot + 1)?.kind === '?' ? dot + 2 : dot + 1;
  }

  /** Where a call begins, given its opening bracket. */
  #callStart(open: number): number {
    const dot = this.#token(open - 2)?.kind === '.' ? open - 2 : undefined;
    return dot === undefined ? open - 1 : this.#chainStart(dot);
  }

  /** Where the names before a message's brace begin. */
  #nameStart(brace: number): number {
    let at = brace;
    while (this.#token(at - 1)?.kind === 'identifier' || this.#token(at - 1)?.kind === '.') at -= 1;
    return at;
  }

  /** Where the chain of selections, calls and indexes begins that goes on at a dot or bracket. */
  #chainStart(at: number): number {
    let first = at;
    for (;;) {
      const before = this.#token(first - 1);
      if (before === undefined || first === 0) return first;
      first = this.#operandStart(first - 1);
      const link = this.#token(first - 1)?.kind;
      if (link === '?' && this.#token(first - 2)?.kind === '.') first -= 2;
      else if (link === '.') first -= 1;
      else if (!this.#isBracketOfChain(first)) return first;
    }
  }

  /** The first token of what ends at an index: one token, or a pair of brackets with the name before them. */
  #operandStart(last: number): number {
    const partner = this.#partners.get(last);
    if (partner === undefined) return last;
    const isCall = this.#token(partner).kind === '(' && this.#token(partner - 1)?.kind === 'identifier';
    return isCall ? partner - 1 : partner;
  }

  /** Whether an index or a message's brace is found, which goes on from what is before it. */
  #isBracketOfChain(first: number): boolean {
    const { kind } = this.#token(first);
    const before = this.#token(first - 1)?.kind;
    if (kind === '[')
      return (
        before === 'identifier' || before === ')' || before === ']' || before === '}' || before === 'string'
      );
    return kind === '{' && before === 'identifier';
  }
}
