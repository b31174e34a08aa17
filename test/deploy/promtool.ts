import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';

/** Whether promtool (Debian's package `prometheus`) is there. CI installs it, so there its absence is an error. */
export function hasPromtool(): boolean {
  const isThere = spawnSync('promtool', ['--version']).status === 0;
  if (!isThere && process.env['CI'] === 'true') throw new Error('promtool is missing: .ci/run installs it');
  if (!isThere) process.stderr.write('promtool is not installed (apt-get install prometheus): skipped\n');
  return isThere;
}

/** Runs promtool; resolves with what it printed, and rejects with that where it fails. */
export function promtool(...args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('promtool', [...args], (error, stdout, stderr) => {
      if (error === null) resolve(stdout + stderr);
      else reject(new Error(stdout + stderr));
    });
  });
}

/** What one scrape gave: values by series; `5+` is a counter that grows by 5 with each further scrape. */
export type Page = ReadonlyMap<string, string>;

/** Reads a page in Prometheus' text format. */
export function parsePage(text: string): Page {
  const series = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, name, value] = /^([^#\s{]+(?:\{.*\})?) (\S+)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) series.set(name, value);
  }
  return series;
}

/** Scrapes before and after something happened. */
export interface Scrapes {
  readonly rules: string;
  readonly before: Page;
  readonly after: Page;
}

/**
 * Which alerts fire, as Prometheus would have it, when the first page is scraped each minute for ten minutes and the second for the
 * fifty after them.
 */
export async function firingAlerts(scrapes: Scrapes): Promise<Record<'before' | 'after', readonly string[]>> {
  const text = readFileSync(scrapes.rules, 'utf8');
  const names = [...text.matchAll(/- alert: (\w+)/g)].map(([, name = '']) => name);
  return {
    before: await ask(scrapes, { names, evalTime: '9m', window: '10m' }),
    after: await ask(scrapes, { names, evalTime: '59m', window: '49m' }),
  };
}

interface Question {
  readonly names: readonly string[];
  readonly evalTime: string;
  readonly window: string;
}

/** Promtool says what it got where an expectation fails: every alert is expected not to fire, and those that do are named. */
async function ask(
  { rules, before, after }: Scrapes,
  { names, evalTime, window }: Question,
): Promise<string[]> {
  const directory = mkdtempSync(join(tmpdir(), 'promtool-'));
  const file = join(directory, 'test.yaml');
  writeFileSync(
    file,
    stringify({
      rule_files: [rules],
      evaluation_interval: '1m',
      tests: [
        {
          interval: '1m',
          input_series: [...new Set([...before.keys(), ...after.keys()])].map((series) => ({
            series,
            values: `${samples(before.get(series), 10)} ${samples(after.get(series), 50)}`,
          })),
          promql_expr_test: names.map((name) => ({
            expr: `count(max_over_time(ALERTS{alertname="${name}",alertstate="firing"}[${window}])) or vector(0)`,
            eval_time: evalTime,
            exp_samples: [{ labels: '{}', value: 0 }],
          })),
        },
      ],
    }),
  );
  try {
    await promtool('test', 'rules', file);
    return [];
  } catch (error) {
    const fired = [...String(error).matchAll(/alertname=\\"(\w+)\\"/g)].map(([, name = '']) => name);
    if (fired.length === 0) throw error;
    return [...new Set(fired)];
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** So many samples of one value, or so many scrapes without the series. */
function samples(value: string | undefined, count: number): string {
  if (value?.endsWith('+')) {
    const step = Number(value.slice(0, -1));
    return Array.from({ length: count }, (_, index) => step * (index + 1)).join(' ');
  }
  return Array.from({ length: count }, () => toSample(value)).join(' ');
}

function toSample(value: string | undefined): string {
  return value === 'Nan' ? 'NaN' : (value ?? '_');
}
