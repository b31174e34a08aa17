import type { SuppressedIssue } from '../../authenticator/advise/lint-text.ts';
import type { Issue, Severity } from '../../config/issue.ts';

/** A file that was linted, and what was found in it. */
export interface LintedFile {
  /** As it was given, or as it was found under what was given; `-` for the standard input. */
  readonly file: string;
  readonly text: string;
  /** How many configurations are in it. */
  readonly documents: number;
  readonly issues: readonly Issue[];
  readonly suppressed: readonly SuppressedIssue[];
}

/** Everything that a run found; files without a configuration are not in it. */
export interface LintReport {
  readonly files: readonly LintedFile[];
  readonly version: string;
}

/** Writes a report in one format. */
export type LintFormat = (report: LintReport) => string;

/** The issues of a severity in all files. */
export function countOf({ files }: LintReport, severity: Severity): number {
  return files.reduce(
    (sum, { issues }) => sum + issues.filter((issue) => issue.severity === severity).length,
    0,
  );
}

/** `1 file`, `2 files` */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
