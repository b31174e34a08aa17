import type { LineIndex } from './line-index.ts';
import type { ConfigSource } from './types.ts';
import type { MapEntry, StringNode, TextPiece, TextRange, ValueNode } from './value-node.ts';

/** Finds the values of a file by field path. */
export function createConfigSource(text: string, root: ValueNode, lines: LineIndex): ConfigSource {
  return {
    text,
    locate: (path) => lines.toSpan(findNode(root, path).node),
    locateWithin: (path, { line, column, length = 1 }) => {
      const { node, isExact } = findNode(root, path);
      if (!isExact || node.kind !== 'string') return lines.toSpan(node);
      const start = toIndex(node.value, line, column);
      return lines.toSpan(toSource(node, start, skipCharacters(node.value, start, length)));
    },
    linesOf: (path) => startsOf(root, path).map((start) => lines.toSpan({ start, end: start }).line),
    isWithinText: (line, column) => {
      const offset = lines.toOffset(line, column);
      return stringsOf(root).some(({ start, end }) => start < offset && offset < end);
    },
  };
}

/** Where the keys and items of a path begin; a list begins where its first item does, and is told from it by its key. */
function startsOf(root: ValueNode, path: string): readonly number[] {
  const starts: number[] = [];
  let node: ValueNode | undefined = root;
  for (const [, name, index] of path.matchAll(/([^.[\]]+)|\[(\d+)\]/g)) {
    if (index === undefined && node.kind === 'map') {
      const entry: MapEntry | undefined = node.entries.findLast(({ key }) => key === name);
      if (entry !== undefined) starts.push(entry.keyRange.start);
      node = entry?.value;
    } else {
      node = item(node, Number(index));
      if (node !== undefined) starts.push(node.start);
    }
    if (node === undefined) return starts;
  }
  return starts;
}

function stringsOf(node: ValueNode): readonly TextRange[] {
  if (node.kind === 'string') return [node];
  if (node.kind === 'map') return node.entries.flatMap(({ value }) => stringsOf(value));
  return node.kind === 'list' ? node.items.flatMap(stringsOf) : [];
}

function findNode(root: ValueNode, path: string): { readonly node: ValueNode; readonly isExact: boolean } {
  let node = root;
  for (const [, name, index] of path.matchAll(/([^.[\]]+)|\[(\d+)\]/g)) {
    const inner = index === undefined ? child(node, name ?? '') : item(node, Number(index));
    if (inner === undefined) return { node, isExact: false };
    node = inner;
  }
  return { node, isExact: true };
}

function child(node: ValueNode, name: string): ValueNode | undefined {
  return node.kind === 'map' ? node.entries.findLast(({ key }) => key === name)?.value : undefined;
}

function item(node: ValueNode, index: number): ValueNode | undefined {
  return node.kind === 'list' ? node.items[index] : undefined;
}

/** The offset of a 1-based line and a 0-based column in characters. */
function toIndex(value: string, line: number, column: number): number {
  let start = 0;
  for (let passed = 1; passed < line; passed += 1) {
    const end = value.indexOf('\n', start);
    if (end < 0) break;
    start = end + 1;
  }
  return skipCharacters(value, start, column);
}

function skipCharacters(value: string, start: number, count: number): number {
  let index = start;
  for (let skipped = 0; skipped < count && index < value.length; skipped += 1) {
    index += (value.codePointAt(index) ?? 0) > 0xffff ? 2 : 1;
  }
  return index;
}

/** Where a stretch of a string value was written. */
function toSource({ pieces, start, end }: StringNode, from: number, to: number): TextRange {
  if (pieces.length === 0) return { start, end };
  const first = pieceAt(pieces, from);
  if (first === undefined) {
    const after = pieces.at(-1)?.end ?? end;
    return { start: after, end: after };
  }
  const sourceStart = sourceOf(first, from).start;
  if (to <= from) return { start: sourceStart, end: sourceStart };
  const last = pieceAt(pieces, to - 1) ?? first;
  return { start: sourceStart, end: sourceOf(last, to - 1).end };
}

function pieceAt(pieces: readonly TextPiece[], index: number): TextPiece | undefined {
  let low = 0;
  let high = pieces.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const piece = pieces[middle];
    if (piece === undefined) return undefined;
    if (index < piece.at) high = middle - 1;
    else if (index >= piece.at + piece.length) low = middle + 1;
    else return piece;
  }
  return undefined;
}

function sourceOf(piece: TextPiece, index: number): TextRange {
  if (piece.length !== piece.end - piece.start) return piece;
  const start = piece.start + index - piece.at;
  return { start, end: start + 1 };
}
