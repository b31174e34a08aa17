/** Least milliseconds between two lines about one kind of event. */
const INTERVAL_MS = 10_000;

/** What a sample stands for beside itself: events of its kind that were left out since the last one. */
export interface Sample {
  readonly leftOut: number;
}

/** Samples events by kind (of which there must be few): the first one, then one every ten seconds; `undefined`: left out. */
export function createSampler(ticks: () => number): (kind: string) => Sample | undefined {
  const kinds = new Map<string, { since: number; leftOut: number }>();
  return (kind) => {
    const known = kinds.get(kind);
    if (known !== undefined && ticks() - known.since < INTERVAL_MS) {
      known.leftOut += 1;
      return undefined;
    }
    kinds.set(kind, { since: ticks(), leftOut: 0 });
    return { leftOut: known?.leftOut ?? 0 };
  };
}
