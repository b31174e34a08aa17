import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import exceptions from './exceptions.json' with { type: 'json' };
import { readText, SHARED } from './files.ts';
import { failingKinds, report } from './report.ts';
import { suites } from './suites.ts';

const isHere = existsSync(SHARED);
if (!isHere) console.warn(`foreign vectors are not at ${SHARED}: the conformance suites do not run`);

describe.runIf(isHere)('foreign vectors', { timeout: 120_000 }, () => {
  it('have a suite each', () => {
    expect(new Set(suites.map((suite) => suite.name)).size).toBe(suites.length);
  });
  for (const suite of suites) {
    for (const file of suite.files) {
      it(`${suite.name}: ${file}`, () => {
        const result = report(suite, suite.read(readText(join(SHARED, file))), exceptions);
        expect(result.passed + result.failed).toBeGreaterThan(0);
        const isUnexcepted = (line: string): boolean =>
          failingKinds(suite).some((kind) => line.endsWith(` (${kind})`));
        expect(result.lines.filter(isUnexcepted)).toEqual([]);
        expect(result.unexcepted).toBe(0);
        expect(result.stale).toEqual([]);
      });
    }
  }
});
