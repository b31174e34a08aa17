/** Milliseconds of one window. */
const WINDOW_MS = 10_000;

/** What a sample stands for beside itself: events of its kind that were left out since the last one. */
export interface Sample {
  readonly leftOut: number;
}

/**
 * Samples events by kind (of which there must be few): the first so many of every ten seconds; `undefined`: left out. The next one that is
 * not left out tells how many were.
 */
export function createSampler(ticks: () => number, perWindow = 1): (kind: string) => Sample | undefined {
  const kinds = new Map<string, { since: number; taken: number; leftOut: number }>();
  return (kind) => {
    const known = kinds.get(kind);
    if (known === undefined || ticks() - known.since >= WINDOW_MS) {
      kinds.set(kind, { since: ticks(), taken: 1, leftOut: 0 });
      return { leftOut: known?.leftOut ?? 0 };
    }
    if (known.taken < perWindow) {
      known.taken += 1;
      return { leftOut: 0 };
    }
    known.leftOut += 1;
    return undefined;
  };
}
