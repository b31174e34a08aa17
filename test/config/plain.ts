import type { ValueNode } from '../../src/config/value-node.ts';

/** A value without its places; numbers are told from strings and no more. */
export function toPlain(node: ValueNode): unknown {
  if (node.kind === 'map')
    return Object.fromEntries(node.entries.map(({ key, value }) => [key, toPlain(value)]));
  if (node.kind === 'list') return node.items.map(toPlain);
  if (node.kind === 'number') return '<number>';
  return node.kind === 'null' ? null : node.value;
}
