import type { AnchorsSource, ValidationRule, X509Entry } from '../config/types.ts';
import type { FieldError } from './field-error.ts';
import type { RuleKind } from './reason.ts';

/** A rule with its place: `path` is the rule's, `kind` decides the variables that it sees. */
export interface PlacedRule {
  readonly kind: RuleKind;
  readonly path: string;
  readonly rule: ValidationRule;
}

/** An expression over `cert` with its place, and what a mapping takes from it: a string, or a string or a list of them. */
export interface PlacedMapping {
  readonly path: string;
  readonly expression: string;
  readonly gives: 'string' | 'strings';
}

/** What validating `x509` needs from elsewhere; called for each field in its turn, so that errors stand in the fields' order. */
export interface X509Checks {
  /** Compiles a rule that is otherwise fine; gives the error of one that does not compile. */
  readonly compileRule: (rule: PlacedRule) => FieldError | undefined;
  /** Compiles a mapping's expression likewise. */
  readonly compileMapping: (mapping: PlacedMapping) => FieldError | undefined;
  /** Reads the anchors of the issuer or the trust domain at a path; gives the error of those that cannot be used. */
  readonly readAnchors: (path: string, source: AnchorsSource) => FieldError | undefined;
  /** Reads an entry's revocation files; gives the errors of those that cannot be used. */
  readonly readRevocation: (index: number, entry: X509Entry) => readonly FieldError[];
}
