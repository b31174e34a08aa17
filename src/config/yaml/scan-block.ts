import { TracedText } from '../traced-text.ts';
import { code, isBlank, isBreak, isBreakOrEnd, isDigit, SPACE, TAB } from './characters.ts';
import type { TextCursor } from './text-cursor.ts';
import type { ScalarToken } from './token.ts';
import { type Mark, scannerFailure } from './yaml-failure.ts';

type Chomping = 'strip' | 'clip' | 'keep';

interface Header {
  readonly chomping: Chomping;
  readonly increment: number;
}

/** A line break of the value, with where it was written. */
interface Break {
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

/** A literal (`|`) or folded (`>`) scalar; `parent` is the indentation that it must exceed, -1 for none. */
export function scanBlock(cursor: TextCursor, parent: number): ScalarToken {
  const start = cursor.mark();
  const isFolded = cursor.peek() === code('>');
  cursor.skip();
  const header = scanHeader(cursor, start);
  const lines = new BlockLines(cursor, { start, parent, increment: header.increment });
  const text = new TracedText(cursor.text);
  const end = scanLines(lines, text, isFolded);
  lines.finish(text, header.chomping);
  return { type: 'scalar', isPlain: false, value: text.value, pieces: text.pieces, start, end: end() };
}

function scanHeader(cursor: TextCursor, start: Mark): Header {
  let chomping = scanChomping(cursor);
  const increment = scanIncrement(cursor, start);
  if (chomping === 'clip' && increment > 0) chomping = scanChomping(cursor);
  cursor.skipWhile(isBlank);
  if (cursor.peek() === code('#')) cursor.skipWhile((unit) => !isBreakOrEnd(unit));
  if (!isBreakOrEnd(cursor.peek())) {
    throw scannerFailure('did not find expected comment or line break', cursor.mark(), start);
  }
  cursor.skipBreak();
  return { chomping, increment };
}

function scanChomping(cursor: TextCursor): Chomping {
  const unit = cursor.peek();
  if (unit !== code('+') && unit !== code('-')) return 'clip';
  cursor.skip();
  return unit === code('+') ? 'keep' : 'strip';
}

function scanIncrement(cursor: TextCursor, start: Mark): number {
  const unit = cursor.peek();
  if (!isDigit(unit)) return 0;
  if (unit === code('0')) {
    throw scannerFailure('found an indentation indicator equal to 0', cursor.mark(), start);
  }
  cursor.skip();
  return unit - code('0');
}

function scanLines(lines: BlockLines, text: TracedText, isFolded: boolean): () => Mark {
  let wasIndented = false;
  while (lines.isAtContent()) {
    const isIndented = isBlank(lines.cursor.peek());
    lines.flush(text, isFolded && !wasIndented && !isIndented ? 'fold' : 'literal');
    wasIndented = isIndented;
    const from = lines.cursor.at;
    lines.cursor.skipWhile((unit) => !isBreakOrEnd(unit));
    text.copy(from, lines.cursor.at);
    lines.takeBreaks();
  }
  return () => lines.end;
}

/** The lines of a block scalar: their indentation, and the breaks between them. */
class BlockLines {
  readonly cursor: TextCursor;
  end: Mark;
  readonly #start: Mark;
  readonly #parent: number;
  #indent: number;
  #leading: Break | undefined;
  #trailing: Break[] = [];

  constructor(
    cursor: TextCursor,
    block: { readonly start: Mark; readonly parent: number; readonly increment: number },
  ) {
    this.cursor = cursor;
    this.end = cursor.mark();
    this.#start = block.start;
    this.#parent = block.parent;
    this.#indent = block.increment > 0 ? Math.max(block.parent, 0) + block.increment : 0;
    this.#takeEmptyLines();
  }

  isAtContent(): boolean {
    return this.cursor.column === this.#indent && this.cursor.peek() !== 0;
  }

  /** Takes the line break after a line, and the empty lines after that. */
  takeBreaks(): void {
    this.#leading = this.#takeBreak();
    this.#takeEmptyLines();
  }

  /** Writes the breaks before the next line. */
  flush(text: TracedText, style: 'fold' | 'literal'): void {
    const leading = this.#leading;
    this.#leading = undefined;
    if (leading !== undefined && style === 'fold' && leading.value === '\n') {
      if (this.#trailing.length === 0) text.write(' ', leading.start, this.cursor.at);
    } else if (leading !== undefined) {
      text.write(leading.value, leading.start, leading.end);
    }
    for (const { value, start, end } of this.#trailing) text.write(value, start, end);
    this.#trailing = [];
  }

  /** Writes the breaks after the last line, as far as the header keeps them. */
  finish(text: TracedText, chomping: Chomping): void {
    if (chomping === 'strip') return;
    if (chomping === 'clip') this.#trailing = [];
    this.flush(text, 'literal');
  }

  #takeBreak(): Break | undefined {
    const start = this.cursor.at;
    const value = this.cursor.skipBreak();
    return value === '' ? undefined : { value, start, end: this.cursor.at };
  }

  #takeEmptyLines(): void {
    const { cursor } = this;
    this.end = cursor.mark();
    let widest = 0;
    for (;;) {
      cursor.skipWhile((unit) => this.#isInIndentation() && unit === SPACE);
      widest = Math.max(widest, cursor.column);
      if (this.#isInIndentation() && cursor.peek() === TAB) {
        const problem = 'found a tab character where an indentation space is expected';
        throw scannerFailure(problem, cursor.mark(), this.#start);
      }
      if (!isBreak(cursor.peek())) break;
      const taken = this.#takeBreak();
      if (taken !== undefined) this.#trailing.push(taken);
      this.end = cursor.mark();
    }
    if (this.#indent === 0) this.#indent = Math.max(widest, this.#parent + 1, 1);
  }

  #isInIndentation(): boolean {
    return this.#indent === 0 || this.cursor.column < this.#indent;
  }
}
