import { toPrintable, toPrintableLines } from '../../server/printable.ts';
import { goTime } from '../../x509/go-text.ts';
import { formatTable } from '../table.ts';
import type { Palette } from '../terminal.ts';
import type { Row } from './batch.ts';
import { formatText } from './certificate-text.ts';
import { describeChange } from './comparison.ts';
import { outcomeOf, reasonOf, toVerdictJson, type Verdict } from './trial.ts';

/** Prints rows as they come, or what they amount to at the end. */
export interface RowOutput {
  add(row: Row): void;
  /** What is left to print. */
  end(): string;
}

/** Which rows are worth showing: all of them, or only what a comparison changes. */
export type Selection = 'all' | 'changes';

/** A table with a row a certificate, and a summary. Cells alone are kept, not certificates. */
export function createTableOutput(selection: Selection, palette: Palette): RowOutput {
  const rows: (readonly string[])[] = [];
  const counts = new Map<string, number>();
  const headings =
    selection === 'all'
      ? ['CERTIFICATE', 'OUTCOME', 'ENTRY', 'USER OR REASON']
      : ['CERTIFICATE', 'CHANGE', 'WHAT'];
  return {
    add(row) {
      const kind = selection === 'all' ? kindOf(row) : changeOf(row);
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
      if (kind !== 'same') rows.push(selection === 'all' ? toCells(row) : toChangeCells(row));
    },
    end() {
      const lines = rows.length === 0 ? [] : formatTable(headings, rows);
      const [first, ...rest] = lines;
      const summary = [...counts]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([kind, count]) => `${count} ${kind}`);
      const table = first === undefined ? [] : [palette.heading(first), ...rest];
      return `${[...table, summary.join(', ')].join('\n')}\n`;
    },
  };
}

/** A JSON array, an element a line. */
export function createJsonOutput(selection: Selection, write: (text: string) => void): RowOutput {
  let count = 0;
  return {
    add(row) {
      if (selection === 'changes' && changeOf(row) === 'same') return;
      write(`${count === 0 ? '[\n' : ',\n'}${toPrintableLines(JSON.stringify(toJson(row)))}`);
      count += 1;
    },
    end: () => (count === 0 ? '[]\n' : '\n]\n'),
  };
}

function toJson(row: Row): object {
  const { source } = row;
  if (row.kind === 'unreadable') return { source, error: row.error };
  const decision = toVerdictJson(row.verdict);
  if (row.comparison === undefined) return { source, decision };
  const { before, change } = row.comparison;
  return { source, change: change.kind, before: toVerdictJson(before), after: decision };
}

function kindOf(row: Row): string {
  return row.kind === 'unreadable' ? 'unreadable' : outcomeOf(row.verdict);
}

function changeOf(row: Row): string {
  return row.kind === 'unreadable' ? 'unreadable' : (row.comparison?.change.kind ?? 'same');
}

function toCells(row: Row): readonly string[] {
  const source = toPrintable(row.source);
  if (row.kind === 'unreadable') return [source, 'unreadable', '-', toPrintable(row.error)];
  const { verdict } = row;
  const entry = verdict.kind === 'decided' ? verdict.decision.entry?.id : undefined;
  return [source, outcomeOf(verdict), toPrintable(entry ?? '-'), describeOutcome(verdict)];
}

function describeOutcome(verdict: Verdict): string {
  const reason = reasonOf(verdict);
  if (reason !== undefined) return toPrintable(`${reason.code}: ${reason.message}`);
  if (verdict.kind === 'refused' || verdict.decision.outcome !== 'authenticated') return '';
  const { user, path } = verdict.decision;
  const groups = user.groups.length === 0 ? '' : `, groups ${user.groups.map(formatText).join(', ')}`;
  return `${formatText(user.username)}${groups}, until ${goTime(path.certificates[0].notAfter)}`;
}

function toChangeCells(row: Row): readonly string[] {
  const source = toPrintable(row.source);
  if (row.kind === 'unreadable') return [source, 'unreadable', toPrintable(row.error)];
  const change = row.comparison?.change ?? { kind: 'same' };
  return [source, change.kind, toPrintable(describeChange(change))];
}
