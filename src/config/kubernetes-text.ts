import { isDeepStrictEqual } from 'node:util';
import { addJwtEntries } from './add-jwt-entries.ts';
import { loadKubernetesConfig } from './decode.ts';
import { LineIndex } from './line-index.ts';
import { isJsonText, readJson } from './read-json.ts';
import type { Config } from './types.ts';
import type { MapEntry, MapNode, TextRange, ValueNode } from './value-node.ts';
import { readYaml } from './yaml/read-yaml.ts';

const FIELD = 'x509';

/** What the file says where its text could not be kept: a line before the brace makes it YAML, which may have comments. */
const REWRITTEN =
  '# Written anew without x509: the text around it could not be kept (an alias, a null, unusual line ends).\n';

/** What kube-apiserver gets beside what the file has. */
export interface KubernetesPart {
  readonly apiVersion: string;
  /** Entries to be added to `jwt`, as they stand in a file. */
  readonly jwt: readonly object[];
}

/**
 * The text of a valid configuration as kube-apiserver gets it: without `x509`, and with this apiVersion and these further entries of
 * `jwt`. All else stays as it was written, comments included; those within `x509` and right above it go with it. It decodes to the
 * same, or is written anew.
 */
export function toKubernetesText(text: string, config: Config, part: KubernetesPart): string {
  const root = readRoot(text);
  if (root === undefined) throw new Error('toKubernetesText needs a valid configuration');
  const without = edit(text, root, part.apiVersion);
  const rest = readRoot(without);
  const edited =
    part.jwt.length === 0 || rest === undefined ? without : addJwtEntries(without, rest, part.jwt);
  return isMeant(edited, config, part) ? edited : REWRITTEN + JSON.stringify(valuesOf(root, part), null, 2);
}

function readRoot(text: string): MapNode | undefined {
  const read = isJsonText(text) ? readJson(text) : readYaml(text);
  return read.ok && read.root.kind === 'map' ? read.root : undefined;
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
      by: isJsonText(text) ? JSON.stringify(apiVersion) : apiVersion,
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

/** Whether kube-apiserver makes of the text what it makes of the configuration with its further entries. */
function isMeant(text: string, { jwt, anonymous }: Config, part: KubernetesPart): boolean {
  const loaded = loadKubernetesConfig(text);
  if (loaded.kind === 'invalid') return false;
  const further = decodeEntries(part);
  return isDeepStrictEqual([loaded.config.jwt, loaded.config.anonymous], [[...jwt, ...further], anonymous]);
}

function decodeEntries({ apiVersion, jwt }: KubernetesPart): Config['jwt'] {
  const loaded = loadKubernetesConfig(
    JSON.stringify({ apiVersion, kind: 'AuthenticationConfiguration', jwt }),
  );
  if (loaded.kind === 'invalid') throw new Error('toKubernetesText was given entries that do not decode');
  return loaded.config.jwt;
}

function valuesOf(root: MapNode, { apiVersion, jwt }: KubernetesPart): object {
  const entries = root.entries.filter(({ key }) => key !== FIELD && key !== 'apiVersion');
  const values = Object.fromEntries(entries.map(({ key, value }) => [key, toJson(value)]));
  const own: unknown = values['jwt'];
  return {
    apiVersion,
    ...values,
    ...(jwt.length > 0 && { jwt: [...(Array.isArray(own) ? own : []), ...jwt] }),
  };
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
