import { checkFields } from './check-fields.ts';
import { createConfigSource } from './config-source.ts';
import { DecodeReport, type Undecodable } from './decode-report.ts';
import type { Issue } from './issue.ts';
import { isJsonText, readJson } from './read-json.ts';
import type { ConfigSource } from './types.ts';
import type { ReadResult, ValueNode } from './value-node.ts';
import type { VersionKind } from './version-kind.ts';
import { readYaml } from './yaml/read-yaml.ts';

/** A file's first document, which has the shape of its kind, or everything that is wrong with the file. */
export type DocumentResult =
  | {
      readonly kind: 'document';
      readonly root: ValueNode;
      readonly source: ConfigSource;
      readonly warnings: readonly Issue[];
    }
  | Undecodable;

/** What a file may be. */
export interface DocumentFormat {
  /** Finds out the file's version and kind, and with them its shape. */
  readonly readKind: (root: ValueNode, text: string) => VersionKind;
  /** In UTF-16 code units. */
  readonly maxLength: number;
}

/**
 * Decodes a file, YAML or JSON, as strictly as kube-apiserver decodes its own: unknown and duplicate fields are errors, only the first
 * YAML document counts, and every problem is reported at once.
 */
export function decodeDocument(text: string, { readKind, maxLength }: DocumentFormat): DocumentResult {
  const report = new DecodeReport(text);
  if (text === '') return report.refuse('decode/empty', { message: 'empty config data', start: 0, end: 0 });
  if (text.length > maxLength) {
    const message = `the file has ${text.length} characters; at most ${maxLength} are read`;
    return report.refuse('decode/too-large', { message, start: 0, end: 0 });
  }
  const isJson = isJsonText(text);
  const read = isJson ? readJson(text) : readYaml(text);
  if (!read.ok) {
    const prefix = isJson ? "couldn't get version/kind; json parse error: " : '';
    return report.refuse('decode/syntax', { ...read.error, message: prefix + read.error.message });
  }
  return checkDocument(read, readKind, report);
}

function checkDocument(
  { root, duplicates, further }: ReadResult & { readonly ok: true },
  readKind: DocumentFormat['readKind'],
  report: DecodeReport,
): DocumentResult {
  const found = readKind(root, report.text);
  if (!found.ok) return report.refuseKind(found);
  const faults = checkFields(root, found.schema, found.goPackage);
  if (faults.length > 0 || duplicates.length > 0) return report.refuseFields(faults, duplicates);
  const source = createConfigSource(report.text, root, report.lines);
  const warnings = further === undefined ? [] : [report.furtherDocument(further)];
  return { kind: 'document', root, source, warnings };
}
