import { toLowerAscii } from './domain-name.ts';

/** A label of the constraints, with the labels before it below it. */
interface Node {
  readonly children: Map<string, Node>;
  /** The constraint that ends at this label: it covers this domain and all below. */
  domain?: string;
  /** The constraint with a leading dot that ends here: it covers what is below, and not the domain itself. */
  below?: string;
  /** A constraint of one label more. */
  child?: string;
}

/**
 * Domain constraints of one kind, looked up in one walk over a name's labels, from the last to the first, however
 * many constraints there are. An empty constraint covers every name.
 */
export interface DomainTree {
  /** The widest constraint that covers the name. */
  find(name: string): string | undefined;
  /** A constraint that covers some name which the wildcard `*.…` stands for. */
  findUnderWildcard(name: string): string | undefined;
}

/** Makes a tree of constraints that have parsed as such. */
export function createDomainTree(constraints: readonly string[]): DomainTree {
  const root: Node = { children: new Map() };
  for (const constraint of constraints) addConstraint(root, constraint);
  return {
    find: (name) => findCovering(root, name),
    findUnderWildcard: (name) => findOverlapping(root, name),
  };
}

function labelsOf(name: string): readonly string[] {
  return name === '' ? [] : toLowerAscii(name).split('.').reverse();
}

function addConstraint(root: Node, constraint: string): void {
  const isBelow = constraint.startsWith('.');
  let parent = root;
  let node = root;
  for (const label of labelsOf(isBelow ? constraint.slice(1) : constraint)) {
    parent = node;
    node = parent.children.get(label) ?? { children: new Map() };
    parent.children.set(label, node);
  }
  if (isBelow) node.below ??= constraint;
  else {
    node.domain ??= constraint;
    if (parent !== root) parent.child ??= constraint;
  }
}

function findCovering(root: Node, name: string): string | undefined {
  if (root.domain !== undefined) return root.domain;
  const labels = labelsOf(name);
  let node: Node | undefined = root;
  for (const [index, label] of labels.entries()) {
    node = node.children.get(label);
    if (node === undefined) return undefined;
    if (node.domain !== undefined) return node.domain;
    if (node.below !== undefined && index + 1 < labels.length) return node.below;
  }
  return undefined;
}

/**
 * The wildcard stands for one label, so a constraint that is one label longer than the rest of the name overlaps with
 * it.
 */
function findOverlapping(root: Node, name: string): string | undefined {
  let node: Node | undefined = root;
  for (const label of labelsOf(name).slice(0, -1)) node = node?.children.get(label);
  return node?.child;
}
