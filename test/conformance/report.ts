import { type Case, CRASH, differencesOf, type Exception, type Suite } from './suite.ts';

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

/** The kinds of difference that fail a case of a suite, worst first. */
export function failingKinds({ failing }: Suite): readonly string[] {
  return [CRASH, ...failing];
}

/** Runs the cases of a suite, counts what differs and holds it against the exceptions. */
export function report(suite: Suite, cases: Iterable<Case>, exceptions: readonly Exception[]): Report {
  const failing = failingKinds(suite);
  const kinds: Record<string, number> = {};
  const categories: Record<string, { passed: number; failed: number }> = {};
  const lines: string[] = [];
  const own = exceptions.filter((exception) => exception.suite === suite.name);
  const used = new Set<Exception>();
  const seen = new Set<Exception>();
  let passed = 0;
  let failed = 0;
  let unexcepted = 0;
  for (const testCase of cases) {
    const candidates = own.filter((exception) => covers(exception, testCase));
    for (const candidate of candidates) seen.add(candidate);
    let isFailed = false;
    let isExcepted = true;
    for (const { kind, expected, got } of differencesOf(testCase)) {
      kinds[kind] = (kinds[kind] ?? 0) + 1;
      const matching = candidates.filter((exception) => exception.kind === kind);
      for (const exception of matching) used.add(exception);
      const fails = failing.includes(kind);
      if (fails) isFailed = true;
      if (fails && matching.length === 0) isExcepted = false;
      const mark = matching.length > 0 ? ', excepted' : '';
      lines.push(oneLine(`${testCase.id}: expected ${expected} got ${got} (${kind}${mark})`));
    }
    const counts = (categories[testCase.category] ??= { passed: 0, failed: 0 });
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

function covers(exception: Exception, { id, features }: Case): boolean {
  if (exception.id !== undefined) return exception.id === id;
  return exception.feature !== undefined && features.includes(exception.feature);
}
