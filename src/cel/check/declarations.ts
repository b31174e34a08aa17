import type { Overload } from '../overload.ts';
import type { Type } from '../type.ts';
import type { CelResult, CelValue } from '../value.ts';

/** What a name without a function's arguments stands for. */
export type NameDeclaration =
  /** A variable, bound when the expression is evaluated. */
  | { readonly kind: 'variable'; readonly type: Type }
  /** The name of a type, as in `type(x) == int`; `type` is what it names. */
  | { readonly kind: 'type'; readonly type: Type }
  /** A structure that the checker knows and that has no value: using it as one does not load. */
  | { readonly kind: 'structure'; readonly type: Type };

/** A structure's fields, in order. */
export type Structure = ReadonlyMap<string, Type>;

/** A structure that an expression can write as a literal. */
export interface MessageType {
  /** What a literal of it is: `wrapper(int)` for google.protobuf.Int64Value. */
  readonly type: Type;
  readonly fields: Structure;
  /** Makes the value of the fields that are there, each of its declared type; an error for what cannot be made. */
  readonly make: (fields: ReadonlyMap<string, CelValue>) => CelResult;
}

/** What an expression can name: all that the checker knows of its environment. */
export interface Declarations {
  readonly names: ReadonlyMap<string, NameDeclaration>;
  readonly functions: ReadonlyMap<string, readonly Overload[]>;
  /** The fields of object types, by the type's name. */
  readonly structures: ReadonlyMap<string, Structure>;
  /** What `a.b.C{…}` can make, by the name. */
  readonly messages: ReadonlyMap<string, MessageType>;
}
