import type { Issue } from '../../config/issue.ts';
import type { LintedFile, LintReport } from './report.ts';

/**
 * Findings as JUnit's XML: a suite for each file, a failed case for each error and warning, one that passed for what is only to
 * know, and for a file without findings.
 */
export function formatJunit({ files }: LintReport): string {
  const failures = files.reduce((sum, { issues }) => sum + issues.filter(isFailure).length, 0);
  const tests = files.reduce((sum, { issues }) => sum + Math.max(1, issues.length), 0);
  const suites = files.map(formatSuite).join('');
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="kube-x509-authn lint" tests="${tests}" failures="${failures}">\n${suites}</testsuites>\n`;
}

function formatSuite({ file, issues }: LintedFile): string {
  const cases =
    issues.length === 0
      ? `    <testcase name="no findings" classname="${escapeXml(file)}"/>\n`
      : issues.map((issue) => formatCase(file, issue)).join('');
  const counts = `tests="${Math.max(1, issues.length)}" failures="${issues.filter(isFailure).length}"`;
  return `  <testsuite name="${escapeXml(file)}" ${counts}>\n${cases}  </testsuite>\n`;
}

function isFailure({ severity }: Issue): boolean {
  return severity !== 'info';
}

function formatCase(file: string, issue: Issue): string {
  const { id, severity, message, line, column } = issue;
  const text = escapeXml(`${file}:${line}:${column}: ${message}`);
  const name = escapeXml(`${id} at ${line}:${column}`);
  const body = isFailure(issue)
    ? `<failure type="${severity}" message="${escapeXml(message)}">${text}</failure>`
    : `<system-out>${text}</system-out>`;
  return `    <testcase name="${name}" classname="${escapeXml(file)}">${body}</testcase>\n`;
}

/** What XML 1.0 has no way to say is left out. */
function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\n', '&#10;')
    .replaceAll('\r', '&#13;')
    .replaceAll('\t', '&#9;');
}
