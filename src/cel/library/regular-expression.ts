import { RE2JS, RE2JSException } from 're2js';
import { CelError } from '../error.ts';
import { patternSize } from './regex-size.ts';
import { WorkLimit } from './work-limit.ts';

/** Instructions that one expression may compile to; re2js compiles some 200 a millisecond. Go's own limit is 3,355,443. */
const MAX_PROGRAM = 20_000;

/** Characters of a pattern: as many as Kubernetes lets an expression have. */
const MAX_PATTERN = 100_000;

/**
 * Characters times instructions that one search may take where the instructions are many, some 20 ns each at worst. A
 * program of up to `SMALL_PROGRAM` instructions is not counted: its searches cost what kube-apiserver charges.
 */
const MAX_SEARCH = 10_000_000;
const SMALL_PROGRAM = 1_000;

/** Characters that one `findAll` may read again and again, since each match may look to the end of the text. */
const MAX_REREAD = 10_000_000;

/** A compiled RE2 expression; searches take time linear in the text. */
export class RegularExpression {
  readonly #compiled: RE2JS;
  readonly #size: number;
  /** Whether a match may be of any length. */
  readonly #isUnbounded: boolean;

  constructor(compiled: RE2JS) {
    this.#compiled = compiled;
    this.#size = compiled.programSize();
    this.#isUnbounded = /[*+]|\{\d+,\}/.test(compiled.pattern());
  }

  get size(): number {
    return this.#size;
  }

  /** Whether any part of the text matches. */
  test(text: string): boolean | WorkLimit {
    return this.#isTooMuch(text) ? searchLimit() : this.#compiled.test(text);
  }

  /** The leftmost match, empty where there is none; Go's `FindString`. */
  find(text: string): string | WorkLimit {
    const matches = this.findAll(text, 1n);
    return matches instanceof WorkLimit ? matches : (matches[0] ?? '');
  }

  /** At most so many successive matches, all where the limit is negative; Go's `FindAllString`. */
  findAll(text: string, limit: bigint): readonly string[] | WorkLimit {
    if (this.#isTooMuch(text)) return searchLimit();
    const most = limit < 0n ? Number.POSITIVE_INFINITY : Number(limit);
    const matcher = this.#compiled.matcher(text);
    const matches: string[] = [];
    let previousEnd = -1;
    let reread = 0;
    for (let at = 0; at <= text.length && matches.length < most; ) {
      if (!matcher.find(at)) break;
      const start = matcher.start();
      const end = matcher.end();
      // An empty match right after a match is none.
      if (start !== end || start !== previousEnd) matches.push(text.slice(start, end));
      previousEnd = end;
      at = end > at ? end : at + widthAt(text, at);
      if (this.#isUnbounded) reread += text.length - at;
      if (reread > MAX_REREAD) return searchLimit();
    }
    return matches;
  }

  #isTooMuch(text: string): boolean {
    return this.#size > SMALL_PROGRAM && this.#size * text.length > MAX_SEARCH;
  }
}

function searchLimit(): WorkLimit {
  return new WorkLimit('a search with a regular expression that takes too long');
}

/** UTF-16 units of the character at this place; one past the end. */
function widthAt(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}

/**
 * Compiles an RE2 expression. Refuses a malformed one with Go's words, and one that compiles to more than 20,000
 * instructions (`WorkLimit`).
 */
export function compileRegex(pattern: string): RegularExpression | CelError {
  if (pattern.length > MAX_PATTERN || patternSize(pattern) > MAX_PROGRAM) return tooLarge();
  const compiled = tryCompile(pattern);
  if (!(compiled instanceof CelError)) return check(compiled);
  if (!compiled.message.includes(DUPLICATE)) return compiled;
  // Go lets groups share a name, re2js does not; no function of ours reads names.
  const unnamed = withoutNames(pattern);
  const retried = tryCompile(unnamed);
  if (!(retried instanceof CelError)) return check(retried);
  return new CelError(retried.message.replace(unnamed, () => pattern));
}

const DUPLICATE = 'duplicate capture group name';

function tryCompile(pattern: string): RE2JS | CelError {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    if (error instanceof RE2JSException) return new CelError(goError(error.message));
    // A pattern of tens of thousands of groups overflows the parser's stack.
    if (error instanceof RangeError) return tooLarge();
    throw error;
  }
}

/** Go quotes the part in question, even where it is empty. */
function goError(message: string): string {
  return message.endsWith('trailing backslash at end of expression') ? `${message}: \`\`` : message;
}

function check(compiled: RE2JS): RegularExpression | CelError {
  const regex = new RegularExpression(compiled);
  return regex.size > MAX_PROGRAM ? tooLarge() : regex;
}

function tooLarge(): WorkLimit {
  return new WorkLimit(`a regular expression of more than ${MAX_PROGRAM} instructions`);
}

const QUOTED_OR_NAMED = /(\\Q.*?(?:\\E|$)|\\.|\[\^?\]?(?:\[:\^?\w{1,10}:\]|\\.|[^\]\\])*\])|\(\?P?<\w+>/gsu;

/** The pattern with its named groups unnamed. */
function withoutNames(pattern: string): string {
  return pattern.replace(QUOTED_OR_NAMED, (_, quoted: string | undefined) => quoted ?? '(?:');
}
