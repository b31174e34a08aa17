import type { Issue } from '../../config/issue.ts';
import type { LintReport } from './report.ts';

/** An issue with the file that it is in: what `--format json` prints, and what a baseline holds. */
export interface FileIssue extends Issue {
  readonly file: string;
}

/** Findings as a JSON array, schemas/lint.schema.json. */
export function formatJson({ files }: LintReport): string {
  const findings = files.flatMap(({ file, issues }) =>
    issues.map(({ id, path, severity, message, line, column, endLine, endColumn }): FileIssue => {
      return { file, id, path, severity, message, line, column, endLine, endColumn };
    }),
  );
  return `${JSON.stringify(findings, null, 2)}\n`;
}
