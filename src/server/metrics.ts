import { Counter, Gauge, Registry } from 'prom-client';
import type { CallerRefusalCode } from './caller.ts';
import { METRIC_PREFIX as PREFIX } from './metric-prefix.ts';
import { createDecisionMetrics, type DecisionMetrics } from './decision-metrics.ts';

/** Why a request was turned away before anybody looked at its token. */
export type Rejection =
  | 'in-flight'
  | 'strangers'
  | 'buffered-bytes'
  | 'body-size'
  | 'timeout'
  | 'malformed'
  | 'connections'
  | 'handshake';

/** What the server counts, as `/metrics` shows it. Labels are from closed sets. */
export interface Metrics {
  readonly registry: Registry;
  readonly rejections: Counter<'reason'>;
  readonly callerRefusals: Counter<'code'>;
  readonly reloads: Counter<'source' | 'status'>;
  readonly reloadedAt: Gauge<'source' | 'status'>;
  readonly versions: Gauge<'source' | 'hash'>;
  readonly auditEventsLost: Counter;
  readonly decisions: DecisionMetrics;
  readonly logLosses: Counter;
  readonly faults: Counter;
}

/** Every reason for which a request or a connection is turned away. */
export const REJECTIONS: readonly Rejection[] = [
  'in-flight',
  'strangers',
  'buffered-bytes',
  'body-size',
  'timeout',
  'malformed',
  'connections',
  'handshake',
];

const REFUSALS: readonly (CallerRefusalCode | 'caller/undecided')[] = [
  'caller/no-certificate',
  'caller/untrusted-certificate',
  'caller/name-not-allowed',
  'caller/no-token',
  'caller/bad-token',
  'caller/subject-not-allowed',
  'caller/undecided',
];

/** Metrics of one server, in a registry of their own. The reload trio is named as kube-apiserver's (KEP-3331). */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const metrics: Metrics = {
    registry,
    rejections: new Counter({
      registers,
      name: `${PREFIX}requests_rejected_total`,
      help: 'Requests and connections turned away by a limit, before any token was looked at.',
      labelNames: ['reason'],
    }),
    callerRefusals: new Counter({
      registers,
      name: `${PREFIX}caller_refusals_total`,
      help: 'Callers of the webhook, and terminators on /auth, that were not let in.',
      labelNames: ['code'],
    }),
    reloads: new Counter({
      registers,
      name: `${PREFIX}automatic_reloads_total`,
      help: 'Automatic reloads of files, by what is made of them and status.',
      labelNames: ['source', 'status'],
    }),
    reloadedAt: new Gauge({
      registers,
      name: `${PREFIX}automatic_reload_last_timestamp_seconds`,
      help: 'When files were last reloaded automatically, by what is made of them and status.',
      labelNames: ['source', 'status'],
    }),
    versions: new Gauge({
      registers,
      name: `${PREFIX}last_config_info`,
      help: 'The version in force: the hash of the raw bytes of its first file.',
      labelNames: ['source', 'hash'],
    }),
    auditEventsLost: new Counter({
      registers,
      name: `${PREFIX}audit_events_lost_total`,
      help: 'Events that could not be written to the audit trail, because the disk is full or for another reason.',
    }),
    decisions: createDecisionMetrics(registry),
    faults: new Counter({
      registers,
      name: `${PREFIX}faults_total`,
      help: "Requests of any kind that could not be answered for a fault of the server's own.",
    }),
    logLosses: new Counter({
      registers,
      name: `${PREFIX}log_losses_total`,
      help: 'Times that lines of the log were lost, because nobody read them or they could not be written.',
    }),
  };
  for (const reason of REJECTIONS) metrics.rejections.inc({ reason }, 0);
  for (const code of REFUSALS) metrics.callerRefusals.inc({ code }, 0);
  return metrics;
}

/** Shows what a function says at each scrape. */
export function addGauge(
  registry: Registry,
  gauge: { name: string; help: string; value: () => number },
): void {
  const { name, help, value } = gauge;
  const registered: Gauge = new Gauge({
    registers: [registry],
    name: `${PREFIX}${name}`,
    help,
    collect: () => registered.set(value()),
  });
}
