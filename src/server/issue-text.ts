import type { Issue } from '../config/issue.ts';

/**
 * A finding about a file as one line: `file:line:column: message`, as editors and CI systems find it. What is wrong with a flag
 * (`--revocation-file[0].file`) has no place in the file.
 */
export function describeIssue(file: string, issue: Issue): string {
  const { line, column, message } = issue;
  return isOfFlag(issue) ? message : `${file}:${line}:${column}: ${message}`;
}

/** Everything that is wrong with a file, a line each below their number; and with flags beside it. */
export function describeErrors(file: string, issues: readonly Issue[]): string {
  const lines = issues.map((issue) => describeIssue(file, issue));
  const count = issues.filter((issue) => !isOfFlag(issue)).length;
  const heading = `${file} has ${count} error${count === 1 ? '' : 's'}`;
  return [...(count > 0 ? [heading] : []), ...lines].join('\n');
}

function isOfFlag({ path }: Issue): boolean {
  return path.startsWith('--');
}
