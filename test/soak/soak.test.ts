import { describe, expect, it } from 'vitest';
import { soak } from './soak.ts';

describe('a server under load', () => {
  it('drops nothing while its files change 40 times', async () => {
    const { requests, answers, reloads } = await soak({ requests: 2000, reloads: 40, connections: 8 });
    expect(reloads).toBe(40);
    expect(requests).toBeGreaterThanOrEqual(2000);
    expect(answers).toEqual({ authenticated: requests });
  }, 120_000);
});
