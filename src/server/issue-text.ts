import type { Issue } from '../config/issue.ts';

/** A finding about a file as one line: `file:line:column: message`, as editors and CI systems find it. */
export function describeIssue(file: string, { line, column, message }: Issue): string {
  return `${file}:${line}:${column}: ${message}`;
}

/** Everything that is wrong with a file, a line each below their number. */
export function describeErrors(file: string, issues: readonly Issue[]): string {
  const lines = issues.map((issue) => describeIssue(file, issue));
  return [`${file} has ${issues.length} error${issues.length === 1 ? '' : 's'}`, ...lines].join('\n');
}
