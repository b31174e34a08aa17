import { createHash } from 'node:crypto';
import type { Random } from './random.ts';
import type { Input, Target } from './target.ts';

/** The longest that one input may take. */
export const MAX_MILLISECONDS = 50;

/** What the process may hold more after many inputs than before: bytes. */
const MAX_GROWTH = 512 * 1024 * 1024;

/** An input that the product does not survive as it should. */
export interface Finding {
  readonly target: string;
  readonly input: Input;
  readonly fault: string;
}

/** What came of a run. */
export interface Report {
  readonly passed: number;
  readonly findings: readonly Finding[];
}

/** How a run is bounded. */
export interface Bounds {
  /** Asked before each input. */
  readonly mayGoOn: () => boolean;
  readonly maxFindings: number;
}

/** Feeds the targets in turn with inputs until the bounds say so. */
export function fuzz(targets: readonly Target[], random: Random, { mayGoOn, maxFindings }: Bounds): Report {
  const findings: Finding[] = [];
  const before = process.memoryUsage.rss();
  let inputs = 0;
  while (mayGoOn() && findings.length < maxFindings) {
    const target = targets[inputs % targets.length];
    if (target === undefined) break;
    const input = target.generate(random);
    const fault = judge(target, input) ?? judgeMemory(before);
    if (fault !== undefined) findings.push({ target: target.name, input, fault });
    inputs += 1;
  }
  return { passed: inputs - findings.length, findings };
}

/** What is wrong with how a target takes an input. A slow answer is asked for twice more: the machine has other work as well. */
export function judge(target: Target, input: Input): string | undefined {
  let fastest = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 3 && fastest > MAX_MILLISECONDS; attempt += 1) {
    const start = process.cpuUsage();
    try {
      const fault = target.run(input);
      if (fault !== undefined) return fault;
    } catch (error) {
      return `an exception: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
    }
    fastest = Math.min(fastest, process.cpuUsage(start).user / 1000);
  }
  return fastest > MAX_MILLISECONDS ? `it takes ${Math.round(fastest)} ms` : undefined;
}

/** An input as text to be kept: one part a line, in base64. */
export function toText(input: Input): string {
  return input.map((part) => `${part.toString('base64')}\n`).join('');
}

/** The input that `toText` made. */
export function fromText(text: string): Input {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => Buffer.from(line, 'base64'));
}

/** The name of the file to keep a finding in. */
export function fileNameOf({ target, input }: Finding): string {
  return `${target}-${createHash('sha256').update(toText(input)).digest('hex').slice(0, 12)}.txt`;
}

function judgeMemory(before: number): string | undefined {
  const growth = process.memoryUsage.rss() - before;
  return growth > MAX_GROWTH ? `the process has grown by ${Math.round(growth / 1024 / 1024)} MiB` : undefined;
}
