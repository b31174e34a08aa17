import { describe, expect, it } from 'vitest';
import { headerOf, KnownHolders } from '../../src/server/known-holders.ts';
import { StrangerLane } from '../../src/server/stranger-lane.ts';
import { eventually } from '../eventually.ts';

describe('strangers', () => {
  it('are judged one after the other, in order, with the result or the fault of each', async () => {
    const lane = new StrangerLane(10, () => performance.now());
    const order: number[] = [];
    const results = [1, 2, 3].map((index) => lane.run(() => order.push(index)));
    const fault = lane.run(() => {
      throw new Error('a fault');
    });
    await expect(fault).rejects.toThrow('a fault');
    expect(await Promise.all(results.map(async (result) => result))).toEqual([1, 2, 3]);
    expect(order).toEqual([1, 2, 3]);
    expect(await lane.run(() => 'after a fault')).toBe('after a fault');
  });

  it('take half of the time at most: the lane rests for as long as each took', async () => {
    let worked = 0;
    const lane = new StrangerLane(100, () => worked);
    const started = performance.now();
    const all = Array.from({ length: 20 }, () => lane.run(() => (worked += 5)));
    await Promise.all(all.map(async (each) => each));
    // The last one's rest is not waited for, and timers may be early by less than a millisecond.
    expect(performance.now() - started).toBeGreaterThan(19 * 4);
  });

  it('that are too many are told so at once', async () => {
    const lane = new StrangerLane(2, () => performance.now());
    const first = lane.run(() => {
      const end = performance.now() + 20;
      while (performance.now() < end);
      return 1;
    });
    const waiting = [lane.run(() => 2), lane.run(() => 3)];
    expect(lane.run(() => 4)).toBeUndefined();
    expect(await Promise.all([first, ...waiting])).toEqual([1, 2, 3]);
    await eventually(() => expect(lane.run(() => 5)).toBeDefined());
  });
});

describe('a known holder', () => {
  const token = (header: string, rest = 'p.s'): string => headerOf(`kube-x509-v1.${header}.${rest}`);

  it('is known by the whole header of an accepted token, whatever the rest', () => {
    const holders = new KnownHolders();
    expect(holders.knows(token('abc'))).toBe(false);
    holders.remember(token('abc'));
    expect(['abc', 'ab', 'abcd', ''].map((header) => holders.knows(token(header, 'x.y')))).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  it('is forgotten when thousands of others came since, and it did not', () => {
    const holders = new KnownHolders();
    for (const header of ['seldom', 'often']) holders.remember(token(header));
    for (let index = 0; index < 2047; index += 1) {
      holders.remember(token(`h${index}`));
      holders.knows(token('often'));
    }
    expect([
      holders.knows(token('seldom')),
      holders.knows(token('often')),
      holders.knows(token('h0')),
    ]).toEqual([false, true, true]);
  });

  it('is not remembered by a header of many KiB', () => {
    const holders = new KnownHolders();
    holders.remember(token('x'.repeat(8193)));
    expect(holders.knows(token('x'.repeat(8193)))).toBe(false);
  });
});
