import { type Document, isMap, isSeq, parseDocument, Scalar, type YAMLMap, YAMLSeq } from 'yaml';
import { OWN_API_VERSION } from './own-kind.ts';

/** A certificate to be revoked: the lower-case hex SHA-256 of its DER, why, and a remark for who reads the file. */
export interface FingerprintItem {
  readonly sha256: string;
  readonly reason: string;
  /** One line of printable ASCII. */
  readonly comment: string;
}

export type EditedList =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly error: string };

const NEW_LIST = `apiVersion: ${OWN_API_VERSION}\nkind: RevocationList\n`;

/**
 * Adds a fingerprint to the text of a RevocationList, or begins one where there is no text. The comments and the order of what is
 * there stay; JSON stays JSON.
 */
export function addFingerprint(text: string, item: FingerprintItem): EditedList {
  const isJson = text.trimStart().startsWith('{');
  const document = parseDocument(text.trim() === '' ? NEW_LIST : text);
  const [error] = document.errors;
  if (error !== undefined) return { ok: false, error: error.message };
  const { contents } = document;
  if (!isMap(contents)) return { ok: false, error: 'it is not a map of fields' };
  addItem(document, contents, item);
  if (isJson) return { ok: true, text: `${JSON.stringify(document.toJS(), undefined, 2)}\n` };
  // A list under its key is indented or not; what is there decides.
  return { ok: true, text: document.toString({ lineWidth: 0, indentSeq: /^ +- /m.test(text) }) };
}

function addItem(document: Document, contents: YAMLMap, item: FingerprintItem): void {
  const node = document.createNode({ sha256: quoted(item.sha256), reason: quoted(item.reason) });
  node.commentBefore = ` ${item.comment}`;
  const existing = contents.get('fingerprints');
  const list = isSeq(existing) ? existing : new YAMLSeq();
  if (list !== existing) contents.set('fingerprints', list);
  // `[]` has room for one item on its line, and for no comment.
  if (list.items.length === 0) list.flow = false;
  list.add(node);
}

/** Always in quotes: to YAML 1.1, which Kubernetes reads, some hex is a number and "no" a boolean. */
function quoted(text: string): Scalar<string> {
  const scalar = new Scalar(text);
  scalar.type = Scalar.QUOTE_DOUBLE;
  return scalar;
}
