import { stringify } from 'yaml';
import type { ListNode, MapNode, ValueNode } from './value-node.ts';

const COMMENT = '# Sessions of kube-x509-authn (session.native)';

/**
 * The text of a configuration, whose root this is, with entries added at the end of `jwt`, in the style of what is there. A text in
 * which there is no place for them stays as it is: what it decodes to is for the caller to see.
 */
export function addJwtEntries(text: string, root: MapNode, entries: readonly object[]): string {
  const jwt = root.entries.findLast(({ key }) => key === 'jwt')?.value;
  if (jwt === undefined) {
    const field = JSON.stringify({ jwt: entries }).slice(1, -1);
    return text[root.start] === '{'
      ? insertBeforeEnd(text, root, field)
      : insertAfter(text, root, `jwt:\n${toItems(entries, '')}`);
  }
  if (jwt.kind !== 'list') return text;
  if (text[jwt.start] === '[') return insertBeforeEnd(text, jwt, JSON.stringify(entries).slice(1, -1));
  return insertAfter(text, jwt, toItems(entries, indentationAt(text, jwt)));
}

/** The white space before the first item of a list; its line has nothing else. */
function indentationAt(text: string, { start }: ListNode): string {
  return text.slice(text.lastIndexOf('\n', start - 1) + 1, start);
}

function toItems(entries: readonly object[], indentation: string): string {
  const block = stringify(entries, { lineWidth: 0 });
  return `${COMMENT}\n${block}`.replaceAll(/^(?=.)/gm, () => indentation);
}

/** Before the bracket that ends a map or a list in flow style. */
function insertBeforeEnd(text: string, node: MapNode | ListNode, insertion: string): string {
  const isEmpty = (node.kind === 'map' ? node.entries : node.items).length === 0;
  const at = text.slice(0, node.end - 1).trimEnd().length;
  return `${text.slice(0, at)}${isEmpty ? '' : ', '}${insertion}${text.slice(at)}`;
}

/** Below the last line of a map or a list in block style. */
function insertAfter(text: string, node: MapNode | ListNode, lines: string): string {
  const end = text.indexOf('\n', text.slice(0, contentEnd(node)).trimEnd().length);
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n';
  const insertion = lines.replaceAll('\n', lineEnd);
  return end < 0
    ? `${text}${lineEnd}${insertion}`
    : `${text.slice(0, end + 1)}${insertion}${text.slice(end + 1)}`;
}

/** Where the last scalar or bracket within ends: a block may be said to end where the next begins. */
function contentEnd(node: ValueNode): number {
  if (node.kind === 'map') {
    const ends = node.entries.map(({ keyRange, value }) => Math.max(keyRange.end, contentEnd(value)));
    return ends.length === 0 ? node.end : Math.max(...ends);
  }
  if (node.kind !== 'list') return node.end;
  return node.items.length === 0 ? node.end : Math.max(...node.items.map(contentEnd));
}
