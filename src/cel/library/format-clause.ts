import { Buffer } from 'node:buffer';
import { CelError } from '../error.ts';
import { integerError, parseInt64 } from './number-text.ts';

/** How a clause of a format string prints its argument. */
export type FormatVerb = 's' | 'd' | 'f' | 'e' | 'b' | 'o' | 'x' | 'X';

/** One clause, such as `%.2f`. */
export interface FormatClause {
  readonly verb: FormatVerb;
  readonly precision?: bigint;
}

/** Where a format string's arguments come from: values while evaluating, expressions while checking. */
export interface FormatArguments {
  readonly size: number;
  /** Whether an argument that is not there is told before anything is known of its clause. */
  readonly isCheckedFirst: boolean;
  format(clause: FormatClause, index: number): string | CelError;
}

/** What reading a format string gives: the text, and how many arguments it asked for. */
export interface FormattedText {
  readonly text: string;
  readonly argumentsRead: number;
}

/**
 * Reads a format string of cel-go's `string.format` from left to right and puts in what the arguments give. The first error
 * ends it, worded as in cel-go.
 */
export function readFormat(format: string, values: FormatArguments): FormattedText | CelError {
  let text = '';
  let index = 0;
  for (let at = 0; at < format.length; ) {
    const percent = format.indexOf('%', at);
    if (percent < 0) return { text: text + format.slice(at), argumentsRead: index };
    text += format.slice(at, percent);
    if (format.charAt(percent + 1) === '%') {
      text += '%';
      at = percent + 2;
      continue;
    }
    const clause = missing(format, percent, { index, values }) ?? readClause(format, percent + 1);
    if (clause instanceof CelError) return clause;
    const formatted = values.format(clause.clause, index);
    if (formatted instanceof CelError) return wrapped('error during formatting', formatted);
    text += formatted;
    at = clause.end;
    index++;
  }
  return { text, argumentsRead: index };
}

function missing(
  format: string,
  percent: number,
  { index, values }: { readonly index: number; readonly values: FormatArguments },
): CelError | undefined {
  const isMissing = index >= values.size;
  const isAtEnd = percent + 1 >= format.length;
  if (isAtEnd && !(isMissing && values.isCheckedFirst)) return new CelError('unexpected end of string');
  return isMissing ? new CelError(`index ${index} out of range`) : undefined;
}

const PARSING = 'could not parse formatting clause';

const CLAUSE = /(?:\.(\d*))?([^]?)/uy;

function readClause(
  format: string,
  at: number,
): { readonly clause: FormatClause; readonly end: number } | CelError {
  CLAUSE.lastIndex = at;
  const [whole = '', digits, verb = ''] = CLAUSE.exec(format) ?? [];
  if (verb === '') {
    const reason = 'error while parsing precision: could not find end of precision specifier';
    return new CelError(`${PARSING}: ${reason}`);
  }
  const precision = digits === undefined ? undefined : parseInt64(digits);
  if (digits !== undefined && precision === undefined) {
    const reason = 'error while parsing precision: error while converting precision to integer';
    return wrapped(`${PARSING}: ${reason}`, integerError('Atoi', digits));
  }
  if (!isVerb(verb)) return new CelError(`${PARSING}: unrecognized formatting clause "${firstByte(verb)}"`);
  const end = at + whole.length;
  return { clause: precision === undefined ? { verb } : { verb, precision }, end };
}

function isVerb(verb: string): verb is FormatVerb {
  return verb.length === 1 && 'sdfeboxX'.includes(verb);
}

/** cel-go reads the clause as a byte, and prints it as the character of that number. */
function firstByte(character: string): string {
  return String.fromCharCode(Buffer.from(character, 'utf8')[0] ?? 0);
}

function wrapped(words: string, error: CelError): CelError {
  return new CelError(`${words}: ${error.message}`);
}

/** What cel-go answers where a clause does not take an argument of this type. */
export function clauseError(verb: FormatVerb, typeName: string): CelError {
  return new CelError(`${REQUIREMENTS[verb]}, was given ${typeName}`);
}

const HEX = 'only integers, byte buffers, and strings can be formatted as hex';

const REQUIREMENTS: Readonly<Record<FormatVerb, string>> = {
  s: 'string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps',
  d: 'decimal clause can only be used on integers',
  f: 'fixed-point clause can only be used on doubles',
  e: 'scientific clause can only be used on doubles',
  b: 'only integers and bools can be formatted as binary',
  o: 'octal clause can only be used on integers',
  x: HEX,
  X: HEX,
};
