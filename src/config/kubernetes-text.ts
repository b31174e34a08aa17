import { loadKubernetesConfig } from './decode.ts';
import { LineIndex } from './line-index.ts';
import { readJson } from './read-json.ts';
import type { Config } from './types.ts';
import type { MapEntry, MapNode, TextRange, ValueNode } from './value-node.ts';
import { readYaml } from './yaml/read-yaml.ts';

const FIELD = 'x509';

/** What the file says where its text could not be kept: a line before the brace makes it YAML, which may have comments. */
const REWRITTEN =
  '# Written anew without x509: the text could not be kept, since parts of it are used in more than one place.\n';

/**
 * The text of a valid configuration as kube-apiserver gets it: without `x509`, and with this apiVersion. All else stays as it was
 * written, comments included; those within `x509` and right above it go with it. It decodes to the same, or is written anew.
 */
export function toKubernetesText(text: string, config: Config, apiVersion: string): string {
  const root = readRoot(text);
  const edited = edit(text, root, apiVersion);
  return meansTheSame(edited, config)
    ? edited
    : REWRITTEN + JSON.stringify(valuesOf(root, apiVersion), null, 2);
}

function readRoot(text: string): MapNode {
  const read = isJson(text) ? readJson(text) : readYaml(text);
  if (!read.ok || read.root.kind !== 'map') throw new Error('toKubernetesText needs a valid configuration');
  return read.root;
}

function isJson(text: string): boolean {
  return /^\s*\{/.test(text);
}

function edit(text: string, root: MapNode, apiVersion: string): string {
  const field = root.entries.find(({ key }) => key === FIELD);
  const version = root.entries.find(({ key }) => key === 'apiVersion')?.value;
  const edits: (TextRange & { readonly by: string })[] = [];
  if (field !== undefined) {
    const range = text[root.start] === '{' ? flowRange(text, field) : blockRange(text, root, field);
    edits.push({ ...range, by: '' });
  }
  if (version?.kind === 'string' && version.value !== apiVersion) {
    edits.push({
      start: version.start,
      end: version.end,
      by: isJson(text) ? JSON.stringify(apiVersion) : apiVersion,
    });
  }
  const fromTheEnd = edits.sort((a, b) => b.start - a.start);
  return fromTheEnd.reduce(
    (edited, { start, end, by }) => edited.slice(0, start) + by + edited.slice(end),
    text,
  );
}

/** A key with its value, and the comma that parts it from the next or, where it is the last, from the one before. */
function flowRange(text: string, { keyRange, value }: MapEntry): TextRange {
  const comma = /^\s*,\s*/.exec(text.slice(value.end));
  if (comma !== null) return { start: keyRange.start, end: value.end + comma[0].length };
  const before = /,\s*$/.exec(text.slice(0, keyRange.start));
  return { start: before === null ? keyRange.start : before.index, end: value.end };
}

/** The lines of a key and its value, with comments that are indented below, and those right above that begin no file. */
function blockRange(text: string, root: MapNode, { keyRange, value }: MapEntry): TextRange {
  const lines = text.split('\n');
  const index = new LineIndex(text);
  const lineOf = (offset: number): number => index.toSpan({ start: offset, end: offset }).line - 1;
  const first = lineOf(keyRange.start);
  let start = first;
  while (start > 0 && lines[start - 1]?.startsWith('#') === true) start -= 1;
  if (start === 0) start = first;
  const next = root.entries.map((entry) => lineOf(entry.keyRange.start)).filter((line) => line > first);
  const last = Math.min(...next, lines.length);
  let end = Math.max(first, lineOf(Math.max(keyRange.end, value.end - 1))) + 1;
  while (end < last && /^(?:\s|\s*$)/.test(lines[end] ?? '')) end += 1;
  const offsetOf = (line: number): number =>
    lines.slice(0, line).reduce((sum, one) => sum + one.length + 1, 0);
  return { start: offsetOf(start), end: Math.min(offsetOf(end), text.length) };
}

function meansTheSame(text: string, config: Config): boolean {
  const loaded = loadKubernetesConfig(text);
  if (loaded.kind === 'invalid') return false;
  return JSON.stringify(kubernetesFields(loaded.config)) === JSON.stringify(kubernetesFields(config));
}

/** What kube-apiserver makes of a configuration. */
function kubernetesFields({ jwt, anonymous }: Config): object {
  return { jwt, anonymous };
}

function valuesOf(root: MapNode, apiVersion: string): object {
  const entries = root.entries.filter(({ key }) => key !== FIELD && key !== 'apiVersion');
  return { apiVersion, ...Object.fromEntries(entries.map(({ key, value }) => [key, toJson(value)])) };
}

function toJson(node: ValueNode): unknown {
  switch (node.kind) {
    case 'map':
      return Object.fromEntries(node.entries.map(({ key, value }) => [key, toJson(value)]));
    case 'list':
      return node.items.map(toJson);
    case 'string':
    case 'bool':
      return node.value;
    case 'null':
      return null;
    case 'number':
      throw new Error('no field of the configuration is a number');
  }
}
