import { beforeEach, describe, expect, it } from 'vitest';
import { createLog } from '../../src/server/log.ts';
import { createMetrics, type Metrics } from '../../src/server/metrics.ts';
import { createReloadReport, type ReloadReport } from '../../src/server/reload-report.ts';
import { NOW } from '../pki.ts';

let metrics: Metrics;
let report: ReloadReport;
let lines: string[];

beforeEach(() => {
  metrics = createMetrics();
  lines = [];
  const log = createLog({ write: (line: string) => void lines.push(line) });
  report = createReloadReport({ metrics, log, now: () => NOW });
});

const series = async (name: string): Promise<string[]> => {
  const text = await metrics.registry.getSingleMetricAsString(`kube_x509_authn_${name}`);
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
};

const reloaded = (version: string, warnings: readonly string[] = []) =>
  ({ kind: 'reloaded', source: 'authentication-config', version, warnings }) as const;
const kept = (isNews: boolean) =>
  ({ kind: 'kept', source: 'authentication-config', problem: 'no good', isNews }) as const;

describe('a reload', () => {
  it('leaves no series before the first attempt but the version of the start, as in kube-apiserver', async () => {
    report.opened({
      name: 'authentication-config',
      status: { version: 'sha256:a' },
      look: () => undefined,
      close: () => undefined,
    });
    expect(await series('automatic_reloads_total')).toEqual([]);
    expect(await series('last_config_info')).toEqual([
      'kube_x509_authn_last_config_info{source="authentication-config",hash="sha256:a"} 1',
    ]);
  });

  it('that succeeds replaces the version; one that fails leaves it', async () => {
    report.opened({
      name: 'authentication-config',
      status: { version: 'sha256:a' },
      look: () => undefined,
      close: () => undefined,
    });
    report.onEvent(reloaded('sha256:b'));
    report.onEvent(kept(true));
    expect(await series('last_config_info')).toEqual([
      'kube_x509_authn_last_config_info{source="authentication-config",hash="sha256:b"} 1',
    ]);
    expect(await series('automatic_reload_last_timestamp_seconds')).toEqual([
      `kube_x509_authn_automatic_reload_last_timestamp_seconds{source="authentication-config",status="success"} ${NOW / 1000}`,
      `kube_x509_authn_automatic_reload_last_timestamp_seconds{source="authentication-config",status="failure"} ${NOW / 1000}`,
    ]);
  });

  it('is counted every time and told when it is news, with the warnings of the new version', async () => {
    for (const isNews of [true, false, false]) report.onEvent(kept(isNews));
    report.onEvent(reloaded('sha256:b', ['authn.yaml:1:1: careful']));
    expect(await series('automatic_reloads_total')).toEqual([
      'kube_x509_authn_automatic_reloads_total{source="authentication-config",status="failure"} 3',
      'kube_x509_authn_automatic_reloads_total{source="authentication-config",status="success"} 1',
    ]);
    expect(lines.map((line) => JSON.parse(line).msg)).toEqual([
      'failed to load authentication config; the last good one stays in force',
      'reloaded authentication config',
      'authn.yaml:1:1: careful',
    ]);
  });

  it('without file events is told once a directory', () => {
    for (const directory of ['/a', '/a', '/b', '/a']) report.onTrouble(directory, new Error('ENOSPC'));
    expect(lines.map((line) => JSON.parse(line).directory)).toEqual(['/a', '/b']);
  });
});
