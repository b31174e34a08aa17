import { type DestinationStream, pino } from 'pino';

/** Bytes of lines that wait for a reader who is slow: some ten thousand. */
const BACKLOG_LIMIT = 16 * 1024 * 1024;

/** Bytes of lines that are written at once under load: two dozen. */
const BATCH = 8 * 1024;

/** How long a line waits for others, in milliseconds. */
const FLUSH_MS = 100;

/**
 * Standard error as the log's destination. No request waits for it: lines gather while others are being written, and are lost,
 * and told to `onLoss`, when too many wait or nothing can be written any more. What is left is written when the process exits.
 */
export function openLogStream(onLoss: () => void): DestinationStream {
  const stream = pino.destination({
    dest: 2,
    sync: false,
    minLength: BATCH,
    periodicFlush: FLUSH_MS,
    maxLength: BACKLOG_LIMIT,
  });
  stream.on('drop', onLoss);
  stream.on('error', onLoss);
  return stream;
}
