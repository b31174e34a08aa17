import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import { reasonOf } from './reason-of.ts';
import type { FollowedFiles, ReloadEvent } from './reloadable.ts';

/** Where reloads are told: metrics, the log, and the clock in milliseconds since the epoch. */
export interface ReloadReporting {
  readonly metrics: Metrics;
  readonly log: Log;
  readonly now: () => number;
}

/** Tells of reloads: every one is counted, as kube-apiserver counts its own; what is news is logged. */
export interface ReloadReport {
  /** The version that a source has at the start. */
  readonly opened: (reloadable: FollowedFiles) => void;
  readonly onEvent: (event: ReloadEvent) => void;
  readonly onTrouble: (directory: string, error: unknown) => void;
}

export function createReloadReport({ metrics, log, now }: ReloadReporting): ReloadReport {
  const versions = new Map<string, string>();
  const told = new Set<string>();
  const setVersion = (source: string, hash: string): void => {
    const former = versions.get(source);
    if (former !== undefined) metrics.versions.remove({ source, hash: former });
    versions.set(source, hash);
    metrics.versions.set({ source, hash }, 1);
  };
  const count = (source: string, status: 'success' | 'failure'): void => {
    metrics.reloads.inc({ source, status });
    metrics.reloadedAt.set({ source, status }, now() / 1000);
  };
  return {
    opened: ({ name, status }) => setVersion(name, status.version),
    onEvent(event) {
      const { source } = event;
      const title = source.replaceAll('-', ' ');
      switch (event.kind) {
        case 'reloaded':
          count(source, 'success');
          setVersion(source, event.version);
          log.event('reloaded', `reloaded ${title}`, { source, version: event.version });
          for (const warning of event.warnings) log.warn(warning, { source });
          break;
        case 'kept':
          count(source, 'failure');
          if (event.isNews) {
            const message = `failed to load ${title}; the last good one stays in force`;
            log.event('reload-refused', message, { source, error: event.problem });
          }
          break;
      }
    },
    onTrouble(directory, error) {
      if (told.has(directory)) return;
      told.add(directory);
      log.warn('no file events for a directory; it is polled', { directory, error: reasonOf(error) });
    },
  };
}
