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
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const value = parseLine(line, index + 1) as T & { readonly meta?: unknown };
    if (value.meta === undefined) yield value;
  }
}

function parseLine(line: string, number: number): object {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new SyntaxError(`line ${number}: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (typeof value === 'object' && value !== null) return value;
  throw new SyntaxError(`line ${number}: expected a JSON object`);
}
