import { shortestFloat } from '../go-float.ts';
import { quoteGo } from '../go-syntax.ts';
import { type Resolved, resolveScalar } from './resolve-scalar.ts';
import type { YamlNode } from './yaml-node.ts';

/** A message needs no more of a value than this; aliases could make it endless. */
const MAX_NODES = 1000;

/** A node as Go's `%#v` prints what go-yaml makes of it, which some of its messages do. */
export function printGoNode(node: YamlNode): string {
  let nodes = 0;
  const print = (part: YamlNode): string => {
    nodes += 1;
    if (nodes > MAX_NODES) return '...';
    if (part.kind === 'alias') return print(part.target);
    if (part.kind === 'sequence') return `[]interface {}{${part.items.map(print).join(', ')}}`;
    if (part.kind === 'mapping') {
      const pairs = part.pairs.map(({ key, value }) => `${print(key)}:${print(value)}`);
      return `map[interface {}]interface {}{${pairs.sort().join(', ')}}`;
    }
    const resolved = resolveScalar(part);
    return resolved.type === 'null' && part !== node ? 'interface {}(nil)' : printGoScalar(resolved);
  };
  return print(node);
}

/** A scalar as Go's `%#v` prints it. */
export function printGoScalar(resolved: Resolved): string {
  if (resolved.type === 'null') return '<nil>';
  if (resolved.type === 'string') return quoteGo(resolved.value);
  if (resolved.type === 'uint64') return `0x${resolved.value.toString(16)}`;
  if (resolved.type === 'float64') return shortestFloat(resolved.value, 'float64');
  return String(resolved.value);
}
