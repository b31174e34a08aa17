import { createHash } from 'node:crypto';
import { FINDING_KINDS } from '../../authenticator/advise/finding-kinds.ts';
import type { Issue, Severity } from '../../config/issue.ts';
import type { LintedFile, LintReport } from './report.ts';

const LEVELS: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'note' };

/**
 * Findings as SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/), which code-scanning services read. What a comment
 * accepts is there as well, marked as suppressed.
 */
export function formatSarif({ files, version }: LintReport): string {
  const ids = [...FINDING_KINDS.keys()];
  const run = {
    tool: {
      driver: {
        name: 'kube-x509-authn',
        version,
        rules: [...FINDING_KINDS.values()].map(({ id, severity, title, explanation }) => ({
          id,
          shortDescription: { text: title },
          fullDescription: { text: explanation },
          help: { text: explanation },
          defaultConfiguration: { level: LEVELS[severity] },
        })),
      },
    },
    columnKind: 'utf16CodeUnits',
    artifacts: files.map(({ file }) => ({ location: { uri: toUri(file) } })),
    results: files.flatMap((file, index) => [
      ...file.issues.map((issue) => toResult({ file, index, ids }, issue)),
      ...file.suppressed.map(({ issue, reason }) => ({
        ...toResult({ file, index, ids }, issue),
        suppressions: [{ kind: 'inSource', justification: reason }],
      })),
    ]),
  };
  const log = { $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [run] };
  return `${JSON.stringify(log, null, 2)}\n`;
}

interface Place {
  readonly file: LintedFile;
  readonly index: number;
  readonly ids: readonly string[];
}

function toResult({ file, index, ids }: Place, issue: Issue): object {
  const { id, severity, message, path, line, column, endLine, endColumn } = issue;
  return {
    ruleId: id,
    ruleIndex: ids.indexOf(id),
    level: LEVELS[severity],
    message: { text: message },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: toUri(file.file), index },
          region: { startLine: line, startColumn: column, endLine, endColumn },
        },
        ...(path !== '' && { logicalLocations: [{ fullyQualifiedName: path }] }),
      },
    ],
    // A finding stays the same one when lines before it are added.
    partialFingerprints: {
      'findingHash/v1': createHash('sha256').update([id, path, message].join('\n')).digest('hex'),
    },
  };
}

/** A relative reference; each part of the path is escaped by itself (RFC 3986 §3.3). */
function toUri(file: string): string {
  return file === '-' ? 'stdin' : file.split(/[\\/]/).map(encodeURIComponent).join('/');
}
