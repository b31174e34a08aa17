import type { Type } from '../type.ts';

/** Names and what they are within a comprehension; lookups go outwards. */
export class Scope {
  readonly #types = new Map<string, Type>();
  readonly #outer: Scope | undefined;

  constructor(outer?: Scope) {
    this.#outer = outer;
  }

  declare(name: string, type: Type): void {
    this.#types.set(name, type);
  }

  find(name: string): Type | undefined {
    return this.#types.get(name) ?? this.#outer?.find(name);
  }
}
