import type { CelResult, CelValue } from './value.ts';
import { parseSignature } from './signature.ts';
import type { Type } from './type.ts';

/** What Kubernetes' and cel-go's trackers charge for one call, given its arguments (receiver first) and its result. */
export type CostRule = (args: readonly CelResult[], result: CelResult) => number;

/**
 * What a function does. It gets its arguments by position, receiver first, and only values of the declared parameter types
 * (of lists and maps the first element is looked at, as cel-go does); it gives a value or a `CelError`, and never throws.
 */
export type Implementation = (...args: CelValue[]) => CelResult;

/** One overload of a function. */
export interface Overload {
  /** cel-go's id, e.g. `string_index_of_string_int`. */
  readonly id: string;
  /** The function's name: `indexOf`, `sets.contains`, `_+_`. */
  readonly name: string;
  readonly isMember: boolean;
  /** The parameters' types; a member's receiver is the first. */
  readonly parameters: readonly Type[];
  readonly result: Type;
  /** The names of its type parameters, each once. */
  readonly typeParameters: readonly string[];
  readonly evaluate: Implementation;
  /** Absent: 1. */
  readonly cost?: CostRule;
  /** The argument that is a regular expression. Where it is a constant, one that does not compile does not load. */
  readonly pattern?: PatternArgument;
  /** `none`: called with values of any types, as cel-go calls functions whose type guards are off. */
  readonly guards?: 'none';
}

export interface PatternArgument {
  readonly index: number;
  /** Go's words for what is wrong with a regular expression; undefined where it compiles. */
  problem(pattern: string): string | undefined;
}

/** What an overload does, and what that costs. */
export interface OverloadBody {
  readonly evaluate: (...args: never[]) => CelResult;
  readonly cost?: CostRule;
  readonly pattern?: PatternArgument;
  readonly guards?: 'none';
}

/**
 * Declares an overload by cel-go's id and its signature as cel-go prints it: `<string>.indexOf(string, int) -> int` for a
 * member, `sets.contains(list(<T>), list(<T>)) -> bool` for a global function. The implementation takes the parameters'
 * values as its own, narrower types; `Implementation` says why that is safe.
 */
export function overload(id: string, signature: string, body: OverloadBody): Overload {
  return { id, ...parseSignature(signature), ...body, evaluate: body.evaluate as unknown as Implementation };
}
