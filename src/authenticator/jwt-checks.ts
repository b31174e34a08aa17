import { compileExpression } from '../cel/compile.ts';
import { environments } from '../cel/environment.ts';
import { parse } from '../cel/syntax/parser.ts';
import { selectsOf } from '../cel/selects.ts';
import { Source } from '../cel/syntax/source.ts';
import { parseTrustBundle } from '../x509/trust-bundle.ts';
import { type FieldError, internal, invalid } from './field-error.ts';

/** What validating `jwt` entries needs from elsewhere. */
export interface JwtChecks {
  readonly compile: CompileField;
  readonly parseTrustBundle: (
    pem: string,
  ) => { readonly ok: true } | { readonly ok: false; readonly error: string };
  /** Issuer URLs that no entry may have: the cluster's own service-account issuers. */
  readonly disallowedIssuers: readonly string[];
}

/** Compiles the expression at a path; gives what it selects, or the field's error. */
export type CompileField = (path: string, expression: string, rule: RuleKind) => CompiledField;

/** The variable that an expression sees, and what it must give. */
export interface RuleKind {
  readonly environment: 'claims' | 'user';
  readonly expects: 'bool' | 'any';
}

export type CompiledField =
  | { readonly ok: true; readonly selects: ReadonlySet<string> }
  | { readonly ok: false; readonly error: FieldError };

/** The checks of kube-apiserver, with its CEL and its reading of certificates. */
export function createJwtChecks(disallowedIssuers: readonly string[]): JwtChecks {
  return { compile: compileField, parseTrustBundle, disallowedIssuers };
}

const compileField: CompileField = (path, expression, { environment, expects }) => {
  const compilation = compileExpression(expression, environments[environment], expects);
  if (!compilation.ok) return { ok: false, error: toExpressionError(path, expression, compilation) };
  const parsing = parse(new Source(expression));
  return { ok: true, selects: parsing.ok ? selectsOf(parsing.expr) : new Set() };
};

/** The error of an expression that does not compile, with the first place that it names. */
export function toExpressionError(
  path: string,
  expression: string,
  { error, issues }: { readonly error: string; readonly issues: readonly { line: number; column: number }[] },
): FieldError {
  // Kubernetes takes what does not compile for the user's fault, and what cannot be made a program for its own.
  const isInternal = error.startsWith('program instantiation failed');
  const fieldError = isInternal ? internal(path, error) : invalid(path, expression, error);
  const [position] = issues;
  return position === undefined ? fieldError : { ...fieldError, position };
}
