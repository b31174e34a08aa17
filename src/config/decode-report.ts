import type { FieldFault } from './check-fields.ts';
import type { Issue, Severity } from './issue.ts';
import { LineIndex } from './line-index.ts';
import type { ReadError, TextRange } from './value-node.ts';
import type { KindRefusal } from './version-kind.ts';

/** A file that cannot be decoded. */
export interface Undecodable {
  readonly kind: 'invalid';
  readonly issues: readonly Issue[];
  /** The one error that kube-apiserver gives for the file, word for word; it may quote the whole file. */
  readonly error: string;
}

/** Turns faults with offsets into issues with lines. */
export class DecodeReport {
  readonly text: string;
  readonly lines: LineIndex;

  constructor(text: string) {
    this.text = text;
    this.lines = new LineIndex(text);
  }

  refuse(id: string, error: ReadError): Undecodable {
    return { kind: 'invalid', issues: [this.#issue(id, error)], error: error.message };
  }

  refuseKind({ message, summary, range: { start, end } }: KindRefusal): Undecodable {
    const issue = this.#issue('decode/kind', { message: summary, start, end });
    return { kind: 'invalid', issues: [issue], error: message };
  }

  refuseFields(faults: readonly FieldFault[], duplicates: readonly ReadError[]): Undecodable {
    const issues = [
      ...duplicates.map(({ message, start, end }) =>
        this.#issue('decode/duplicate-field', {
          message: `strict decoding error: yaml: ${message}`,
          start,
          end,
        }),
      ),
      ...faults.map((fault) => this.#fieldIssue(fault)),
    ];
    return { kind: 'invalid', issues, error: joinFaults(faults, duplicates) };
  }

  furtherDocument({ start, end }: TextRange): Issue {
    const message = 'only the first document of the file is read; what follows it has no effect';
    return this.#issue('decode/further-document', { message, start, end }, 'warning');
  }

  #fieldIssue(fault: FieldFault): Issue {
    const prefix = fault.kind === 'wrong-type' ? '' : 'strict decoding error: ';
    const message = withHint(prefix + fault.message, fault.hint);
    return { ...this.#issue(`decode/${fault.kind}`, { ...fault, message }), path: fault.path };
  }

  #issue(id: string, { message, start, end }: ReadError, severity: Severity = 'error'): Issue {
    return { id, path: '', severity, message, ...this.lines.toSpan({ start, end }) };
  }
}

function withHint(message: string, hint: string | undefined): string {
  return hint === undefined ? message : `${message} (${hint})`;
}

/** kube-apiserver's one error: the first wrong type, or else all that only a strict decoder minds. */
function joinFaults(faults: readonly FieldFault[], duplicates: readonly ReadError[]): string {
  const [first] = faults;
  if (first?.kind === 'wrong-type') return first.message;
  const parts = faults.map(({ message }) => message);
  if (duplicates.length > 0) {
    parts.unshift(`yaml: unmarshal errors:\n${duplicates.map(({ message }) => `  ${message}`).join('\n')}`);
  }
  return `strict decoding error: ${parts.join(', ')}`;
}
