import { describe, expect, it } from 'vitest';
import { copyOf, toBytes, toTree } from './der-tree.ts';
import { fileNameOf, fromText, fuzz, judge, toText } from './fuzz.ts';
import { createRandom } from './random.ts';
import { readRegressions } from './regressions.ts';
import type { Target } from './target.ts';
import { mintTargets } from './targets.ts';

const targets = await mintTargets();

function targetOf(run: Target['run']): Target {
  return { name: 'toy', generate: (random) => [random.bytes(4)], run };
}

describe('what reads strangers’ bytes', () => {
  it.each(targets.map((target) => ({ target, name: target.name })))(
    '$name survives a hundred mutants',
    ({ target }) => {
      const random = createRandom(42);
      const faults = Array.from({ length: 100 }, () => {
        try {
          return target.run(target.generate(random));
        } catch (error) {
          return String(error);
        }
      });
      expect(faults.filter((fault) => fault !== undefined)).toEqual([]);
    },
  );

  it('survives every input that was found before', () => {
    const faults = readRegressions().map(({ file, target, input }) => [
      file,
      targets.find(({ name }) => name === target)?.run(input),
    ]);
    expect(faults.filter(([, fault]) => fault !== undefined)).toEqual([]);
  });
});

describe('the fuzzer', () => {
  it('finds an exception, a wrong answer, and nothing where there is nothing', () => {
    const faulty: Target[] = [
      targetOf(() => undefined),
      targetOf(([bytes]) => (bytes !== undefined && bytes.readUInt8(0) > 127 ? 'wrong' : undefined)),
      targetOf(([bytes]) => bytes?.subarray(0, 1).readUInt16BE(0).toString() && undefined),
    ];
    let inputs = 0;
    const mayGoOn = (): boolean => inputs++ < 60;
    const report = fuzz(faulty, createRandom(1), { mayGoOn, maxFindings: 100 });
    const faults = report.findings.map(({ fault }) => fault.slice(0, 13));
    expect(faults.filter((fault) => fault === 'an exception:')).toHaveLength(20);
    expect(faults.filter((fault) => fault === 'wrong').length).toBeGreaterThan(3);
    expect(report.passed + report.findings.length).toBe(60);
  });

  it('finds an answer that takes too long', () => {
    const busy = targetOf(() => {
      const start = process.cpuUsage();
      while (process.cpuUsage(start).user < 80_000);
      return undefined;
    });
    expect(judge(busy, [])).toMatch(/^it takes \d+ ms$/);
  });

  it('stops where there are more findings than anybody reads', () => {
    const report = fuzz([targetOf(() => 'wrong')], createRandom(1), { mayGoOn: () => true, maxFindings: 3 });
    expect(report.findings).toHaveLength(3);
  });

  it('makes the same inputs from the same seed', () => {
    const inputsOf = (seed: number): string[] => {
      const random = createRandom(seed);
      return targets
        .slice(0, 1)
        .flatMap((target) => Array.from({ length: 20 }, () => toText(target.generate(random))));
    };
    expect(inputsOf(3)).toEqual(inputsOf(3));
    expect(inputsOf(3)).not.toEqual(inputsOf(4));
  });

  it('keeps an input as text that gives it back', () => {
    const input = [Buffer.from('a'), Buffer.alloc(0), Buffer.from([0, 255])];
    expect(fromText(toText(input))).toEqual(input);
    expect(fileNameOf({ target: 'toy', input, fault: '' })).toMatch(/^toy-[0-9a-f]{12}\.txt$/);
  });
});

describe('a tree of DER', () => {
  it('goes into strings that contain DER, and becomes the same bytes again', () => {
    const tree = toTree(Buffer.from('300b0303000500040205000c00', 'hex'));
    expect(tree?.contents).toMatchObject([
      { contents: [{ tag: 5 }] },
      { contents: [{ tag: 5 }] },
      { tag: 0x0c },
    ]);
    expect(tree && toBytes(copyOf(tree)).toString('hex')).toBe('300b0303000500040205000c00');
  });

  it('is none of bytes that are no element', () => {
    for (const hex of ['', '30', '3001', '3080', '300000', '0285ffffffffff']) {
      expect(toTree(Buffer.from(hex, 'hex'))).toBeUndefined();
    }
  });
});
