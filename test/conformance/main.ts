import exceptions from './exceptions.json' with { type: 'json' };
import { readText } from './files.ts';
import { failingKinds, type Report, report } from './report.ts';
import type { Case, Suite } from './suite.ts';
import { suites } from './suites.ts';

const USAGE = `usage: npm run conformance -- SUITE [--json] FILE…
suites: ${suites.map((suite) => suite.name).join(' ')}`;

/** A file that is not there, or not of the suite's form. */
class UnusableFile extends Error {}

function* casesOf(suite: Suite, files: readonly string[]): Generator<Case> {
  for (const file of files) {
    try {
      yield* suite.read(readText(file));
    } catch (error) {
      throw new UnusableFile(`${file}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

function printTable(suite: Suite, result: Report): void {
  for (const line of result.lines) console.log(line);
  console.log('');
  for (const [category, counts] of Object.entries(result.categories).sort(([a], [b]) => (a < b ? -1 : 1))) {
    console.log(
      `${category.padEnd(32)} ${String(counts.passed).padStart(6)} passed ${String(counts.failed).padStart(6)} failed`,
    );
  }
  console.log('');
  for (const kind of [...failingKinds(suite), ...suite.reported]) {
    console.log(`${kind.padEnd(32)} ${String(result.kinds[kind] ?? 0).padStart(6)}`);
  }
  for (const exception of result.stale) {
    console.log(`stale exception: ${exception.id ?? exception.feature}: ${exception.kind} no longer happens`);
  }
  console.log(`\n${result.passed} passed, ${result.failed} failed`);
}

/** 0: all as expected; 1: differences, or exceptions that are none; 2: nothing was held against anything. */
function main(args: readonly string[]): number {
  const json = args.includes('--json');
  const [name, ...files] = args.filter((arg) => arg !== '--json');
  const suite = suites.find((candidate) => candidate.name === name);
  if (suite === undefined || files.length === 0) {
    console.error(USAGE);
    return 2;
  }
  const result = report(suite, casesOf(suite, files), exceptions);
  if (json) {
    const { passed, failed, kinds, categories } = result;
    console.log(JSON.stringify({ passed, failed, kinds, categories }));
  } else {
    printTable(suite, result);
  }
  if (result.passed + result.failed === 0) {
    console.error(`no case in ${files.join(' ')}`);
    return 2;
  }
  return result.unexcepted > 0 || result.stale.length > 0 ? 1 : 0;
}

try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UnusableFile)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
