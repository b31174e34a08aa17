/** The kinds of tokens: those that vary, and the fixed ones, which are their own text. */
export type TokenKind =
  | 'identifier'
  | 'escaped'
  | 'int'
  | 'uint'
  | 'double'
  | 'string'
  | 'bytes'
  | 'end'
  | (typeof FIXED)[number];

const FIXED = [
  '==',
  '!=',
  '<=',
  '>=',
  '&&',
  '||',
  '<',
  '>',
  '[',
  ']',
  '{',
  '}',
  '(',
  ')',
  '.',
  ',',
  '-',
  '!',
  '?',
  ':',
  '+',
  '*',
  '/',
  '%',
  'in',
  'true',
  'false',
  'null',
] as const;

/** A token with its text and its offset in UTF-16 units. */
export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly offset: number;
}

/** A stretch of text that begins no token. */
export interface LexicalError {
  readonly text: string;
  readonly offset: number;
}

/** What a text is made of; white space and comments are left out. */
export interface TokenList {
  /** Ends with one of kind `end`. */
  readonly tokens: readonly Token[];
  readonly errors: readonly LexicalError[];
}

const KEYWORDS: ReadonlySet<string> = new Set(['in', 'true', 'false', 'null']);

const HIDDEN = /(?:[\t \r\n\f]+|\/\/[^\n]*)+/y;
const WORD = /[A-Za-z_][A-Za-z0-9_]*/y;
const ESCAPED = /`[A-Za-z0-9_./ -]+`/y;
const DOUBLE = /(?:[0-9]+\.[0-9]+|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+/y;
const INTEGER = /(?:0x[0-9a-fA-F]+|[0-9]+)[uU]?/y;
const OPERATOR = /==|!=|<=|>=|&&|\|\||[<>[\]{}().,\-!?:+*/%]/y;

const ESCAPE = String.raw`\\(?:[abfnrtv"'\\?${'`'}]|[xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-3][0-7]{2})`;

/** Runs of a character class with escapes between them; written so that there is one way alone to match. */
function escaped(characters: string, lazy: '' | '?'): string {
  return `${characters}*${lazy}(?:${ESCAPE}${characters}*${lazy})*${lazy}`;
}

/** Strings in the order of preference: of two that fit, the longer wins, and a triple quote is never the shorter. */
const STRINGS = [
  /[bB]?[rR]"""[^]*?"""/y,
  /[bB]?[rR]'''[^]*?'''/y,
  new RegExp(`[bB]?"""${escaped(String.raw`[^\\]`, '?')}"""`, 'y'),
  new RegExp(`[bB]?'''${escaped(String.raw`[^\\]`, '?')}'''`, 'y'),
  /[bB]?[rR]"[^"\n\r]*"/y,
  /[bB]?[rR]'[^'\n\r]*'/y,
  new RegExp(`[bB]?"${escaped(String.raw`[^\\"\n\r]`, '')}"`, 'y'),
  new RegExp(`[bB]?'${escaped(String.raw`[^\\'\n\r]`, '')}'`, 'y'),
];

const STRING_STARTS = `"'bBrR`;

/** What a text that is no token was a beginning of: the longest such prefix ends just before the offending character. */
const PREFIXES = [
  new RegExp(`"${escaped(String.raw`[^\\"\n\r]`, '')}`, 'y'),
  new RegExp(`'${escaped(String.raw`[^\\'\n\r]`, '')}`, 'y'),
  /`[A-Za-z0-9_./ -]*/y,
  /[=&|]/y,
];

const PARTIAL_ESCAPE = /\\(?:[xX][0-9a-fA-F]?|u[0-9a-fA-F]{0,3}|U[0-9a-fA-F]{0,7}|[0-3][0-7]?)?/y;

/**
 * Splits a text into CEL's tokens, the longest at each place. Where none fits it records an error and goes on after the
 * first character that cannot belong to any, as the lexer of cel-go does.
 */
export function tokenize(text: string): TokenList {
  const tokens: Token[] = [];
  const errors: LexicalError[] = [];
  let offset = 0;
  for (;;) {
    offset += matchAt(HIDDEN, text, offset).length;
    if (offset >= text.length) break;
    const token = readToken(text, offset);
    if (token !== undefined) {
      tokens.push(token);
      offset += token.text.length;
    } else {
      const error = { text: offendingText(text, offset), offset };
      errors.push(error);
      offset += error.text.length;
    }
  }
  tokens.push({ kind: 'end', text: '<EOF>', offset: text.length });
  return { tokens, errors };
}

function readToken(text: string, offset: number): Token | undefined {
  const string = readString(text, offset);
  if (string !== '') return { kind: /^[bB]/.test(string) ? 'bytes' : 'string', text: string, offset };
  const word = matchAt(WORD, text, offset);
  if (word !== '')
    return { kind: KEYWORDS.has(word) ? (word as TokenKind) : 'identifier', text: word, offset };
  const double = matchAt(DOUBLE, text, offset);
  if (double !== '') return { kind: 'double', text: double, offset };
  const integer = matchAt(INTEGER, text, offset);
  if (integer !== '') return { kind: /[uU]$/.test(integer) ? 'uint' : 'int', text: integer, offset };
  const escaped = matchAt(ESCAPED, text, offset);
  if (escaped !== '') return { kind: 'escaped', text: escaped, offset };
  const operator = matchAt(OPERATOR, text, offset);
  return operator === '' ? undefined : { kind: operator as TokenKind, text: operator, offset };
}

/** The string or bytes literal at this place, empty where there is none. */
function readString(text: string, offset: number): string {
  if (!STRING_STARTS.includes(text.charAt(offset))) return '';
  for (const pattern of STRINGS) {
    const match = matchAt(pattern, text, offset);
    if (match !== '') return match;
  }
  return '';
}

function offendingText(text: string, offset: number): string {
  const prefix =
    PREFIXES.map((pattern) => matchAt(pattern, text, offset)).find((match) => match !== '') ?? '';
  const end = offset + prefix.length;
  const isString = prefix.startsWith('"') || prefix.startsWith("'");
  const stop = isString ? end + matchAt(PARTIAL_ESCAPE, text, end).length : end;
  const offending = text.codePointAt(stop);
  return text.slice(offset, stop) + (offending === undefined ? '' : String.fromCodePoint(offending));
}

function matchAt(pattern: RegExp, text: string, offset: number): string {
  pattern.lastIndex = offset;
  return pattern.test(text) ? text.slice(offset, pattern.lastIndex) : '';
}
