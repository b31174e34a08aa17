import { Substitution } from './assignability.ts';
import type { CallReference, CheckedExpr, NameReference } from './checked.ts';
import { substitute } from './assignability.ts';
import type { Declarations } from './declarations.ts';
import { Scope } from './scope.ts';
import type { CompileIssue, Source } from '../syntax/source.ts';
import type { Call, Expr, Ident, Select, StructExpr } from '../syntax/expr.ts';
import { ERROR, type Type, describeType, paramType } from '../type.ts';

/** Gives a node its type; it may ask the state for those of the node's parts. */
export type Infer = (state: CheckerState, expr: Expr) => Type;

/** What the checker has found out so far, and how it says what is wrong. */
export class CheckerState {
  readonly issues: CompileIssue[] = [];
  readonly declarations: Declarations;
  readonly substitution: Substitution = new Substitution();
  readonly names: Map<Ident | Select, NameReference> = new Map();
  readonly calls: Map<Call, CallReference> = new Map();
  readonly messages: Map<StructExpr, string> = new Map();
  scope: Scope = new Scope();
  readonly #source: Source;
  readonly #infer: Infer;
  readonly #types = new Map<Expr, Type>();
  #variables = 0;

  constructor(source: Source, declarations: Declarations, infer: Infer) {
    this.#source = source;
    this.declarations = declarations;
    this.#infer = infer;
  }

  /** The type of a node. A macro may use a node twice; it is checked once. */
  check(expr: Expr): Type {
    const known = this.#types.get(expr);
    if (known !== undefined) return known;
    const type = this.#infer(this, expr);
    this.#types.set(expr, type);
    return type;
  }

  /** The type of a node with what is known of its parameters. */
  resolved(expr: Expr): Type {
    return this.settle(this.check(expr));
  }

  /** Puts in what is known of the type's parameters. */
  settle(type: Type): Type {
    return substitute(this.substitution, type, 'keep');
  }

  freshVariable(): Type {
    return paramType(`_var${this.#variables++}`);
  }

  report(node: { readonly offset: number }, message: string): void {
    this.issues.push({ ...this.#source.location(node.offset), message });
  }

  undeclared(node: Expr, name: string): Type {
    this.report(node, `undeclared reference to '${name}' (in container '')`);
    return ERROR;
  }

  mismatch(node: Expr, expected: Type, found: Type): void {
    this.report(node, `expected type '${describeType(expected)}' but found '${describeType(found)}'`);
  }

  finish(expr: Expr): CheckedExpr {
    for (const [node, type] of this.#types) {
      this.#types.set(node, substitute(this.substitution, type, 'dyn'));
    }
    return { expr, types: this.#types, names: this.names, calls: this.calls, messages: this.messages };
  }
}
