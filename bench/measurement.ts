/** One figure, beside the limit that it is held against in the same run. `ratio` is value ÷ baseline. */
export interface Measurement {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly baseline: number;
  readonly ratio: number;
}

/** A measurement with its ratio. */
export function compare(
  name: string,
  unit: string,
  { value, baseline }: { value: number; baseline: number },
): Measurement {
  return { name, value: round(value), unit, baseline: round(baseline), ratio: round(value / baseline) };
}

/** The median time of one call of each function in µs, measured in interleaved batches. */
export function medianMicros<K extends string>(
  functions: Readonly<Record<K, () => void>>,
  { batches = 15, batchMs = 20 }: { batches?: number; batchMs?: number } = {},
): Record<K, number> {
  const names = Object.keys(functions) as K[];
  const counts = new Map(names.map((name) => [name, calibrate(functions[name], batchMs)]));
  const times = new Map<K, number[]>(names.map((name) => [name, []]));
  for (let batch = 0; batch < batches; batch += 1) {
    for (const name of names) {
      const run = functions[name];
      const count = counts.get(name) ?? 1;
      const start = process.hrtime.bigint();
      for (let call = 0; call < count; call += 1) run();
      times.get(name)?.push(Number(process.hrtime.bigint() - start) / 1000 / count);
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(times.get(name) ?? [])])) as Record<K, number>;
}

/** The middle value. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function calibrate(run: () => void, batchMs: number): number {
  for (let call = 0; call < 20; call += 1) run();
  const start = process.hrtime.bigint();
  let calls = 0;
  while (Number(process.hrtime.bigint() - start) < batchMs * 1e6) {
    run();
    calls += 1;
  }
  return calls;
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
