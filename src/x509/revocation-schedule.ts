import type { Revocations } from './revocation.ts';

/** A span of time, in milliseconds since the epoch; neither end belongs to it. */
export interface TimeSpan {
  readonly after: number;
  readonly before: number;
}

/** The span around an instant in which no CRL becomes valid or goes out of date: what was found then holds throughout. */
export function findSteadySpan({ crls }: Revocations, at: number): TimeSpan {
  let after = Number.NEGATIVE_INFINITY;
  let before = Number.POSITIVE_INFINITY;
  for (const { thisUpdate, nextUpdate } of [...crls.values()].flat()) {
    for (const change of [thisUpdate, nextUpdate]) {
      if (change <= at) after = Math.max(after, change);
      if (change >= at) before = Math.min(before, change);
    }
  }
  return { after, before };
}
