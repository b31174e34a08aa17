import { vi } from 'vitest';

/** Waits until an assertion holds: long enough for a machine that others use, too. */
export function eventually<T>(assertion: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(assertion, { timeout: 20_000, interval: 10 });
}
