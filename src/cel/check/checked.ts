import type { Overload } from '../overload.ts';
import type { Call, Expr, Ident, Select, StructExpr } from '../syntax/expr.ts';
import type { Type } from '../type.ts';

/** What a name in an expression refers to. */
export type NameReference =
  /** A comprehension's variable. */
  | { readonly kind: 'local'; readonly name: string }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'type'; readonly type: Type }
  /** A name of a structure that has no value. */
  | { readonly kind: 'structure'; readonly name: string };

/** What a call refers to. */
export interface CallReference {
  readonly name: string;
  /** The overloads that fit the static types, in the order of their declaration; none for `_?._`. */
  readonly overloads: readonly Overload[];
  /** False where `a.b.f()` calls the global function `a.b.f`: its target is no value then. */
  readonly hasTarget: boolean;
}

/** An expression whose names and types are known. */
export interface CheckedExpr {
  readonly expr: Expr;
  readonly types: ReadonlyMap<Expr, Type>;
  readonly names: ReadonlyMap<Ident | Select, NameReference>;
  readonly calls: ReadonlyMap<Call, CallReference>;
  /** The names of the messages that literals make. */
  readonly messages: ReadonlyMap<StructExpr, string>;
}
