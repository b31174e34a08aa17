import { printGoJson, quoteGo } from '../config/go-syntax.ts';
import type { Issue } from '../config/issue.ts';
import type { ConfigSource } from '../config/types.ts';

/** Kubernetes' kinds of field error, as far as they occur here. */
export type FieldErrorType =
  | 'Required'
  | 'Invalid'
  | 'Duplicate'
  | 'Forbidden'
  | 'TooMany'
  | 'TooLong'
  | 'Unsupported'
  | 'Internal';

/** A place in a string value: a 1-based line and a 0-based column in characters. */
export interface ValuePosition {
  readonly line: number;
  readonly column: number;
}

/** What is wrong with one field of a configuration. */
export interface FieldError {
  readonly type: FieldErrorType;
  /** `jwt[0].issuer.url` */
  readonly path: string;
  /** The value as Kubernetes prints it; undefined where it prints none. */
  readonly value?: string;
  /** Empty where the type says it all. */
  readonly detail: string;
  /** Where in the field's value the fault is, for faults of expressions. */
  readonly position?: ValuePosition;
}

/** A field that must be set. */
export function required(path: string, detail = ''): FieldError {
  return { type: 'Required', path, detail };
}

/** A value that the field cannot have. */
export function invalid(path: string, value: string, detail: string): FieldError {
  return { type: 'Invalid', path, value: quoteGo(value), detail };
}

/** The same for a value that is no plain string to Go: a list, or a string with a type of its own. */
export function invalidTyped(path: string, value: unknown, detail: string): FieldError {
  return { type: 'Invalid', path, value: printGoJson(value), detail };
}

/** A value that another field has already. */
export function duplicate(path: string, value: string): FieldError {
  return { type: 'Duplicate', path, value: quoteGo(value), detail: '' };
}

/** A field that may not be set here. */
export function forbidden(path: string, detail: string): FieldError {
  return { type: 'Forbidden', path, detail };
}

/** A list with too many items. */
export function tooMany(path: string, actual: number, most: number): FieldError {
  const detail = `must have at most ${most} ${most === 1 ? 'item' : 'items'}`;
  return { type: 'TooMany', path, value: String(actual), detail };
}

/** A value of too many bytes, which is not repeated. */
export function tooLong(path: string, mostBytes: number): FieldError {
  return { type: 'TooLong', path, detail: `may not be more than ${mostBytes} bytes` };
}

/** A value that is none of those there are. */
export function unsupported(path: string, value: string, supported: readonly string[]): FieldError {
  const detail = `supported values: ${supported.map(quoteGo).join(', ')}`;
  return { type: 'Unsupported', path, value: quoteGo(value), detail };
}

/** A fault that is not the field's own. */
export function internal(path: string, detail: string): FieldError {
  return { type: 'Internal', path, detail };
}

const WORDS: Readonly<Record<FieldErrorType, string>> = {
  Required: 'Required value',
  Invalid: 'Invalid value',
  Duplicate: 'Duplicate value',
  Forbidden: 'Forbidden',
  TooMany: 'Too many',
  TooLong: 'Too long',
  Unsupported: 'Unsupported value',
  Internal: 'Internal error',
};

/** The error in kube-apiserver's words: `<path>: <type>[: <value>][: <detail>]`. */
export function formatFieldError({ type, path, value, detail }: FieldError): string {
  const parts = [path, WORDS[type]];
  if (value !== undefined) parts.push(value);
  if (detail !== '') parts.push(detail);
  return parts.join(': ');
}

/** All errors in one text, as kube-apiserver logs them: one bare, several in brackets, each once. */
export function formatFieldErrors(errors: readonly FieldError[]): string {
  const texts = [...new Set(errors.map(formatFieldError))];
  return texts.length === 1 ? texts.join('') : `[${texts.join(', ')}]`;
}

/** The error as a finding about the file that it is in. */
export function toIssue(error: FieldError, source: ConfigSource): Issue {
  const span =
    error.position === undefined
      ? source.locate(error.path)
      : source.locateWithin(error.path, error.position);
  const id = `field/${ISSUE_IDS[error.type]}`;
  return { id, path: error.path, severity: 'error', message: formatFieldError(error), ...span };
}

const ISSUE_IDS: Readonly<Record<FieldErrorType, string>> = {
  Required: 'required',
  Invalid: 'invalid',
  Duplicate: 'duplicate',
  Forbidden: 'forbidden',
  TooMany: 'too-many',
  TooLong: 'too-long',
  Unsupported: 'unsupported',
  Internal: 'internal',
};
