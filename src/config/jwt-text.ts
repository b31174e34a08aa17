import { loadKubernetesConfig } from './decode.ts';
import { isJson, readRoot, toValues } from './kubernetes-text.ts';
import { LineIndex } from './line-index.ts';
import type { Config } from './types.ts';
import type { ValueNode } from './value-node.ts';

/** What the file says where its text could not be kept: a line before the brace makes it YAML, which may have comments. */
const REWRITTEN = '# Written anew: the text could not be kept when an entry was added to jwt.\n';

/** A `jwt` entry: its value, and the same as an item of a YAML list that begins in the first column. */
export interface JwtEntry {
  readonly value: object;
  readonly item: string;
}

/**
 * The text of a valid configuration of kube-apiserver's with one more `jwt` entry at the end. All else stays as it was written; where it
 * cannot, all is written anew.
 */
export function addJwtEntry(text: string, entry: JwtEntry): string {
  const root = readRoot(text);
  const wanted = toValues(root);
  const jwt = root.entries.find(({ key }) => key === 'jwt')?.value;
  const entries = jwt?.kind === 'list' ? (wanted['jwt'] as readonly unknown[]) : [];
  const anew = JSON.stringify({ ...wanted, jwt: [...entries, entry.value] }, null, 2);
  const edited = isJson(text) ? undefined : insert(text, jwt, entry.item);
  return edited !== undefined && meaningOf(edited) === meaningOf(anew) ? edited : REWRITTEN + anew;
}

function insert(text: string, jwt: ValueNode | undefined, item: string): string | undefined {
  const lines = text.replace(/\n*$/, '').split('\n');
  if (jwt === undefined) return [...lines, 'jwt:', item].join('\n');
  const [first, last] = jwt.kind === 'list' ? [jwt.items[0], jwt.items.at(-1)] : [];
  if (first === undefined || last === undefined) return undefined;
  const index = new LineIndex(text);
  const lineOf = (offset: number): number => index.toSpan({ start: offset, end: offset }).line - 1;
  const indent = /^(\s*)-\s/.exec(lines[lineOf(first.start)] ?? '')?.[1];
  if (indent === undefined) return undefined;
  const indented = item.replaceAll(/^(?=.)/gm, indent);
  return lines.toSpliced(lineOf(last.end - 1) + 1, 0, indented.trimEnd()).join('\n') + '\n';
}

/** What kube-apiserver makes of a text; nothing where it would refuse it. */
function meaningOf(text: string): string | undefined {
  const loaded = loadKubernetesConfig(text);
  return loaded.kind === 'invalid' ? undefined : JSON.stringify(fieldsOf(loaded.config));
}

function fieldsOf({ apiVersion, jwt, anonymous }: Config): object {
  return { apiVersion, jwt, anonymous };
}
