import type { TracedText } from '../traced-text.ts';
import type { TextCursor } from './text-cursor.ts';

/** The white space between two words of a flow scalar: kept within a line, folded across lines (YAML 1.1 §9.1). */
export class Fold {
  readonly #cursor: TextCursor;
  #start = -1;
  #end = -1;
  #firstBreak: string | undefined;
  #laterBreaks = '';

  constructor(cursor: TextCursor) {
    this.#cursor = cursor;
  }

  get hasBreak(): boolean {
    return this.#firstBreak !== undefined;
  }

  takeBlank(): void {
    if (this.#start < 0) this.#start = this.#cursor.at;
    this.#cursor.skip();
    this.#end = this.#cursor.at;
  }

  takeBreak(): void {
    if (this.#start < 0) this.#start = this.#cursor.at;
    const text = this.#cursor.skipBreak();
    if (this.#firstBreak === undefined) this.#firstBreak = text;
    else this.#laterBreaks += text;
    this.#end = this.#cursor.at;
  }

  /** Takes a backslash and the line break after it, which together are nothing. */
  takeEscapedBreak(): void {
    this.#start = this.#cursor.at;
    this.#cursor.skip();
    this.#cursor.skipBreak();
    this.#firstBreak = '';
    this.#end = this.#cursor.at;
  }

  /** Ends the white space where the next word starts, and writes what it stands for. */
  appendTo(text: TracedText, next: number): void {
    if (this.#firstBreak !== undefined) text.write(this.#folded(this.#firstBreak), this.#start, next);
    else if (this.#start >= 0) text.copy(this.#start, this.#end);
    this.#start = -1;
    this.#firstBreak = undefined;
    this.#laterBreaks = '';
  }

  #folded(firstBreak: string): string {
    if (firstBreak !== '\n') return firstBreak + this.#laterBreaks;
    return this.#laterBreaks === '' ? ' ' : this.#laterBreaks;
  }
}
