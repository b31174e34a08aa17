import { OperationDepth, ParseAbort, RuleDepth } from './depth.ts';
import { expandMacro } from './macro.ts';
import { PrimaryParser } from './primary.ts';
import { type CompileIssue, NO_LOCATION, type Source } from './source.ts';
import type { Expr } from './expr.ts';
import { type LexicalError, type Token, type TokenKind, tokenize } from './token.ts';
import { TokenStream } from './token-stream.ts';
import { codePointCount } from '../value.ts';

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
  const { tokens, errors } = tokenize(source.text);
  const stream = new TokenStream(source, tokens);
  const expr = new Parser(stream).whole();
  const issues = [...errors.map((error) => lexicalIssue(source, error)), ...stream.issues];
  return expr !== undefined && issues.length === 0 ? { ok: true, expr } : { ok: false, issues };
}

function lexicalIssue(source: Source, { text, offset }: LexicalError): CompileIssue {
  return { ...source.location(offset), message: `Syntax error: token recognition error at: '${text}'` };
}

const RELATIONS: ReadonlySet<TokenKind> = new Set(['<', '<=', '>=', '>', '==', '!=', 'in']);

const PRECEDENCE: ReadonlyMap<TokenKind, number> = new Map([
  ['+', 1],
  ['-', 1],
  ['*', 2],
  ['/', 2],
  ['%', 2],
]);

/** Parses operators, selections and calls by recursive descent; its rules are as deep as cel-go's. */
class Parser {
  readonly #tokens: TokenStream;
  readonly #rules = new RuleDepth();
  readonly #operations = new OperationDepth<Expr>();
  readonly #primary: PrimaryParser;

