import { Failure } from './failure.ts';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/**
 * A duration as Kubernetes' flags take it (`30s`, `1m30s`, `500ms`, `0`), in milliseconds.
 *
 * @throws Failure naming the flag.
 */
export function parseDuration(flag: string, text: string): number {
  if (text === '0') return 0;
  if (!/^(?:\d{1,6}(?:ms|s|m|h))+$/.test(text)) {
    throw new Failure(
      `${flag}: ${JSON.stringify(text)} is not a duration: expected one like 30s, 1m30s or 500ms`,
    );
  }
  const parts = [...text.matchAll(/(\d+)(ms|s|m|h)/g)];
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (UNITS[unit ?? ''] ?? 0), 0);
}
