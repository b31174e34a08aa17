import type { Command } from 'commander';
import type { Identities } from '../server/decision-line.ts';
import type { Rotation } from '../server/rotating-file.ts';
import { parseCount } from './count.ts';
import { Failure } from './failure.ts';

/** The flags of `serve` about what is written down, as they were given. */
export interface LogFlags {
  readonly logIdentities?: boolean;
  readonly auditLogPath?: string;
  readonly auditLogMaxsize: string;
  readonly auditLogMaxbackup: string;
}

/** What is written down, and where. */
export interface LogPolicy {
  readonly identities: Identities;
  readonly audit?: { readonly path: string; readonly rotation: Rotation };
}

const MEBIBYTE = 1024 * 1024;

export function addLogFlags(command: Command): Command {
  return command
    .option('--log-identities', 'write usernames, groups and subjects into the log and the audit trail')
    .option('--audit-log-path <file>', 'write every event of docs/audit.md there, too, a JSON line each')
    .option(
      '--audit-log-maxsize <megabytes>',
      'the size at which that file is put aside for a new one',
      '100',
    )
    .option('--audit-log-maxbackup <count>', 'how many of those are kept; 0 keeps all', '10');
}

/**
 * The policy that flags ask for.
 *
 * @throws Failure naming the flag.
 */
export function parseLogPolicy(flags: LogFlags): LogPolicy {
  const { logIdentities, auditLogPath: path, auditLogMaxsize, auditLogMaxbackup } = flags;
  const maxBytes = parseCount('--audit-log-maxsize', auditLogMaxsize) * MEBIBYTE;
  const maxBackups = auditLogMaxbackup === '0' ? 0 : parseCount('--audit-log-maxbackup', auditLogMaxbackup);
  if (path === '') throw new Failure('--audit-log-path: give a file');
  return {
    identities: logIdentities === true ? 'shown' : 'left-out',
    ...(path !== undefined && { audit: { path, rotation: { maxBytes, maxBackups } } }),
  };
}
