import { code, END, isBlank, isBlankOrEnd, isBreak, isBreakOrEnd, SPACE, TAB } from './characters.ts';
import { scanBlock } from './scan-block.ts';
import { scanDirective } from './scan-directive.ts';
import { scanPlain } from './scan-plain.ts';
import { scanQuoted } from './scan-quoted.ts';
import { scanAnchor, scanTag } from './scan-tag.ts';
import { SimpleKeys } from './simple-keys.ts';
import { TextCursor } from './text-cursor.ts';
import type { PlainTokenType, Token } from './token.ts';
import { type Mark, scannerFailure } from './yaml-failure.ts';

/** What may not start a plain scalar, unless (`-`, `?`, `:`) something follows it at once. */
const INDICATORS = '-?:,[]{}#&*!|>\'"%@`';

const BYTE_ORDER_MARK = 0xfeff;

/**
 * Tells the tokens of a text apart, as libyaml's scanner does, which kube-apiserver's reader is: what it takes and
 * refuses, in which order, and in which words. Tokens are made only as far as they are asked for, because what stands
 * after the first document is never looked at.
 */
export class Scanner {
  readonly #cursor: TextCursor;
  readonly #queue: Token[] = [];
  readonly #keys = new SimpleKeys();
  readonly #indents: number[] = [];
  #taken = 0;
  #indent = -1;
  #flowLevel = 0;
  #mayStartKey = true;

  constructor(text: string) {
    this.#cursor = new TextCursor(text);
  }

  /** The next token, left where it is. */
  peek(): Token {
    for (;;) {
      const head = this.#queue[0];
      // A token that may turn out to be a key has a key token put before it, so one must look further.
      if (head !== undefined && !this.#keys.mayBeKey(this.#taken, this.#cursor)) return head;
      this.#fetch();
    }
  }

  /** Takes the next token. */
  next(): Token {
    const token = this.peek();
    this.#queue.shift();
    this.#taken += 1;
    return token;
  }

  #fetch(): void {
    const cursor = this.#cursor;
    this.#skipToToken();
    this.#unrollIndent(cursor.column);
    const unit = cursor.peek();
    if (unit === END) this.#fetchStreamEnd();
    else if (cursor.column === 0 && unit === code('%')) this.#fetchDirective();
    else if (cursor.isAtDocumentIndicator()) this.#fetchDocumentIndicator();
    else if (
      !this.#fetchIndicator(String.fromCharCode(unit)) &&
      !this.#fetchScalar(String.fromCharCode(unit))
    ) {
      const mark = cursor.mark();
      throw scannerFailure('found character that cannot start any token', mark, mark);
    }
  }

  #fetchIndicator(character: string): boolean {
    const isInFlow = this.#flowLevel > 0;
    const isAlone = isBlankOrEnd(this.#cursor.peek(1));
    if (character === '[') this.#fetchFlowStart('flow-sequence-start');
    else if (character === '{') this.#fetchFlowStart('flow-mapping-start');
    else if (character === ']') this.#fetchFlowEnd('flow-sequence-end');
    else if (character === '}') this.#fetchFlowEnd('flow-mapping-end');
    else if (character === ',') this.#fetchFlowEntry();
    else if (character === '-' && isAlone) this.#fetchBlockEntry();
    else if (character === '?' && (isInFlow || isAlone)) this.#fetchKey();
    else if (character === ':' && (isInFlow || isAlone)) this.#fetchValue();
    else return false;
    return true;
  }

  #fetchScalar(character: string): boolean {
    const isInFlow = this.#flowLevel > 0;
    if (character === '*' || character === '&') this.#fetchKeyable(scanAnchor);
    else if (character === '!') this.#fetchKeyable(scanTag);
    else if (character === "'" || character === '"') this.#fetchKeyable(scanQuoted);
    else if (!isInFlow && (character === '|' || character === '>')) this.#fetchBlockScalar();
    else if (this.#mayStartPlain(character)) this.#fetchPlain();
    else return false;
    return true;
  }

  #mayStartPlain(character: string): boolean {
    if (isBlank(this.#cursor.peek())) return false;
    if (!INDICATORS.includes(character)) return true;
    const next = this.#cursor.peek(1);
    if (character === '-') return !isBlank(next);
    return this.#flowLevel === 0 && '?:'.includes(character) && !isBlankOrEnd(next);
  }

  #skipToToken(): void {
    const cursor = this.#cursor;
    for (;;) {
      if (cursor.column === 0 && cursor.at <= 1 && cursor.peek() === BYTE_ORDER_MARK) cursor.skip();
      // A tab may separate tokens, but not where a block key could start: there it would be indentation.
      const takesTabs = this.#flowLevel > 0 || !this.#mayStartKey;
      cursor.skipWhile((unit) => unit === SPACE || (takesTabs && unit === TAB));
      if (cursor.peek() === code('#')) cursor.skipWhile((unit) => !isBreakOrEnd(unit));
      if (!isBreak(cursor.peek())) return;
      cursor.skipBreak();
      if (this.#flowLevel === 0) this.#mayStartKey = true;
    }
  }

  #fetchStreamEnd(): void {
    if (this.#cursor.column !== 0) this.#cursor.startLine();
    this.#endBlocks();
    const mark = this.#cursor.mark();
    this.#queue.push({ type: 'stream-end', start: mark, end: mark });
  }

  #fetchDirective(): void {
    this.#endBlocks();
    this.#queue.push(scanDirective(this.#cursor));
  }

