import { checkFields, type FieldFault } from './check-fields.ts';
import { createConfigSource } from './config-source.ts';
import type { Issue, Severity } from './issue.ts';
import { LineIndex } from './line-index.ts';
import { readJson } from './read-json.ts';
import { configurationSchema, kubernetesSchema, type RootSchema } from './schema.ts';
import { toConfig } from './to-config.ts';
import type { Config } from './types.ts';
import type { ReadError, ReadResult, TextRange } from './value-node.ts';
import { type KindRefusal, readVersionKind } from './version-kind.ts';
import { readYaml } from './yaml/read-yaml.ts';

/** A file's configuration, or everything that is wrong with the file. */
export type LoadResult =
  | { readonly kind: 'config'; readonly config: Config; readonly warnings: readonly Issue[] }
  | {
      readonly kind: 'invalid';
      readonly issues: readonly Issue[];
      /** The one error that kube-apiserver gives for the file, word for word; it may quote the whole file. */
      readonly error: string;
    };

/** Twice what a ConfigMap holds; kube-apiserver has no limit of its own. */
const MAX_LENGTH = 2 * 1024 * 1024;

/** What Go takes for white space before the brace that makes a text JSON. */
const JSON_START = /^[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*\{/;

/**
 * Decodes an AuthenticationConfiguration, YAML or JSON, as strictly as kube-apiserver does: unknown and duplicate
 * fields are errors, only the first YAML document counts, and every problem is reported at once.
 */
export function loadConfig(text: string): LoadResult {
  return load(text, configurationSchema);
}

/** Decodes the same file as kube-apiserver itself does, to which `x509` is an unknown field. */
export function loadKubernetesConfig(text: string): LoadResult {
  return load(text, kubernetesSchema);
}

function load(text: string, schema: RootSchema): LoadResult {
  const report = new Report(text);
  if (text === '') return report.refuse('decode/empty', { message: 'empty config data', start: 0, end: 0 });
  if (text.length > MAX_LENGTH) {
    const message = `the file has ${text.length} characters; at most ${MAX_LENGTH} are read`;
    return report.refuse('decode/too-large', { message, start: 0, end: 0 });
  }
  const isJson = JSON_START.test(text);
  const read = isJson ? readJson(text) : readYaml(text);
  if (!read.ok) {
    const prefix = isJson ? "couldn't get version/kind; json parse error: " : '';
    return report.refuse('decode/syntax', { ...read.error, message: prefix + read.error.message });
  }
  return decode(read, schema, report);
}

function decode(read: ReadResult & { readonly ok: true }, schema: RootSchema, report: Report): LoadResult {
  const { root, duplicates, further } = read;
  const found = readVersionKind(root, report.text, schema);
  if (!found.ok) return report.refuseKind(found);
  const faults = checkFields(root, found.schema, found.goPackage);
  if (faults.length > 0 || duplicates.length > 0) return report.refuseFields(faults, duplicates);
  const source = createConfigSource(report.text, root, report.lines);
  const warnings = further === undefined ? [] : [report.furtherDocument(further)];
  return { kind: 'config', config: { ...toConfig(root), source }, warnings };
}

/** Turns faults with offsets into issues with lines. */
class Report {
  readonly text: string;
  readonly lines: LineIndex;

  constructor(text: string) {
    this.text = text;
    this.lines = new LineIndex(text);
  }

  refuse(id: string, error: ReadError): LoadResult {
    return { kind: 'invalid', issues: [this.#issue(id, error)], error: error.message };
  }

  refuseKind({ message, summary, range: { start, end } }: KindRefusal): LoadResult {
    const issue = this.#issue('decode/kind', { message: summary, start, end });
    return { kind: 'invalid', issues: [issue], error: message };
  }

  refuseFields(faults: readonly FieldFault[], duplicates: readonly ReadError[]): LoadResult {
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
