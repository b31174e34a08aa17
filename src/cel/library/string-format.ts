import { Buffer } from 'node:buffer';
import { CelError } from '../error.ts';
import type { CelList, CelValue } from '../value.ts';
import { CelMap, Duration, Timestamp, Uint, typeNameOf } from '../value.ts';
import { toText } from './conversion.ts';
import {
  DEFAULT_PLACES,
  formatFixedDouble,
  formatLocaleFixed,
  formatLocaleScientific,
} from './double-text.ts';
import { type FormatClause, type FormatVerb, clauseError, readFormat } from './format-clause.ts';
import { quote } from './go-quote.ts';
import { MAX_TEXT, type WorkLimit, textLimit } from './work-limit.ts';

/** How deep lists and maps may nest in a formatted value. Kubernetes has no such limit; JavaScript's stack has one. */
const MAX_DEPTH = 500;

/** Places after the point that all clauses of a call may ask for; each takes some 50 ns. */
const MAX_PLACES = 1_000_000;

/** cel-go's `string.format`: the text with each clause's argument put in. */
export function interpolate(format: string, values: CelList): string | CelError {
  const writer = new Formatter();
  const formatted = readFormat(format, {
    size: values.length,
    isCheckedFirst: true,
    format: (clause, index) => writer.write(clause, values[index] as CelValue),
  });
  return writer.exceeded ?? (formatted instanceof CelError ? formatted : formatted.text);
}

/** Formats arguments, and keeps count of what that takes. */
class Formatter {
  #length = 0;
  #places = 0;
  /** Set once the call has done more work than it may. */
  exceeded: WorkLimit | undefined;

  write(clause: FormatClause, value: CelValue): string | CelError {
    this.#places += placesOf(clause);
    if (this.#places > MAX_PLACES) return this.#exceed();
    const text = clause.verb === 's' ? this.#text(value) : formatNumber(clause, value);
    if (text instanceof CelError) return text;
    return this.#count(text);
  }

  #exceed(): WorkLimit {
    this.exceeded = textLimit();
    return this.exceeded;
  }

  #count(text: string): string | CelError {
    this.#length += text.length;
    return this.#length > MAX_TEXT ? this.#exceed() : text;
  }

  /** The argument of a `%s`: as `string(x)` prints it, lists and maps as literals. */
  #text(value: CelValue): string | CelError {
    if (value === null) return 'null';
    if (Array.isArray(value)) return this.#list(value as CelList, 0);
    if (value instanceof CelMap) return this.#map(value, 0);
    const text = toText(value);
    if (text === undefined) return clauseError('s', typeNameOf(value));
    return text instanceof CelError ? conversionError(text) : text;
  }

  #list(list: CelList, depth: number): string | CelError {
    const texts: string[] = [];
    for (const element of list) {
      const text = this.#literal(element, depth + 1);
      if (text instanceof CelError) return text;
      texts.push(text);
    }
    return `[${texts.join(', ')}]`;
  }

  #map(map: CelMap, depth: number): string | CelError {
    const entries: [key: string, text: string][] = [];
    for (const [key, value] of map.pairs()) {
      const keyText = keyLiteral(key);
      if (keyText instanceof CelError) return keyText;
      const text = this.#literal(value, depth + 1);
      if (text instanceof CelError) return text;
      entries.push([keyText, text]);
    }
    const sorted = entries.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    return `{${sorted.map(([key, text]) => `${key}:${text}`).join(', ')}}`;
  }

  /** A part of a list or map, as a CEL literal. */
  #literal(value: CelValue, depth: number): string | CelError {
    if (depth > MAX_DEPTH || this.exceeded !== undefined) return this.#exceed();
    const text = this.#literalText(value, depth);
    return text instanceof CelError ? text : this.#count(text);
  }

  #literalText(value: CelValue, depth: number): string | CelError {
    if (value === null) return 'null';
    if (Array.isArray(value)) return this.#list(value as CelList, depth);
    if (value instanceof CelMap) return this.#map(value, depth);
    if (typeof value === 'number') return doubleLiteral(value);
    const text = toText(value);
    if (text === undefined) return new CelError(`no formatting function for ${typeNameOf(value)}`);
    if (text instanceof CelError) return conversionError(text);
    if (typeof value === 'string') return quote(text);
    if (value instanceof Uint8Array) return `b${quote(text)}`;
    if (value instanceof Timestamp) return `timestamp(${quote(text)})`;
    return value instanceof Duration ? `duration(${quote(text)})` : text;
  }
}

function placesOf({ verb, precision = 0n }: FormatClause): number {
  return verb === 'f' ? Number(precision & 0xffffn) : verb === 'e' ? DEFAULT_PLACES : 0;
}

function conversionError(error: CelError): CelError {
  return new CelError(`could not convert argument ${quote(error.message)} to string`);
}

function keyLiteral(key: CelValue): string | CelError {
  if (typeof key === 'string') return quote(key);
  if (typeof key === 'boolean' || typeof key === 'bigint') return key.toString();
  return key instanceof Uint
    ? key.value.toString()
    : new CelError(`no formatting function for map key of type ${typeNameOf(key)}`);
}

function doubleLiteral(value: number): string {
  const text = formatFixedDouble(value, DEFAULT_PLACES);
  return Number.isFinite(value) ? text : quote(text);
}

function formatNumber({ verb, precision }: FormatClause, value: CelValue): string | CelError {
  if (verb === 'f' || verb === 'e') {
    const number = doubleOf(value);
    if (number === undefined) return clauseError(verb, typeNameOf(value));
    return verb === 'f' ? formatFixed(number, precision) : formatScientific(number, precision);
  }
  return formatInteger(verb, value) ?? clauseError(verb, typeNameOf(value));
}

/** A double, or one of the names of doubles that have no digits. */
function doubleOf(value: CelValue): number | undefined {
  if (typeof value === 'number') return value;
  return value === 'NaN' || value === 'Infinity' || value === '-Infinity' ? Number(value) : undefined;
}

/** golang.org/x/text gives up a clause with a number of more than seven digits. */
function isTooLong(precision: bigint): boolean {
  return precision / 10n > 1_000_000n;
}

const NO_VERB = '%!(NOVERB)';

function formatFixed(value: number, precision: bigint = BigInt(DEFAULT_PLACES)): string {
  return isTooLong(precision) ? NO_VERB : formatLocaleFixed(value, Number(precision));
}

/** cel-go asks for the precision as the width of the whole; the places are always six. */
function formatScientific(value: number, precision: bigint = BigInt(DEFAULT_PLACES)): string {
  if (isTooLong(precision)) return NO_VERB;
  const text = formatLocaleScientific(value);
  // x/text keeps 16 bits of the width.
  return text.padStart(Number(precision & 0xffffn), ' ');
}

const BASES: Readonly<Partial<Record<FormatVerb, number>>> = { b: 2, o: 8, d: 10, x: 16, X: 16 };

function formatInteger(verb: FormatVerb, value: CelValue): string | undefined {
  const integer = value instanceof Uint ? value.value : value;
  if (typeof integer === 'bigint') return inCase(verb, integer.toString(BASES[verb]));
  if (typeof value === 'boolean' && verb === 'b') return value ? '1' : '0';
  if (verb !== 'x' && verb !== 'X') return undefined;
  if (typeof value !== 'string' && !(value instanceof Uint8Array)) return undefined;
  return inCase(verb, Buffer.from(value as string).toString('hex'));
}

function inCase(verb: FormatVerb, digits: string): string {
  return verb === 'X' ? digits.toUpperCase() : digits;
}
