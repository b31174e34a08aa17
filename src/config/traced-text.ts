import type { TextPiece } from './value-node.ts';

/** A string value as it is put together from a text, remembering where each piece was written. */
export class TracedText {
  readonly #source: string;
  // Most have one piece: a list that is made of it takes a tenth of what one takes that it is pushed to.
  #pieces: TextPiece[] | undefined;
  #value = '';

  constructor(source: string) {
    this.#source = source;
  }

  get value(): string {
    return this.#value;
  }

  get pieces(): readonly TextPiece[] {
    return this.#pieces ?? [];
  }

  /** Appends a stretch of the source as it stands there. */
  copy(start: number, end: number): void {
    if (end > start) this.#append(this.#source.slice(start, end), start, end);
  }

  /** Appends what a stretch of the source stands for: an escape, a line break, a fold. */
  write(value: string, start: number, end: number): void {
    if (value !== '') this.#append(value, start, end);
  }

  #append(part: string, start: number, end: number): void {
    const piece = { at: this.#value.length, length: part.length, start, end };
    if (this.#pieces === undefined) this.#pieces = [piece];
    else this.#pieces.push(piece);
    this.#value += part;
  }
}
