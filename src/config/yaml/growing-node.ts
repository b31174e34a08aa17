import type { Mark } from './yaml-failure.ts';
import type { YamlMapping, YamlNode, YamlSequence } from './yaml-node.ts';

type Growing<T> = { -readonly [Key in keyof T]: T[Key] extends readonly (infer Item)[] ? Item[] : T[Key] };

/** Collections while they are read: an anchor names them before they are whole. */
export type GrowingSequence = Growing<YamlSequence>;
export type GrowingMapping = Growing<YamlMapping>;

/** A sequence that opens at a mark, its tag and anchor having begun at `start`. */
export function openSequence(start: Mark, open: Mark): GrowingSequence {
  return { kind: 'sequence', items: [], line: start.line, start: open.at, end: open.at };
}

/** A mapping that opens at a mark, its tag and anchor having begun at `start`. */
export function openMapping(start: Mark, open: Mark): GrowingMapping {
  return { kind: 'mapping', pairs: [], line: start.line, start: open.at, end: open.at };
}

/** Ends a collection: after its closing bracket, or with the last thing in it. */
export function close(node: GrowingSequence | GrowingMapping, bracket?: Mark): YamlNode {
  const last = node.kind === 'sequence' ? node.items.at(-1) : node.pairs.at(-1)?.value;
  node.end = bracket?.at ?? Math.max(last?.end ?? node.start, node.start);
  return node;
}

/** What stands where nothing was written. */
export function emptyScalar({ at, line }: Mark): YamlNode {
  return { kind: 'scalar', tag: '', isImplicit: true, value: '', pieces: [], line, start: at, end: at };
}
