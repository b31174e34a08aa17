import { type CompileIssue, NO_LOCATION } from './source.ts';

/** How deep rules of the grammar may be within themselves, and operations within operations (cel-go's default). */
const MAX_DEPTH = 250;

/** Thrown by the parser to give up; what it found so far, and this, is the report. */
export class ParseAbort extends Error {
  readonly issue: CompileIssue;

  constructor(issue: CompileIssue) {
    super(issue.message);
    this.issue = issue;
  }
}

/** The rules whose depth can pass the limit before that of any other does. */
export type Rule = 'expression' | 'relation' | 'calculation';

/** Counts how deep each rule is within itself; too deep gives up. */
export class RuleDepth {
  readonly #depths: Record<Rule, number> = { expression: 0, relation: 0, calculation: 0 };

  within<T>(rule: Rule, parse: () => T): T {
    if (++this.#depths[rule] > MAX_DEPTH) {
      throw new ParseAbort({ ...NO_LOCATION, message: `expression recursion limit exceeded: ${MAX_DEPTH}` });
    }
    const result = parse();
    this.#depths[rule]--;
    return result;
  }
}

/**
 * The number of operations on the longest path down into each node, as cel-go's visitor counts them: binary operators,
 * `?:`, selections, member calls and indexes; other nodes pass on their children's.
 */
export class OperationDepth<T extends object> {
  readonly #depths = new Map<T, number>();

  /** Notes a node that counts (`step` 1) or passes on (0). */
  note(node: T, step: 0 | 1, children: readonly T[]): T {
    const depth = children.reduce((most, child) => Math.max(most, this.#depths.get(child) ?? 0), 0) + step;
    if (depth > 0) this.#depths.set(node, depth);
    return node;
  }

  /** Gives up where the node is too deep. */
  check(node: T): void {
    if ((this.#depths.get(node) ?? 0) > MAX_DEPTH) {
      throw new ParseAbort({ ...NO_LOCATION, message: 'max recursion depth exceeded' });
    }
  }
}
