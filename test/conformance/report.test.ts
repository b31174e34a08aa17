import { describe, expect, it } from 'vitest';
import { report } from './report.ts';
import type { Case, Exception, Suite } from './suite.ts';

const suite: Suite = { name: 's', failing: ['wrong'], reported: ['text'], files: [], read: () => [] };
const wrong = { kind: 'wrong', expected: 'a', got: 'b' };
const differs: Case = { id: '1', category: 'c', features: ['f'], compare: () => [wrong] };
const agrees: Case = { ...differs, compare: () => [] };
const throws: Case = {
  ...differs,
  id: '3',
  *compare() {
    yield { ...wrong, kind: 'text' };
    throw new RangeError('too deep');
  },
};
const exception: Exception = { suite: 's', id: '1', kind: 'wrong', reason: 'because' };

describe('a conformance report', () => {
  it('fails a case with a difference of a failing kind', () => {
    expect(report(suite, [differs, { ...agrees, id: '2' }], [])).toMatchObject({
      passed: 1,
      failed: 1,
      unexcepted: 1,
      kinds: { wrong: 1 },
    });
  });
  it('has a line for each difference, and no more than one', () => {
    const twoLines = { ...differs, compare: () => [{ ...wrong, expected: 'a\nb' }] };
    expect(report(suite, [twoLines], []).lines).toEqual([String.raw`1: expected a\nb got b (wrong)`]);
    expect(report(suite, [differs], [exception]).lines).toEqual(['1: expected a got b (wrong, excepted)']);
  });
  it('passes a case whose only difference is reported', () => {
    expect(report(suite, [{ ...agrees, compare: () => [{ ...wrong, kind: 'text' }] }], [])).toMatchObject({
      passed: 1,
      failed: 0,
      unexcepted: 0,
      kinds: { text: 1 },
    });
  });
  it('fails a case that throws, in any suite, and goes on to the next', () => {
    const { lines, ...counts } = report(suite, [throws, { ...agrees, id: '2' }], [exception]);
    expect(counts).toMatchObject({ passed: 1, failed: 1, unexcepted: 1, kinds: { crash: 1 } });
    expect(lines).toEqual(['3: expected an answer got RangeError: too deep (crash)']);
  });
  it('counts an excepted difference as failed but not as unexcepted', () => {
    expect(report(suite, [differs], [exception])).toMatchObject({ failed: 1, unexcepted: 0, stale: [] });
    expect(
      report(suite, [differs], [{ suite: 's', feature: 'f', kind: 'wrong', reason: 'because' }]),
    ).toMatchObject({ failed: 1, unexcepted: 0, stale: [] });
  });
  it('does not let an exception of another kind or suite cover a difference', () => {
    expect(report(suite, [differs], [{ ...exception, kind: 'text' }])).toMatchObject({ unexcepted: 1 });
    expect(report(suite, [differs], [{ ...exception, suite: 't' }])).toMatchObject({ unexcepted: 1 });
  });
  it('calls an exception stale when its case passes, and not when its case was not seen', () => {
    expect(report(suite, [agrees], [exception]).stale).toEqual([exception]);
    expect(report(suite, [{ ...agrees, id: '2' }], [exception]).stale).toEqual([]);
  });
});
