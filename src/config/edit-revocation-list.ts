import { isDeepStrictEqual } from 'node:util';
import { type Document, isMap, isSeq, parseDocument, Scalar, type YAMLMap, YAMLSeq } from 'yaml';
import { loadRevocationList } from './load-revocation-list.ts';
import { OWN_API_VERSION } from './own-kind.ts';
import type { RevocationList } from './revocation-list.ts';

/** A certificate to be revoked: the lower-case hex SHA-256 of its DER, why, and a remark for who reads the file. */
export interface FingerprintItem {
  readonly sha256: string;
  readonly reason: string;
  /** One line of printable ASCII. */
  readonly comment: string;
}

/** The text of a RevocationList, and what it holds. */
export interface WrittenList {
  readonly text: string;
  readonly list: RevocationList;
}

/** A list with nothing in it. */
export const EMPTY_LIST: WrittenList = {
  text: `apiVersion: ${OWN_API_VERSION}\nkind: RevocationList\n`,
  list: { serials: [], fingerprints: [], publicKeys: [] },
};

/**
 * The text with a fingerprint more, which holds that and what it held before, and nothing else. Comments and order stay, and where the
 * list has a line for each field all of its lines; JSON stays JSON. Undefined for a text that nothing can be added to.
 */
export function addFingerprint({ text, list }: WrittenList, item: FingerprintItem): string | undefined {
  const { sha256, reason } = item;
  const wanted = { ...list, fingerprints: [...list.fingerprints, { sha256, reason }] };
  for (const edit of [insertLines, editJson, editDocument]) {
    const edited = edit(text, item);
    const read = edited === undefined ? undefined : loadRevocationList(edited);
    if (read?.kind === 'list' && isDeepStrictEqual(read.list, wanted)) return edited;
  }
  return undefined;
}

/** Puts the item behind the last one of a list that has its items on lines of their own, or puts such a list at the end. */
function insertLines(text: string, { sha256, reason, comment }: FingerprintItem): string | undefined {
  if (text.trimStart().startsWith('{')) return undefined;
  const lineBreak = text.includes('\r\n') ? '\r\n' : '\n';
  const whole = text.endsWith('\n') ? text : `${text}${lineBreak}`;
  const key = /^fingerprints:[ \t]*(?:#.*)?\r?\n/m.exec(whole);
  const start = key === null ? whole.length : key.index + key[0].length;
  const length = whole.slice(start).search(/^[^-#\s]/m);
  const body = length === -1 ? whole.slice(start) : whole.slice(start, start + length);
  const indent = /^( *)- /m.exec(body)?.[1] ?? '';
  const at = start + endOfContent(body);
  const added = [
    ...(key === null ? ['fingerprints:'] : []),
    `${indent}# ${comment}`,
    `${indent}- sha256: ${JSON.stringify(sha256)}`,
    `${indent}  reason: ${JSON.stringify(reason)}`,
  ];
  return `${whole.slice(0, at)}${added.map((line) => `${line}${lineBreak}`).join('')}${whole.slice(at)}`;
}

/** Where the comments and empty lines begin that nothing follows. */
function endOfContent(body: string): number {
  let end = body.length;
  while (end > 0) {
    const start = body.lastIndexOf('\n', end - 2) + 1;
    if (/^\s*[^\s#]/.test(body.slice(start, end))) break;
    end = start;
  }
  return end;
}

function editJson(text: string, { sha256, reason }: FingerprintItem): string | undefined {
  try {
    const list = JSON.parse(text);
    const fingerprints = [...(list.fingerprints ?? []), { sha256, reason }];
    return `${JSON.stringify({ ...list, fingerprints }, undefined, 2)}\n`;
  } catch {
    return undefined;
  }
}

function editDocument(text: string, item: FingerprintItem): string | undefined {
  const document = parseDocument(text);
  const { contents } = document;
  if (document.errors.length > 0 || !isMap(contents)) return undefined;
  addItem(document, contents, item);
  // A list under its key is indented or not; what is there decides.
  return document.toString({ lineWidth: 0, indentSeq: /^ +- /m.test(text) });
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
