import { createRequire } from 'node:module';
import { checkFields, type FieldFault } from './check-fields.ts';
import type { Issue } from './issue.ts';
import { LineIndex } from './line-index.ts';
import { readPlainList } from './read-plain-list.ts';
import type { RevocationList } from './revocation-list.ts';
import type { RootSchema } from './schema.ts';
import { type Fault, toRevocationList } from './to-revocation-list.ts';
import type { ValueNode } from './value-node.ts';
import { readYaml } from './yaml/read-yaml.ts';

/** A file's list, or what is wrong with the file. */
export type RevocationListResult =
  | { readonly kind: 'list'; readonly list: RevocationList }
  | { readonly kind: 'invalid'; readonly issues: readonly Issue[] };

/** Room for a hundred thousand items with a reason each. */
const MAX_LENGTH = 32 * 1024 * 1024;

/** Nobody reads more. */
const MAX_ISSUES = 100;

// A package's own file, which stands two folders up from src/config and from dist/config alike.
const schema: RootSchema = createRequire(import.meta.url)('../../schemas/revocation-list.schema.json');

/**
 * Decodes a RevocationList strictly, YAML or JSON: unknown and duplicate fields, values of another shape, and a second document are
 * errors, since what is passed over would not be revoked. Takes 2 to 4 µs an item where the list is laid out plainly, else 20.
 */
export function loadRevocationList(text: string): RevocationListResult {
  const plain = text.length > MAX_LENGTH ? undefined : readPlain(text);
  if (plain !== undefined) return { kind: 'list', list: plain };
  const read = readList(text);
  if (read.ok) return { kind: 'list', list: read.list };
  const lines = new LineIndex(text);
  const issues = read.faults.slice(0, MAX_ISSUES).map(({ id, path, message, start, end }): Issue => {
    return { id, path, severity: 'error', message, ...lines.toSpan({ start, end }) };
  });
  return { kind: 'invalid', issues };
}

/** Of a list without a fault. What is wrong with the others is found with its place. */
function readPlain(text: string): RevocationList | undefined {
  const root = readPlainList(text);
  if (root === undefined || checkShape(root).length > 0) return undefined;
  const converted = toRevocationList(root);
  return converted.ok ? converted.list : undefined;
}

type ListOrFaults =
  | { readonly ok: true; readonly list: RevocationList }
  | { readonly ok: false; readonly faults: readonly Fault[] };

/** Reads the text, then its shape, then its values: each only where there was nothing wrong before. */
function readList(text: string): ListOrFaults {
  if (text.length > MAX_LENGTH) {
    const message = `the file has ${text.length} characters; at most ${MAX_LENGTH} are read`;
    return { ok: false, faults: [{ id: 'decode/too-large', path: '', message, start: 0, end: 0 }] };
  }
  const read = readYaml(text);
  if (!read.ok) return { ok: false, faults: [{ id: 'decode/syntax', path: '', ...read.error }] };
  const { root, duplicates, further } = read;
  const faults: Fault[] = duplicates.map((duplicate) => ({
    id: 'decode/duplicate-field',
    path: '',
    ...duplicate,
  }));
  if (further !== undefined) {
    const message = 'a RevocationList is one document; give this one a file of its own';
    faults.push({ id: 'decode/further-document', path: '', message, ...further });
  }
  faults.push(...checkShape(root));
  return faults.length > 0 ? { ok: false, faults } : toRevocationList(root);
}

function checkShape(root: ValueNode): readonly Fault[] {
  return checkFields(root, schema, 'v1alpha1').map(toFault);
}

function toFault({ kind, path, message, hint, start, end }: FieldFault): Fault {
  const place = { id: `decode/${kind}`, path, start, end };
  if (hint === undefined) return { ...place, message };
  // Go's words on a wrong type name Go's types, which nobody who writes this file knows; the hint says it plainly.
  if (kind === 'wrong-type') return { ...place, message: path === '' ? `the file${hint}` : hint };
  return { ...place, message: `${message} (${hint})` };
}
