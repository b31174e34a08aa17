import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type Finding, fileNameOf, fromText, toText } from './fuzz.ts';
import type { Input } from './target.ts';

/** An input that was found once, and must stay harmless. */
export interface Regression {
  readonly file: string;
  /** The name of the target that it is for. */
  readonly target: string;
  readonly input: Input;
}

const FOLDER = new URL('regressions/', import.meta.url);

/** Everything that was ever found, and a few inputs that were feared. */
export function readRegressions(): readonly Regression[] {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.txt'));
  return files.map((file) => ({
    file,
    target: file.slice(0, file.indexOf('-')),
    input: fromText(readFileSync(new URL(file, FOLDER), 'latin1')),
  }));
}

/** Keeps what was found; gives its path. */
export function keepFinding(finding: Finding): string {
  mkdirSync(FOLDER, { recursive: true });
  const path = new URL(fileNameOf(finding), FOLDER);
  writeFileSync(path, toText(finding.input));
  return path.pathname;
}
