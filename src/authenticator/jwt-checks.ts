import { type FieldError, internal, invalid, type ValuePosition } from './field-error.ts';

/** What validating `jwt` entries needs from elsewhere. */
export interface JwtChecks {
  readonly compileExpression: CompileExpression;
  readonly parseTrustBundle: (
    pem: string,
  ) => { readonly ok: true } | { readonly ok: false; readonly error: string };
  /** Issuer URLs that no entry may have: the cluster's own service-account issuers. */
  readonly disallowedIssuers: readonly string[];
}

/** Compiles a CEL expression in one of the environments of structured authentication. */
export type CompileExpression = (
  source: string,
  environment: 'claims' | 'user',
  expects: 'bool' | 'any',
) => Compilation;

export type Compilation =
  | { readonly ok: true; readonly program: { readonly selects: ReadonlySet<string> } }
  | {
      readonly ok: false;
      /** `invalid`: the expression is at fault; `internal`: it could not be made a program. */
      readonly kind: 'invalid' | 'internal';
      /** Kubernetes' words. */
      readonly error: string;
      readonly issues: readonly ValuePosition[];
    };

/** The error of an expression that does not compile. */
export function toExpressionError(
  path: string,
  expression: string,
  { kind, error, issues }: Compilation & { readonly ok: false },
): FieldError {
  const [position] = issues;
  const fieldError = kind === 'invalid' ? invalid(path, expression, error) : internal(path, error);
  return position === undefined ? fieldError : { ...fieldError, position };
}
