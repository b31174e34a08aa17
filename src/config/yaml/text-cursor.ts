import { isBreak, normalBreak } from './characters.ts';
import { type Mark, YamlFailure } from './yaml-failure.ts';

const CARRIAGE_RETURN = 0x0d;
const LINE_FEED = 0x0a;
const BYTE_ORDER_MARK = 0xfeff;

/** Everything that YAML 1.1 §5.1 does not allow in a text. */
const CONTROL = /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/** go-yaml reads, and so checks, this many bytes at a time: what stands after the end of the document is checked too. */
const CHUNK_BYTES = 512;

/** A position in a text that only moves forward, counting lines and columns as libyaml does. */
export class TextCursor {
  readonly text: string;
  at = 0;
  line = 0;
  column = 0;
  readonly #control: { readonly at: number; readonly from: number } | undefined;

  constructor(text: string) {
    this.text = text;
    if (text.charCodeAt(0) === BYTE_ORDER_MARK) this.at = 1;
    this.#control = findControl(text, this.at);
    this.#check();
  }

  mark(): Mark {
    return { at: this.at, line: this.line, column: this.column };
  }

  /** The code unit some characters ahead, 0 past the end. */
  peek(ahead = 0): number {
    const unit = this.text.charCodeAt(this.at + ahead);
    return Number.isNaN(unit) ? 0 : unit;
  }

  /** Moves over characters that are no line breaks. */
  skip(count = 1): void {
    for (let moved = 0; moved < count; moved += 1) {
      const isPair = (this.peek() & 0xfc00) === 0xd800;
      this.at += isPair ? 2 : 1;
      this.column += 1;
    }
    this.#check();
  }

  /** Moves over characters as long as they pass. */
  skipWhile(passes: (unit: number) => boolean): void {
    while (passes(this.peek())) this.skip();
  }

  /** Moves over a line break, if there is one, and gives what it becomes in a value. */
  skipBreak(): string {
    const unit = this.peek();
    if (!isBreak(unit)) return '';
    this.at += unit === CARRIAGE_RETURN && this.peek(1) === LINE_FEED ? 2 : 1;
    this.column = 0;
    this.line += 1;
    this.#check();
    return normalBreak(unit);
  }

  /** Counts a new line where the text ends in the middle of one. */
  startLine(): void {
    this.column = 0;
    this.line += 1;
  }

  /** Whether `---` or `...` stands here at the start of a line. */
  isAtDocumentIndicator(): boolean {
    if (this.column !== 0) return false;
    const three = this.text.slice(this.at, this.at + 3);
    const next = this.peek(3);
    return (
      (three === '---' || three === '...') && (next === 0 || next === 0x20 || next === 0x09 || isBreak(next))
    );
  }

  #check(): void {
    if (this.#control === undefined || this.at < this.#control.from) return;
    const { at } = this.#control;
    throw new YamlFailure('control characters are not allowed', { start: at, end: at + 1 });
  }
}

function findControl(text: string, start: number): { at: number; from: number } | undefined {
  const found = CONTROL.exec(start === 0 ? text : text.slice(start));
  if (found === null) return undefined;
  const at = found.index + start;
  const bytes = Buffer.byteLength(text.slice(0, at), 'utf8');
  let unseen = bytes % CHUNK_BYTES;
  let from = at;
  while (unseen > 0 && from > 0) {
    from -= 1;
    unseen -= Buffer.byteLength(text.charAt(from), 'utf8');
  }
  return { at, from };
}
