export type Severity = 'error' | 'warning' | 'info';

/** A place in a file: 1-based lines and columns (columns count UTF-16 code units), the end exclusive. */
export interface Span {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/**
 * One finding about a file. `id` is stable and names the kind of finding, `path` is kube-apiserver's field path
 * (`x509[0].userValidationRules[1].expression`, empty for the document), `message` the whole text for a person.
 */
export interface Issue extends Span {
  readonly id: string;
  readonly path: string;
  readonly severity: Severity;
  readonly message: string;
}
