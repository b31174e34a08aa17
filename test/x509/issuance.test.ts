import { describe, expect, it } from 'vitest';
import type { Certificate } from '../../src/x509/certificate.ts';
import { createIssuerVerdicts, rememberingIssuance } from '../../src/x509/issuance.ts';
import { integer } from './der-writer.ts';
import { entity, issue, parsed } from './raw-certificate.ts';

const root = entity('root');
const [child, other] = [parsed(issue(entity('a'), root)), parsed(issue(entity('b'), root))];

function mintParents(count: number): readonly Certificate[] {
  return Array.from({ length: count }, (_, index) =>
    parsed(issue(root, root, { serialNumber: integer(BigInt(index + 1)) })),
  );
}

describe('a check that remembers', () => {
  it('asks once for each pair, also for the same certificate parsed again', () => {
    const asked: (readonly Certificate[])[] = [];
    const check = rememberingIssuance((...pair) => {
      asked.push(pair);
      return { ok: false, error: `${asked.length}` };
    }, createIssuerVerdicts());
    const [one, two] = mintParents(2);
    if (one === undefined || two === undefined) throw new Error('no parents');
    const again = parsed(one.der);
    expect([check(child, one), check(child, again), check(child, two), check(other, one)]).toMatchObject([
      { error: '1' },
      { error: '1' },
      { error: '2' },
      { error: '3' },
    ]);
    expect(asked).toEqual([
      [child, one],
      [child, two],
      [other, one],
    ]);
  });

  it('forgets rather than gather strangers without end', () => {
    let asked = 0;
    const check = rememberingIssuance(() => {
      asked += 1;
      return { ok: true };
    }, createIssuerVerdicts());
    const parents = mintParents(129);
    for (const parent of [...parents, ...parents.slice(0, 1)]) check(child, parent);
    expect(asked).toBe(130);
  });
});
