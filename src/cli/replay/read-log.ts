import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { reasonOf } from '../../server/reason-of.ts';
import { Failure } from '../failure.ts';
import { isAuditEvent, parseAuditLine } from './audit-event.ts';
import { type Chunks, readLines } from './read-lines.ts';
import { collectIdentities, type SeenIdentities, type SeenIdentity } from './seen-identities.ts';

/** What logs hold: who came with a certificate, and what else there is. */
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
 * Reads kube-apiserver's audit logs as one; `-` is standard input, and a name that ends with `.gz` is decompressed, as rotated logs are with
 * `--audit-log-compress`.
 *
 * @throws Failure naming the flag and the file that cannot be read, or is no audit log.
 */
export async function readAuditLogs(paths: readonly string[]): Promise<LogContents> {
  const seen = collectIdentities();
  const counts = { others: 0, malformed: 0 };
  for (const path of paths) {
    const { events, others, malformed } = await readFile(path, seen);
    // Nothing found in what was never looked at must not pass for good news.
    if (events === 0)
      throw new Failure(
        `--audit-log: ${path} has no events in it: expected kube-apiserver's audit log, a JSON object a line`,
      );
    counts.others += others;
    counts.malformed += malformed;
  }
  return { identities: seen.identities, ...counts, overflow: seen.overflow };
}

async function readFile(path: string, seen: SeenIdentities): Promise<LineCounts> {
  try {
    return await readLog(openLog(path), seen);
  } catch (error) {
    // Errors of the file system and of zlib; one of ours has no code.
    if (!(error instanceof Error && 'code' in error)) throw error;
    throw new Failure(`--audit-log: cannot read ${path}: ${reasonOf(error)}`);
  }
}

function openLog(path: string): Chunks {
  if (path === '-') return process.stdin;
  const file = createReadStream(path, { highWaterMark: CHUNK });
  // The reader is told of an error by the stream that it reads.
  return path.endsWith('.gz') ? pipeline(file, createGunzip({ chunkSize: CHUNK }), () => {}) : file;
}

/** The lines of a log; `events` counts those of certificates, and of the others the first. */
export interface LineCounts {
  readonly events: number;
  readonly others: number;
  readonly malformed: number;
}

/** Reads a log's chunks once, and keeps its distinct identities alone. */
export async function readLog(log: Chunks, seen: SeenIdentities): Promise<LineCounts> {
  const counts = { events: 0, others: 0, malformed: 0 };
  await readLines(log, {
    line(line) {
      const parsed = parseAuditLine(line);
      switch (parsed.kind) {
        case 'certificate':
          seen.add(parsed.event);
          counts.events += 1;
          break;
        case 'other':
          counts.others += 1;
          if (counts.events === 0 && isAuditEvent(line)) counts.events = 1;
          break;
        case 'malformed':
          counts.malformed += 1;
          break;
      }
    },
    skipped: () => (counts.malformed += 1),
  });
  return counts;
}
