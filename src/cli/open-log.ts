import type { DestinationStream } from 'pino';
import { type AuditTrail, createAuditTrail } from '../server/audit-trail.ts';
import { createLog, type Log } from '../server/log.ts';
import type { Metrics } from '../server/metrics.ts';
import { reasonOf } from '../server/reason-of.ts';
import { RotatingFile } from '../server/rotating-file.ts';
import { createSampler } from '../server/sampler.ts';
import { Failure } from './failure.ts';
import type { LogPolicy } from './log-flags.ts';

/** Where the log goes, and what counts the events that the audit trail loses. */
export interface LogOpening {
  readonly destination: DestinationStream;
  readonly metrics: Metrics;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Opens the log, and the audit trail where one is asked for.
 *
 * @throws Failure where the audit trail's file cannot be opened; later trouble with it is counted, and logged now and then.
 */
export function openLog(
  { identities, audit: policy }: LogPolicy,
  { destination, metrics, now }: LogOpening,
): { readonly log: Log; readonly audit?: AuditTrail } {
  const onFault = (): void => metrics.faults.inc();
  if (policy === undefined) return { log: createLog(destination, { identities, onFault }) };
  const sample = createSampler(() => performance.now());
  const onLost = (count: number, error: unknown): void => {
    metrics.auditEventsLost.inc(count);
    if (sample('lost') !== undefined)
      log.warn('events are lost to the audit trail', { count, error: reasonOf(error) });
  };
  const audit = createAuditTrail(openFile(policy), { now, onLost });
  const log = createLog(destination, { identities, audit, onFault });
  return { log, audit };
}

function openFile({ path, rotation }: NonNullable<LogPolicy['audit']>): RotatingFile {
  try {
    return new RotatingFile(path, rotation);
  } catch (error) {
    throw new Failure(`--audit-log-path: ${reasonOf(error)}`);
  }
}
