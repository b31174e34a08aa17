import type { Span } from './issue.ts';

/** A CEL rule: the expression that must be true, and what to say when it is not. Unset strings are empty. */
export interface ValidationRule {
  readonly expression: string;
  readonly message: string;
}

/** What may an entry's request and user rules do that cannot be evaluated. */
export type EvaluationFailurePolicy = 'Open' | 'Closed';

/** Which certificates an entry is for, and what they must chain to. Unset strings are empty. */
export interface X509Issuer {
  readonly name: string;
  readonly certificateAuthority: string;
  readonly certificateAuthorityFile: string;
}

/** One `x509` entry, after defaulting. */
export interface X509Entry {
  readonly issuer: X509Issuer;
  readonly requestValidationRules: readonly ValidationRule[];
  readonly userValidationRules: readonly ValidationRule[];
  readonly evaluationFailurePolicy: EvaluationFailurePolicy;
}

/** A plain decoded value of the parts that are kube-apiserver's own. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** The AuthenticationConfiguration file after strict decoding and defaulting. */
export interface Config {
  readonly apiVersion: string;
  readonly jwt: readonly Json[];
  readonly anonymous?: Json;
  readonly x509: readonly X509Entry[];
  readonly source: ConfigSource;
}

/** Where the values of a file stand in it. */
export interface ConfigSource {
  readonly text: string;
  /** The span of the value at a field path, or of the nearest parent that is in the file. */
  locate(path: string): Span;
  /** The span, in the file, of `length` characters at a 1-based line and a 0-based column of the string value at a path. */
  locateWithin(path: string, position: { line: number; column: number; length?: number }): Span;
}
