import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { flagsOf, openWorkplace, type Serving, startServe, type Workplace } from '../cli/serving.ts';
import { hasPromtool, promtool } from './promtool.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string): string => readFileSync(join(PROJECT, path), 'utf8');

let place: Workplace;
let serving: Serving;
let page: string;

beforeAll(async () => {
  place = await openWorkplace();
  const policy = place.write(
    'native.yaml',
    'apiVersion: kube-x509-authn.dev/v1alpha1\nkind: NativeCertificatePolicy\n',
  );
  serving = await startServe([...flagsOf(place), '--native-policy', policy]);
  page = (await serving.get('/metrics')).text;
});
afterAll(async () => {
  serving.process.kill('SIGTERM');
  await serving.ended;
  place.remove();
});

/** Name and type of every metric on the page. */
function metricsOnPage(): readonly string[] {
  return [...page.matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, name, type]) => `${name} ${type}`).sort();
}

/** What Prometheus adds to the name of a histogram. */
const BASE = /(?:_bucket|_sum|_count)$/;

describe('the metrics', () => {
  it('on the page are those of docs/metrics.md, with the same types', () => {
    const rows = [...read('docs/metrics.md').matchAll(/^\| `(kube_x509_authn_\w+)` \| (\w+) \|/gm)];
    expect(metricsOnPage()).toEqual(rows.map(([, name, type]) => `${name} ${type}`).sort());
  });

  it('have the labels that docs/metrics.md says', () => {
    const documented = new Map(
      [...read('docs/metrics.md').matchAll(/^\| `(\w+)` \| \w+ \|([^|]*)\|/gm)].map(
        ([, name = '', labels = '']) => [
          name,
          new Set([...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label)),
        ],
      ),
    );
    for (const [, series = '', labels = ''] of page.matchAll(/^(\w+)\{([^}]*)\} /gm)) {
      const names = [...labels.matchAll(/(\w+)="/g)]
        .map(([, label]) => label)
        .filter((label) => label !== 'le');
      expect([series, new Set(names)]).toEqual([series, documented.get(series.replace(BASE, ''))]);
    }
  });

  it.each(['config/deploy/prometheus/alerts.yaml', 'config/deploy/prometheus/dashboard.json'])(
    'that %s asks for are there',
    (path) => {
      const names = metricsOnPage().map((metric) => metric.split(' ')[0]);
      const asked = [...read(path).matchAll(/kube_x509_authn_\w+/g)].map(([name]) => name.replace(BASE, ''));
      expect(asked.length).toBeGreaterThan(10);
      for (const name of asked) expect(names).toContain(name);
    },
  );

  it('all have a place on the dashboard', () => {
    const dashboard = read('config/deploy/prometheus/dashboard.json');
    for (const metric of metricsOnPage()) expect(dashboard).toContain(metric.split(' ')[0]);
  });

  it.skipIf(!hasPromtool())('are on a page, and in panels, that Prometheus reads', async () => {
    const { panels } = JSON.parse(read('config/deploy/prometheus/dashboard.json')) as {
      panels: { targets: { expr: string }[] }[];
    };
    const rules = panels
      .flatMap(({ targets }) => targets)
      .map(({ expr }, index) => ({ record: `panel:${index}`, expr: expr.replaceAll('$instance', '.*') }));
    const directory = mkdtempSync(join(tmpdir(), 'panels-'));
    try {
      writeFileSync(join(directory, 'rules.yaml'), stringify({ groups: [{ name: 'panels', rules }] }));
      expect(await promtool('check', 'rules', join(directory, 'rules.yaml'))).toContain('SUCCESS');
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
