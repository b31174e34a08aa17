import { beforeEach, describe, expect, it } from 'vitest';
import { LifeCycle, type LifeCycleOptions } from '../../src/server/life-cycle.ts';
import { createLog } from '../../src/server/log.ts';
import { eventually } from '../eventually.ts';

let happened: string[];

beforeEach(() => {
  happened = [];
});

/** A life whose events are noted; the last answer is out when `finish` is called. */
function live(options: Partial<LifeCycleOptions> = {}): {
  readonly life: LifeCycle;
  readonly finish: () => void;
} {
  let finish = (): void => undefined;
  const closed = new Promise<void>((resolve) => (finish = resolve));
  const life = new LifeCycle({
    shutdownDelayMs: 0,
    close: () => (happened.push('close'), closed),
    cut: () => (happened.push('cut'), finish()),
    exit: (code) => happened.push(`exit ${code}`),
    log: createLog({ write: () => undefined }),
    ...options,
  });
  return { life, finish: () => finish() };
}

describe('a process that serves', () => {
  it('waits the delay, then for the last answer, and ends with 0', async () => {
    const { life, finish } = live({ shutdownDelayMs: 50 });
    expect(life.stage).toBe('serving');
    life.signal('SIGTERM');
    expect([life.stage, happened]).toEqual(['stopping', []]);
    await eventually(() => expect([life.stage, happened]).toEqual(['draining', ['close']]));
    finish();
    await eventually(() => expect(happened).toEqual(['close', 'exit 0']));
  });

  it('cuts what is under way when that takes too long', async () => {
    const { life } = live({ drainMs: 50 });
    life.signal('SIGTERM');
    await eventually(() => expect(happened).toEqual(['close', 'cut', 'exit 0']));
  });

  it('ends at once on a second signal, in the delay and in the drain', async () => {
    const { life } = live({ shutdownDelayMs: 60_000 });
    life.signal('SIGTERM');
    life.signal('SIGTERM');
    expect(happened).toEqual(['exit 1']);
    happened = [];
    const draining = live();
    draining.life.signal('SIGTERM');
    await eventually(() => expect(draining.life.stage).toBe('draining'));
    draining.life.signal('SIGINT');
    expect(happened).toEqual(['close', 'exit 1']);
  });

  it.each<[string, (life: LifeCycle) => void]>([
    ['while serving', () => undefined],
    ['in the delay', (life) => life.signal('SIGTERM')],
  ])('drains at once and ends with 1 after a fault %s, whatever else goes wrong', async (_, before) => {
    const { life, finish } = live({ shutdownDelayMs: 60_000 });
    before(life);
    life.fail(new Error('a fault'));
    life.fail(new Error('another'));
    expect([life.stage, happened]).toEqual(['draining', ['close']]);
    finish();
    await eventually(() => expect(happened).toEqual(['close', 'exit 1']));
  });

  it('ends with 1 after a fault in the drain, and though closing fails', async () => {
    const { life } = live({ close: () => Promise.reject(new Error('not listening')) });
    life.signal('SIGTERM');
    life.fail(new Error('a fault'));
    await eventually(() => expect(happened).toEqual(['exit 1']));
  });
});
