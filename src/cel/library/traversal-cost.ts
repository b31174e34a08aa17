import { Buffer } from 'node:buffer';
import type { CostRule } from '../overload.ts';
import { PER_CHARACTER } from '../size.ts';
import { CelMap, type CelResult, type CelValue, ObjectValue } from '../value.ts';

/** Parts that are visited before the walk is given up: values that share parts can have more of them than there is memory. */
const MAX_VISITS = 2_000_000;

/**
 * What Kubernetes charges for walking a value as a tree: a tenth of a string's bytes, rounded down; the sum of a list's
 * elements, or of a map's keys and values; 1 for all else. Infinity for a tree of more than two million parts.
 */
export function kubernetesTraversal(value: CelResult | undefined): number {
  const pending: (CelResult | undefined)[] = [value];
  let cost = 0;
  for (let visits = 0; pending.length > 0; visits++) {
    if (visits + pending.length > MAX_VISITS) return Number.POSITIVE_INFINITY;
    const part = pending.pop();
    if (typeof part === 'string') cost += Math.floor(Buffer.byteLength(part) * PER_CHARACTER);
    else if (part instanceof Uint8Array) cost += Math.floor(part.length * PER_CHARACTER);
    else if (Array.isArray(part)) for (const element of part) pending.push(element as CelValue);
    else if (part instanceof CelMap) for (const [key, entry] of part.pairs()) pending.push(key, entry);
    // Iterating an object gives its values, which select nothing of it.
    else if (part instanceof ObjectValue) for (const field of part.values()) pending.push(field, null);
    else cost += 1;
  }
  return cost;
}

/** Charges for walking the first argument once, as Kubernetes does for searches in lists and strings. */
export const walkTree: CostRule = ([value]) => kubernetesTraversal(value);
