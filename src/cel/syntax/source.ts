import { codePointCount } from '../value.ts';

/** A place in an expression: line from 1, column from 0 in code points. No place at all is -1, -1. */
export interface Location {
  readonly line: number;
  readonly column: number;
}

/** Something wrong with an expression as a whole, such as its length. */
export const NO_LOCATION: Location = { line: -1, column: -1 };

/** One reason why an expression is refused. */
export interface CompileIssue extends Location {
  readonly message: string;
}

/** cel-go names this many issues and counts the rest. */
const MAX_ISSUES = 100;

/** cel-go shows no source line that is longer than this in UTF-8. */
const MAX_SNIPPET_BYTES = 16_384;

/** The text of an expression, with its lines. Lines end at line feeds alone, as in cel-go. */
export class Source {
  readonly text: string;
  #lineStarts: number[] | undefined;

  constructor(text: string) {
    this.text = text;
  }

  /** The place of an offset given in UTF-16 units. */
  location(offset: number): Location {
    const starts = (this.#lineStarts ??= findLineStarts(this.text));
    let line = 1;
    while (line < starts.length && (starts[line] as number) <= offset) line++;
    const start = starts[line - 1] as number;
    return { line, column: codePointCount(this.text.slice(start, offset)) };
  }

  /** The whole report as cel-go prints it: issues by their place, each with its source line and a caret. */
  report(issues: readonly CompileIssue[]): string {
    const shown = sortIssues(issues.slice(0, MAX_ISSUES)).map((issue) => this.#display(issue));
    if (issues.length > MAX_ISSUES) shown.push(`${issues.length - MAX_ISSUES} more errors were truncated`);
    return shown.join('\n');
  }

  #display(issue: CompileIssue): string {
    const head = `ERROR: <input>:${issue.line}:${issue.column + 1}: ${issue.message}`;
    if (issue.line < 0 || this.text === '') return head;
    const snippet = (this.text.split('\n', issue.line)[issue.line - 1] ?? '').replaceAll('\t', ' ');
    if (Buffer.byteLength(snippet) > MAX_SNIPPET_BYTES) return head;
    return `${head}\n | ${snippet}\n | ${caretLine(snippet, issue.column)}`;
  }
}

/** Issues in the order of their places; those at the same place keep the order in which they were found. */
export function sortIssues(issues: readonly CompileIssue[]): CompileIssue[] {
  return [...issues].sort((a, b) => a.line - b.line || a.column - b.column);
}

function findLineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** Dots up to the column and a caret under it, wide ones where the character above takes more than one byte. */
function caretLine(snippet: string, column: number): string {
  const characters = Array.from(snippet);
  const dots = characters.slice(0, column).map((character) => (isWide(character) ? '\uff0e' : '.'));
  return `${dots.join('')}${isWide(characters[column] ?? '') ? '\uff3e' : '^'}`;
}

function isWide(character: string): boolean {
  return character > '\u007f';
}
