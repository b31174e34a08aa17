import type { CaseResult, Exception, Suite } from './suite.ts';

/** The outcome of a run: what `--json` prints, and what decides the exit code. */
export interface Report {
  /** Cases without, and with, a difference of a failing kind; exceptions are not considered. */
  readonly passed: number;
  readonly failed: number;
  readonly kinds: Readonly<Record<string, number>>;
  readonly categories: Readonly<Record<string, { readonly passed: number; readonly failed: number }>>;
  /** Lines for failing differences, each marked where an exception covers it. */
  readonly lines: readonly string[];
  /** Failing cases that no exception covers. */
  readonly unexcepted: number;
  /** Exceptions whose cases were seen and did not differ. */
  readonly stale: readonly Exception[];
}

/** Counts the results of a suite and holds them against its exceptions. */
export function report(
  suite: Suite,
  results: Iterable<CaseResult>,
  exceptions: readonly Exception[],
): Report {
  const kinds: Record<string, number> = {};
  const categories: Record<string, { passed: number; failed: number }> = {};
  const lines: string[] = [];
  const own = exceptions.filter((exception) => exception.suite === suite.name);
  const used = new Set<Exception>();
  const seen = new Set<Exception>();
  let passed = 0;
  let failed = 0;
  let unexcepted = 0;
  for (const result of results) {
    const candidates = own.filter((exception) => covers(exception, result));
    for (const candidate of candidates) seen.add(candidate);
    let isFailed = false;
    let isExcepted = true;
    for (const { kind, expected, got } of result.differences) {
      kinds[kind] = (kinds[kind] ?? 0) + 1;
      const matching = candidates.filter((exception) => exception.kind === kind);
      for (const exception of matching) used.add(exception);
      const fails = suite.failing.includes(kind);
      if (fails) isFailed = true;
      if (fails && matching.length === 0) isExcepted = false;
      const mark = matching.length > 0 ? ', excepted' : '';
      lines.push(oneLine(`${result.id}: expected ${expected} got ${got} (${kind}${mark})`));
    }
    const counts = (categories[result.category] ??= { passed: 0, failed: 0 });
    if (isFailed) {
      failed += 1;
      counts.failed += 1;
      if (!isExcepted) unexcepted += 1;
    } else {
      passed += 1;
      counts.passed += 1;
    }
  }
  const stale = [...seen].filter((exception) => !used.has(exception));
  return { passed, failed, kinds, categories, lines, unexcepted, stale };
}

/** Errors of CEL have several lines, and a difference has one. */
function oneLine(text: string): string {
  return text.replaceAll('\r', '\\r').replaceAll('\n', '\\n');
}

function covers(exception: Exception, result: CaseResult): boolean {
  if (exception.id !== undefined) return exception.id === result.id;
  return exception.feature !== undefined && result.features.includes(exception.feature);
}
