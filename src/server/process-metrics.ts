import { X509Certificate } from 'node:crypto';
import { Gauge, type Registry } from 'prom-client';
import { METRIC_PREFIX as PREFIX } from './metric-prefix.ts';
import { addGauge } from './metrics.ts';
import type { FollowedFiles } from './reloadable.ts';

/** What runs: this program's version, the Kubernetes release it behaves as, and Node's version. */
export interface BuildInfo {
  readonly version: string;
  readonly kubernetes: string;
  readonly node: string;
}

/** Shows what runs, as a constant 1. */
export function addBuildInfo(registry: Registry, info: BuildInfo): void {
  new Gauge({
    registers: [registry],
    name: `${PREFIX}build_info`,
    help: 'What runs; always 1.',
    labelNames: ['version', 'kubernetes', 'node'],
  }).set({ ...info }, 1);
}

/** Shows whether a newer version of some files is refused, so that the last good one stays in force. */
export function addReloadProblems(registry: Registry, followed: readonly FollowedFiles[]): void {
  const gauge: Gauge<'source'> = new Gauge({
    registers: [registry],
    name: `${PREFIX}newer_version_refused`,
    help: '1 while a newer version of files is bad and the last good one is in force; 0 otherwise.',
    labelNames: ['source'],
    collect() {
      for (const { name, status } of followed)
        gauge.set({ source: name }, status.problem === undefined ? 0 : 1);
    },
  });
}

/** Shows when the serving certificate in force (PEM) expires. */
export function addServingCertificateExpiration(
  registry: Registry,
  { certificate, now }: { readonly certificate: () => Buffer; readonly now: () => number },
): void {
  addGauge(registry, {
    name: 'serving_certificate_expiration_seconds',
    help: 'Seconds until the serving certificate in force expires.',
    value: () => (Date.parse(new X509Certificate(certificate()).validTo) - now()) / 1000,
  });
}
