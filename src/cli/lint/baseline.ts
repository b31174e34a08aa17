import type { FileIssue } from './format-json.ts';
import { Failure } from '../failure.ts';
import { readFlagFile } from '../read-file.ts';
import type { LintedFile } from './report.ts';

/** Findings that were there before, counted: lines may have moved since, so that those do not tell them apart. */
export type Baseline = ReadonlyMap<string, number>;

/**
 * Reads a baseline: what `--format json` printed earlier.
 *
 * @throws Failure for a file that is none.
 */
export function readBaseline(path: string): Baseline {
  const text = readFlagFile('--baseline', path).toString('utf8');
  let issues: unknown;
  try {
    issues = JSON.parse(text);
  } catch {
    issues = undefined;
  }
  if (!Array.isArray(issues) || !issues.every(isFileIssue)) {
    throw new Failure(`--baseline: ${path} is not what lint --format json prints`);
  }
  const baseline = new Map<string, number>();
  for (const issue of issues) baseline.set(keyOf(issue), (baseline.get(keyOf(issue)) ?? 0) + 1);
  return baseline;
}

/** The files without the findings of a baseline, each of which stands for one. */
export function withoutBaseline(files: readonly LintedFile[], baseline: Baseline): readonly LintedFile[] {
  const left = new Map(baseline);
  return files.map((file) => ({
    ...file,
    issues: file.issues.filter((issue) => {
      const key = keyOf({ ...issue, file: file.file });
      const count = left.get(key) ?? 0;
      left.set(key, count - 1);
      return count <= 0;
    }),
  }));
}

function keyOf({ file, id, path, message }: Pick<FileIssue, 'file' | 'id' | 'path' | 'message'>): string {
  return JSON.stringify([file, id, path, message]);
}

function isFileIssue(value: unknown): value is FileIssue {
  const isText = (name: string): boolean =>
    typeof value === 'object' &&
    value !== null &&
    typeof Object.entries(value).find(([key]) => key === name)?.[1] === 'string';
  return ['file', 'id', 'path', 'message'].every(isText);
}
