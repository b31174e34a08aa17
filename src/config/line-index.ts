import type { Span } from './issue.ts';
import type { TextRange } from './value-node.ts';

/** Tells offsets in a text as lines and columns. Lines end as editors end them: LF, CR LF or CR. */
export class LineIndex {
  readonly #starts: readonly number[];
  readonly #length: number;

  constructor(text: string) {
    const starts = [0];
    for (const match of text.matchAll(/\r\n|\n|\r/g)) starts.push(match.index + match[0].length);
    this.#starts = starts;
    this.#length = text.length;
  }

  toSpan({ start, end }: TextRange): Span {
    const from = this.#locate(start);
    const to = this.#locate(Math.max(start, end));
    return { line: from.line, column: from.column, endLine: to.line, endColumn: to.column };
  }

  /** The offset of a place by line and column from 1. */
  toOffset(line: number, column: number): number {
    return Math.min((this.#starts[line - 1] ?? this.#length) + column - 1, this.#length);
  }

  #locate(offset: number): { readonly line: number; readonly column: number } {
    const at = Math.min(Math.max(offset, 0), this.#length);
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#starts[middle] ?? 0) <= at) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: at - (this.#starts[low] ?? 0) + 1 };
  }
}
