import { CelError } from '../error.ts';
import { type RegularExpression, compileRegex } from './regular-expression.ts';

/** Patterns that the cache may hold, and instructions that they may have together. */
const MAX_PATTERNS = 1_000;
const MAX_INSTRUCTIONS = 200_000;

/** Keeps the expressions used last, since a rule meets the same pattern on every request. */
class RegexCache {
  readonly #expressions = new Map<string, RegularExpression>();
  #instructions = 0;

  get(pattern: string): RegularExpression | CelError {
    const known = this.#expressions.get(pattern);
    if (known === undefined) return this.#compile(pattern);
    const isSpacious = this.#expressions.size < MAX_PATTERNS / 2 && this.#instructions < MAX_INSTRUCTIONS / 2;
    if (isSpacious) return known;
    // A map keeps the order of insertion: the first key is the one used longest ago.
    this.#expressions.delete(pattern);
    this.#expressions.set(pattern, known);
    return known;
  }

  #compile(pattern: string): RegularExpression | CelError {
    const compiled = compileRegex(pattern);
    if (compiled instanceof CelError) return compiled;
    this.#expressions.set(pattern, compiled);
    this.#instructions += compiled.size;
    for (const [oldest, expression] of this.#expressions) {
      if (this.#expressions.size <= MAX_PATTERNS && this.#instructions <= MAX_INSTRUCTIONS) break;
      this.#expressions.delete(oldest);
      this.#instructions -= expression.size;
    }
    return compiled;
  }
}

const cache = new RegexCache();

/** As `compileRegex`, through a bounded cache; for patterns that are met while evaluating. */
export function cachedRegex(pattern: string): RegularExpression | CelError {
  return cache.get(pattern);
}
