import type { Issue } from '../../config/issue.ts';
import { toPrintable, toPrintableLines } from '../../server/printable.ts';
import { countOf, type LintedFile, type LintReport, plural } from './report.ts';

/** A line of more characters is shown in part: JSON may be one line as a whole. */
const MAX_SHOWN = 160;
const BEFORE_CARET = 40;

/** Findings for people: each with its place, its id, and the line with a caret under what it is about. */
export function formatText(report: LintReport): string {
  const findings = report.files.flatMap((file) => file.issues.map((issue) => formatIssue(file, issue)));
  return [...findings, summaryOf(report)].join('\n');
}

function formatIssue({ file, text }: LintedFile, issue: Issue): string {
  const { line, column, severity, message, id } = issue;
  const head = `${toPrintable(file)}:${line}:${column}: ${severity}: ${toPrintableLines(message)} [${id}]`;
  return `${head}\n${frameOf(text, issue)}`;
}

function frameOf(text: string, { line, column, endLine, endColumn }: Issue): string {
  const source = text.split(/\r\n|\n|\r/)[line - 1] ?? '';
  const from = source.length > MAX_SHOWN ? Math.max(0, column - 1 - BEFORE_CARET) : 0;
  // One column for each, so that the caret stands where it should.
  const shown = source.slice(from, from + MAX_SHOWN).replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, ' ');
  const end = endLine === line ? endColumn - 1 : source.length;
  const length = Math.max(1, Math.min(end, from + MAX_SHOWN) - (column - 1));
  const number = String(line);
  const caret = `${' '.repeat(column - 1 - from)}${'^'.repeat(length)}`;
  return ` ${number} | ${shown}\n ${' '.repeat(number.length)} | ${caret}\n`;
}

function summaryOf(report: LintReport): string {
  const documents = report.files.reduce((sum, file) => sum + file.documents, 0);
  const suppressed = report.files.reduce((sum, file) => sum + file.suppressed.length, 0);
  const counts = [
    plural(countOf(report, 'error'), 'error'),
    plural(countOf(report, 'warning'), 'warning'),
    `${countOf(report, 'info')} to know`,
    ...(suppressed === 0 ? [] : [`${suppressed} suppressed`]),
  ];
  return `${plural(documents, 'configuration')} in ${plural(report.files.length, 'file')}: ${counts.join(', ')}\n`;
}