  constructor(tokens: TokenStream) {
    this.#tokens = tokens;
    this.#primary = new PrimaryParser(tokens, {
      operations: this.#operations,
      expression: () => this.#expression(),
      globalCall: (name, open) => this.#call({ name, target: undefined, open }),
    });
  }

  /** The whole text as one expression; undefined where that was given up, with the reason among the issues. */
  whole(): Expr | undefined {
    try {
      const expr = this.#expression();
      if (this.#tokens.peek() !== 'end') this.#tokens.unexpected('<EOF>');
      this.#operations.check(expr);
      return expr;
    } catch (error) {
      if (!(error instanceof ParseAbort)) throw error;
      this.#tokens.issues.push(error.issue);
      return undefined;
    }
  }

  #expression(): Expr {
    return this.#rules.within('expression', () => {
      const condition = this.#either();
      const question = this.#tokens.take('?');
      if (question === undefined) return condition;
      const accepted = this.#either();
      this.#tokens.expect(':');
      return this.#operation('_?_:_', question, [condition, accepted, this.#expression()]);
    });
  }

  #either(): Expr {
    return this.#chain('||', () => this.#chain('&&', () => this.#relation('any')));
  }

  /** Terms joined by a logical operator, as a balanced tree. */
  #chain(operator: '||' | '&&', term: () => Expr): Expr {
    const terms = [term()];
    const offsets: number[] = [];
    for (let token = this.#tokens.take(operator); token !== undefined; token = this.#tokens.take(operator)) {
      offsets.push(token.offset);
      terms.push(term());
    }
    const tree = (low: number, high: number): Expr => {
      if (low > high) return terms[low] as Expr;
      const middle = (low + high + 1) >> 1;
      const args = [tree(low, middle - 1), tree(middle + 1, high)];
      const call: Expr = { kind: 'call', name: `_${operator}_`, args, offset: offsets[middle] as number };
      return this.#operations.note(call, 0, args);
    };
    return tree(0, offsets.length - 1);
  }

  /** Relations are read from left to right; the right side of one holds none. */
  #relation(operators: 'any' | 'none'): Expr {
    return this.#rules.within('relation', () => {
      let left = this.#calculation(1);
      if (operators === 'none') return left;
      while (RELATIONS.has(this.#tokens.peek())) {
        const operator = this.#tokens.advance();
        const name = operator.kind === 'in' ? '@in' : `_${operator.kind}_`;
        left = this.#operation(name, operator, [left, this.#relation('none')]);
      }
      return left;
    });
  }

  #calculation(lowest: number): Expr {
    return this.#rules.within('calculation', () => {
      let left = this.#unary();
      for (;;) {
        const precedence = PRECEDENCE.get(this.#tokens.peek()) ?? 0;
        if (precedence < lowest) return left;
        const operator = this.#tokens.advance();
        left = this.#operation(`_${operator.kind}_`, operator, [left, this.#calculation(precedence + 1)]);
      }
    });
  }

  /** An operator written an even number of times is none at all. A single minus before a number is part of that. */
  #unary(): Expr {
    const kind = this.#tokens.peek();
    const after = this.#tokens.peek(1);
    const isSign = kind === '-' && (after === 'int' || after === 'double');
    if ((kind !== '!' && kind !== '-') || isSign) return this.#member();
    const { offset } = this.#tokens.advance();
    let isOdd = true;
    while (this.#tokens.take(kind) !== undefined) isOdd = !isOdd;
    const operand = this.#member();
    if (!isOdd) return operand;
    return this.#operations.note({ kind: 'call', name: `${kind}_`, args: [operand], offset }, 0, [operand]);
  }

  #operation(name: string, operator: Token, args: readonly Expr[]): Expr {
    return this.#operations.note({ kind: 'call', name, args, offset: operator.offset }, 1, args);
  }

  /** A primary with the selections, member calls and indexes after it. */
  #member(): Expr {
    let target = this.#primary.parse();
    for (;;) {
      const dot = this.#tokens.take('.');
      const bracket = dot === undefined ? this.#tokens.take('[') : undefined;
      if (dot !== undefined) target = this.#selection(target, dot);
      else if (bracket !== undefined) target = this.#index(target, bracket);
      else return target;
    }
  }

  #selection(target: Expr, dot: Token): Expr {
    const tokens = this.#tokens;
    const isOptional = tokens.take('?') !== undefined;
    const field = tokens.take('escaped') ?? (isOptional ? tokens.expect('identifier') : tokens.fieldName());
    if (field.kind === 'escaped') tokens.report(field.offset, "unsupported syntax: '`'");
    const open = isOptional || field.kind === 'escaped' ? undefined : tokens.take('(');
    if (open !== undefined) return this.#call({ name: field.text, target, open });
    if (isOptional) {
      const key: Expr = { kind: 'literal', value: field.text, offset: field.offset };
      return this.#operations.note(
        { kind: 'call', name: '_?._', args: [target, key], offset: dot.offset },
        1,
        [target],
      );
    }
    const { text } = field;
    const select: Expr = { kind: 'select', operand: target, field: text, isTest: false, offset: dot.offset };
    return this.#operations.note(select, 1, [target]);
  }

  #index(target: Expr, bracket: Token): Expr {
    const name = this.#tokens.take('?') === undefined ? '_[_]' : '_[?_]';
    const index = this.#expression();
    this.#tokens.expect(']');
    return this.#operation(name, bracket, [target, index]);
  }

  /** The arguments after an opening parenthesis, and the call, or what a macro makes of it. */
  #call({ name, target, open }: { name: string; target: Expr | undefined; open: Token }): Expr {
    const args: Expr[] = [];
    if (this.#tokens.peek() !== ')') {
      do args.push(this.#expression());
      while (this.#tokens.take(',') !== undefined);
    }
    this.#tokens.expect(')');
    const { offset } = open;
    const call: Expr = { kind: 'call', name, args, offset, ...(target === undefined ? {} : { target }) };
    const expansion = expandMacro({ name, target, args, offset });
    if (expansion?.ok === false) this.#tokens.report(expansion.offset, expansion.error);
    const expr = expansion?.ok === true ? expansion.expr : call;
    return target === undefined
      ? this.#operations.note(expr, 0, args)
      : this.#operations.note(expr, 1, [target, ...args]);
  }
}
