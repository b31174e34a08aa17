import { createReadStream } from 'node:fs';
import { Failure, reasonOf } from '../failure.ts';
import { parseAuditLine } from './audit-event.ts';
import { type Chunks, readLines } from './read-lines.ts';
import { collectIdentities, type SeenIdentity } from './seen-identities.ts';

/** What a log holds: who came with a certificate, and what else there is. */
export interface LogContents {
  readonly identities: Iterable<SeenIdentity>;
  /** Requests of others: tokens, anonymous. */
  readonly others: number;
  /** Lines that are no events, or too long. */
  readonly malformed: number;
  /** Events of identities beyond what is kept. */
  readonly overflow: number;
}

/** Bytes read at once. */
const CHUNK = 1024 * 1024;

/**
 * Reads kube-apiserver's audit log; `-` is standard input.
 *
 * @throws Failure naming the flag.
 */
export async function readAuditLog(path: string): Promise<LogContents> {
  const log = path === '-' ? process.stdin : createReadStream(path, { highWaterMark: CHUNK });
  try {
    return await readLog(log);
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw new Failure(`--audit-log: cannot read ${path}: ${reasonOf(error)}`);
  }
}

/** Reads a log's chunks once, keeping its distinct identities alone. */
export async function readLog(log: Chunks): Promise<LogContents> {
  const seen = collectIdentities();
  let others = 0;
  let malformed = 0;
  await readLines(log, {
    line(line) {
      const parsed = parseAuditLine(line);
      switch (parsed.kind) {
        case 'certificate':
          seen.add(parsed.event);
          break;
        case 'other':
          others += 1;
          break;
        case 'malformed':
          malformed += 1;
          break;
      }
    },
    skipped: () => (malformed += 1),
  });
  return { identities: seen.identities, others, malformed, overflow: seen.overflow };
}