  #fetchDocumentIndicator(): void {
    this.#endBlocks();
    this.#pushIndicator(this.#cursor.peek() === code('-') ? 'document-start' : 'document-end', 3);
  }

  #endBlocks(): void {
    this.#unrollIndent(-1);
    this.#keys.forget(this.#cursor);
    this.#mayStartKey = false;
  }

  #fetchFlowStart(type: PlainTokenType): void {
    this.#saveKey();
    this.#keys.open(this.#taken + this.#queue.length);
    this.#flowLevel += 1;
    this.#mayStartKey = true;
    this.#pushIndicator(type, 1);
  }

  #fetchFlowEnd(type: PlainTokenType): void {
    this.#keys.forget(this.#cursor);
    if (this.#flowLevel > 0) {
      this.#flowLevel -= 1;
      this.#keys.close();
    }
    this.#mayStartKey = false;
    this.#pushIndicator(type, 1);
  }

  #fetchFlowEntry(): void {
    this.#keys.forget(this.#cursor);
    this.#mayStartKey = true;
    this.#pushIndicator('flow-entry', 1);
  }

  #fetchBlockEntry(): void {
    this.#startBlock('block-sequence-start', 'block sequence entries are not allowed in this context');
    this.#keys.forget(this.#cursor);
    this.#mayStartKey = true;
    this.#pushIndicator('block-entry', 1);
  }

  #fetchKey(): void {
    this.#startBlock('block-mapping-start', 'mapping keys are not allowed in this context');
    this.#keys.forget(this.#cursor);
    this.#mayStartKey = this.#flowLevel === 0;
    this.#pushIndicator('key', 1);
  }

  #fetchValue(): void {
    const key = this.#keys.take(this.#cursor);
    if (key === undefined) {
      this.#startBlock('block-mapping-start', 'mapping values are not allowed in this context');
      this.#mayStartKey = this.#flowLevel === 0;
    } else {
      // The key may have been handed out already (see SimpleKeys.close); go-yaml then puts these last.
      const index = key.token < this.#taken ? this.#queue.length : key.token - this.#taken;
      this.#queue.splice(index, 0, { type: 'key', start: key.mark, end: key.mark });
      this.#rollIndent(key.mark, { type: 'block-mapping-start', index });
      this.#mayStartKey = false;
    }
    this.#pushIndicator('value', 1);
  }

  /** A block collection starts here, unless one is open here already or brackets are. */
  #startBlock(type: PlainTokenType, problem: string): void {
    if (this.#flowLevel > 0) return;
    const mark = this.#cursor.mark();
    if (!this.#mayStartKey) throw scannerFailure(problem, mark, mark);
    this.#rollIndent(mark, { type, index: this.#queue.length });
  }

  #fetchKeyable(scan: (cursor: TextCursor) => Token): void {
    this.#saveKey();
    this.#mayStartKey = false;
    this.#queue.push(scan(this.#cursor));
  }

  #fetchPlain(): void {
    this.#saveKey();
    const surroundings = { isInFlow: this.#flowLevel > 0, indent: this.#indent + 1 };
    const { token, endsLine } = scanPlain(this.#cursor, surroundings);
    this.#mayStartKey = endsLine;
    this.#queue.push(token);
  }

  #fetchBlockScalar(): void {
    this.#keys.forget(this.#cursor);
    this.#mayStartKey = true;
    this.#queue.push(scanBlock(this.#cursor, this.#indent));
  }

  #saveKey(): void {
    if (!this.#mayStartKey) return;
    const mark = this.#cursor.mark();
    const isRequired = this.#flowLevel === 0 && this.#indent === mark.column;
    this.#keys.save({ token: this.#taken + this.#queue.length, mark, isRequired }, this.#cursor);
  }

  #rollIndent(mark: Mark, block: { readonly type: PlainTokenType; readonly index: number }): void {
    if (this.#flowLevel > 0 || this.#indent >= mark.column) return;
    this.#indents.push(this.#indent);
    this.#indent = mark.column;
    this.#queue.splice(block.index, 0, { type: block.type, start: mark, end: mark });
  }

  #unrollIndent(column: number): void {
    if (this.#flowLevel > 0) return;
    while (this.#indent > column) {
      const mark = this.#cursor.mark();
      this.#queue.push({ type: 'block-end', start: mark, end: mark });
      this.#indent = this.#indents.pop() ?? -1;
    }
  }

  #pushIndicator(type: PlainTokenType, length: number): void {
    const start = this.#cursor.mark();
    this.#cursor.skip(length);
    this.#queue.push({ type, start, end: this.#cursor.mark() });
  }
}
