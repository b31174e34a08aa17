import type { TextRange } from '../value-node.ts';

/** A place in the text as libyaml counts: lines and columns from 0, columns in characters. */
export interface Mark {
  readonly at: number;
  readonly line: number;
  readonly column: number;
}

/** Thrown inside the reader and caught at its one public function: the text is no YAML, in go-yaml's words. */
export class YamlFailure extends Error implements TextRange {
  override readonly name: string = 'YamlFailure';
  readonly start: number;
  readonly end: number;

  constructor(message: string, range: TextRange) {
    super(`yaml: ${message}`);
    this.start = range.start;
    this.end = range.end;
  }
}

/** A failure to tell tokens apart at a mark; `from` is where the token began. */
export function scannerFailure(problem: string, at: Mark, from: Mark): YamlFailure {
  // go-yaml counts a scanner's lines from 1 but leaves out line 0, and then falls back on where the token began.
  const line = at.line === 0 ? from.line : at.line + 1;
  return failureAtLine(problem, line, at);
}

/** A failure to make sense of a token at a mark, inside something that began at `from`. */
export function parserFailure(problem: string, at: Mark, from: Mark): YamlFailure {
  // go-yaml counts a parser's lines from 0, so its messages name the line before.
  return failureAtLine(problem, at.line === 0 ? from.line : at.line, at);
}

function failureAtLine(problem: string, line: number, { at }: Mark): YamlFailure {
  return new YamlFailure(line === 0 ? problem : `line ${line}: ${problem}`, { start: at, end: at });
}
