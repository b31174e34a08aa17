import { hash } from 'node:crypto';
import type { X509Entry } from '../config/types.ts';

/**
 * A hash that changes with anything an entry decides by: its fields after defaulting, in whatever order the file has them, and its
 * anchors as they were read. Not the contents of revocation files: sessions are held against those again.
 */
export function hashEntry(entry: X509Entry, anchorGenerations: readonly string[]): string {
  const text = JSON.stringify([entry, anchorGenerations.toSorted()], sortKeys);
  return hash('sha256', text, 'hex');
}

function sortKeys(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([first], [second]) => (first < second ? -1 : 1)));
}
