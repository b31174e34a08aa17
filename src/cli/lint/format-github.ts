import type { Severity } from '../../config/issue.ts';
import { toPrintableLines } from '../../server/printable.ts';
import type { LintReport } from './report.ts';

const COMMANDS: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'notice' };

/** Findings as GitHub Actions' workflow commands, which it shows beside the lines of a pull request. */
export function formatGithub({ files }: LintReport): string {
  const lines = files.flatMap(({ file, issues }) =>
    issues.map(({ severity, line, column, endLine, endColumn, id, message }) => {
      const place = Object.entries({ file, line, col: column, endLine, endColumn, title: id });
      const properties = place.map(([name, value]) => `${name}=${escapeProperty(String(value))}`);
      return `::${COMMANDS[severity]} ${properties.join(',')}::${escapeMessage(toPrintableLines(message))}\n`;
    }),
  );
  return lines.join('');
}

/** The escapes of https://github.com/actions/toolkit's commands. */
function escapeMessage(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeMessage(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
