import { isJsonText, readJson } from './read-json.ts';
import type { ValueNode } from './value-node.ts';
import { readYaml } from './yaml/read-yaml.ts';

/** A document of a file. */
export interface Document {
  readonly text: string;
  /** How many lines of the file are before it. */
  readonly linesBefore: number;
  /** Empty where it says none, or where it cannot be read. */
  readonly apiVersion: string;
  readonly kind: string;
  readonly isReadable: boolean;
}

/** YAML 1.1 §9.1: a marker stands at the beginning of a line, whatever is open there. */
const SEPARATOR = /^---(?:[ \t\r]|$)/;
const END = /^\.\.\.(?:[ \t\r]|$)/;

/** The documents of a file, those that hold nothing left out. A text that begins with a brace is one JSON document. */
export function splitDocuments(text: string): readonly Document[] {
  const parts = isJsonText(text) ? [] : splitYaml(text);
  // What stands alone is read as it is, directives and all.
  return parts.length > 1 ? parts.map(toDocument) : [toDocument({ text, linesBefore: 0 })];
}

/** The text of a document with the lines before it blank, so that its places are those of the file. */
export function textInPlace({ text, linesBefore }: Document): string {
  return '\n'.repeat(linesBefore) + text;
}

type Part = Pick<Document, 'text' | 'linesBefore'>;

function splitYaml(text: string): readonly Part[] {
  const lines = text.split('\n');
  const starts = lines.flatMap((line, index) => (SEPARATOR.test(line) || END.test(line) ? [index] : []));
  const ranges = [0, ...starts].map((start, index) => [start, starts[index] ?? lines.length] as const);
  return ranges
    .filter(([start, end]) => lines.slice(start, end).some(hasContent))
    .map(([start, end]) => ({ text: lines.slice(start, end).join('\n'), linesBefore: start }));
}

function hasContent(line: string): boolean {
  const rest = line.replace(SEPARATOR, '').replace(END, '').trim();
  return rest !== '' && !rest.startsWith('#') && !rest.startsWith('%');
}

function toDocument(part: Part): Document {
  const read = isJsonText(part.text) ? readJson(part.text) : readYaml(part.text);
  if (!read.ok) return { ...part, apiVersion: '', kind: '', isReadable: false };
  const textOf = (name: string): string => stringAt(read.root, name);
  return { ...part, apiVersion: textOf('apiVersion'), kind: textOf('kind'), isReadable: true };
}

function stringAt(root: ValueNode, name: string): string {
  const value = root.kind === 'map' ? root.entries.findLast(({ key }) => key === name)?.value : undefined;
  return value?.kind === 'string' ? value.value : '';
}
