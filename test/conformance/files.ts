import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** The folder of foreign vectors, beside the project; absent on most machines. */
export const SHARED: string = new URL('../../../shared/', import.meta.url).pathname;

/** The text of a file; `.gz` is decompressed. */
export function readText(path: string): string {
  const bytes = readFileSync(path);
  return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
}

/** The objects of a JSON Lines text; a first line of kind `meta` is passed over. */
export function* parseLines<T>(text: string): Generator<T> {
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const value = JSON.parse(line) as T & { readonly meta?: unknown };
    if (value.meta === undefined) yield value;
  }
}
