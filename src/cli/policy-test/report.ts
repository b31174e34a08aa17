import { toPrintable, toPrintableLines } from '../../server/printable.ts';
import type { Palette } from '../terminal.ts';
import type { CaseResult, FileResult } from './case-result.ts';
import type { Gap } from './coverage.ts';
import { describeReason } from './expectation.ts';

/** What is reported; `gaps` where coverage was asked for. */
export interface Report {
  readonly results: readonly FileResult[];
  readonly gaps?: readonly Gap[];
}

/** How many cases failed. */
export function countFailures({ results }: Report): number {
  return results.flatMap(({ cases }) => cases).filter(hasFailed).length;
}

function hasFailed({ mismatches }: CaseResult): boolean {
  return mismatches.length > 0;
}

/** For people: a line a case, and why it failed. */
export function formatTextReport(report: Report, palette: Palette): string {
  const { results, gaps } = report;
  const total = results.flatMap(({ cases }) => cases).length;
  const failures = countFailures(report);
  const lines = results.flatMap(({ path, notes, cases }) => [
    palette.heading(toPrintable(path)),
    ...notes.map((note) => `  ${palette.faint(toPrintable(`note: ${note}`))}`),
    ...cases.flatMap((result) => caseLines(result, palette)),
    '',
  ]);
  const summary = `${total} ${total === 1 ? 'case' : 'cases'}, ${failures} failed`;
  return `${[...lines, failures === 0 ? palette.good(summary) : palette.bad(summary), ...gapLines(gaps, palette)].join('\n')}\n`;
}

function caseLines({ name, mismatches }: CaseResult, palette: Palette): readonly string[] {
  const mark = mismatches.length === 0 ? palette.good('ok  ') : palette.bad('FAIL');
  return [
    `  ${mark}  ${toPrintable(name)}`,
    ...mismatches.map((mismatch) => `        ${toPrintable(mismatch)}`),
  ];
}

function gapLines(gaps: readonly Gap[] | undefined, palette: Palette): readonly string[] {
  if (gaps === undefined) return [];
  if (gaps.length === 0) return ['every entry was reached, and every rule seen both true and false'];
  return [
    palette.doubtful('not covered'),
    ...gaps.map(({ config, what, gap }) => toPrintable(`  ${config}: ${what}: ${gap}`)),
  ];
}

/** For programs. */
export function formatJsonReport(report: Report): string {
  const { results, gaps } = report;
  const files = results.map(({ path, cases }) => ({
    file: path,
    cases: cases.map(({ name, answer, mismatches }) => ({
      name,
      passed: mismatches.length === 0,
      mismatches,
      decision: answer.decision,
    })),
  }));
  const failed = countFailures(report);
  const passed = results.flatMap(({ cases }) => cases).length - failed;
  return `${toPrintableLines(JSON.stringify({ passed, failed, files, ...(gaps && { gaps }) }, null, 2))}\n`;
}

/** For CI servers: JUnit's XML, a suite a file. */
export function formatJunitReport({ results, gaps = [] }: Report): string {
  const suites = results.map(({ path, cases }) => {
    const failures = cases.filter(hasFailed).length;
    const attributes = `name="${escape(path)}" tests="${cases.length}" failures="${failures}"`;
    return [
      `  <testsuite ${attributes}>`,
      ...cases.map((result) => toTestCase(path, result)),
      '  </testsuite>',
    ].join('\n');
  });
  const notes = gaps.map(({ config, what, gap }) => escape(`${config}: ${what}: ${gap}`));
  const comment =
    notes.length === 0 ? [] : [`  <system-out>${['not covered', ...notes].join('\n')}</system-out>`];
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites>',
    ...suites,
    ...comment,
    '</testsuites>',
    '',
  ].join('\n');
}

function toTestCase(path: string, { name, answer, mismatches }: CaseResult): string {
  const attributes = `classname="${escape(path)}" name="${escape(name)}"`;
  if (mismatches.length === 0) return `    <testcase ${attributes}/>`;
  const { outcome, reason } = answer;
  const got = reason === undefined ? outcome : `${outcome}: ${describeReason(reason)}`;
  const [first = ''] = mismatches;
  const text = [...mismatches, `got ${got}`].map(escape).join('\n');
  return `    <testcase ${attributes}>\n      <failure message="${escape(first)}">${text}</failure>\n    </testcase>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/** XML 1.0 has no way to write control characters: they are escaped before. */
function escape(text: string): string {
  return toPrintable(text).replaceAll(/[&<>"]/g, (character) => ENTITIES[character] ?? character);
}
