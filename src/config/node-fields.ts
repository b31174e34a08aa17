import type { ValueNode } from './value-node.ts';

/** A field that is there and not null; null leaves a field unset. */
export function child(node: ValueNode | undefined, name: string): ValueNode | undefined {
  if (node?.kind !== 'map') return undefined;
  const value = node.entries.find(({ key }) => key === name)?.value;
  return value?.kind === 'null' ? undefined : value;
}

/** A string field; undefined where it is unset. */
export function optionalText(node: ValueNode | undefined, name: string): string | undefined {
  const value = child(node, name);
  return value?.kind === 'string' ? value.value : undefined;
}

/** A string field; empty where it is unset. */
export function text(node: ValueNode | undefined, name: string): string {
  return optionalText(node, name) ?? '';
}

/** A boolean field; false where it is unset. */
export function flag(node: ValueNode | undefined, name: string): boolean {
  const value = child(node, name);
  return value?.kind === 'bool' && value.value;
}

/** The items of a list field; none where it is unset. */
export function list<T>(
  node: ValueNode | undefined,
  name: string,
  toItem: (item: ValueNode) => T,
): readonly T[] {
  const value = child(node, name);
  return value?.kind === 'list' ? value.items.map(toItem) : [];
}
