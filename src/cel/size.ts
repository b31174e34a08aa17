import { CelError } from './error.ts';
import { CelMap, type CelResult, ObjectValue, OpaqueValue, Optional, codePointCount } from './value.ts';

/** What cel-go's tracker charges per character of a string that is walked (common.StringTraversalCostFactor). */
export const PER_CHARACTER = 0.1;

/** What it charges per character of a regular expression (common.RegexStringLengthCostFactor). */
export const PER_PATTERN_CHARACTER = 0.25;

/** The size that cost rules read: code points, bytes, elements, entries; an optional has its value's; 1 for all else. */
export function sizeOf(value: CelResult | undefined): number {
  if (typeof value === 'string') return codePointCount(value);
  if (typeof value !== 'object' || value === null || value instanceof CelError) return 1;
  if (Array.isArray(value) || value instanceof Uint8Array) return value.length;
  if (value instanceof CelMap || value instanceof OpaqueValue || value instanceof ObjectValue)
    return value.size;
  if (value instanceof Optional && value.value !== undefined) return sizeOf(value.value);
  return 1;
}

/** The cost of walking the argument's characters once: a tenth each, rounded up. */
export function traversal(value: CelResult | undefined): number {
  return Math.ceil(sizeOf(value) * PER_CHARACTER);
}

/** The cost of matching a text against a regular expression: their costs multiplied, the text one longer than it is. */
export function matching(text: CelResult | undefined, patternSize: number): number {
  return Math.ceil((1 + sizeOf(text)) * PER_CHARACTER) * Math.ceil(patternSize * PER_PATTERN_CHARACTER);
}

/** The cost of comparing two values: a tenth of the shorter's size, rounded up. */
export function comparisonCost(a: CelResult | undefined, b: CelResult | undefined): number {
  return Math.ceil(Math.min(sizeOf(a), sizeOf(b)) * PER_CHARACTER);
}
