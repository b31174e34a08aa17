import type { AuditEvent } from './log.ts';

/** Where lines of the trail go: a file that rotates, mostly. `append` throws where it cannot take them. */
export interface AuditSink {
  append(lines: string, at: number): void;
}

/** The trail's clock in milliseconds since the epoch, and who is told of events that it could not keep. */
export interface AuditOptions {
  readonly now: () => number;
  readonly onLost: (count: number, error: unknown) => void;
}

/** What happened to logins, a JSON line an event; `docs/audit.md` is the catalogue. */
export interface AuditTrail {
  /** Notes an event. Never throws: what cannot be written is lost, and told to `onLost`; no login fails for it. */
  write(event: AuditEvent, fields: object): void;
  /** Writes what is still held. */
  flush(): void;
}

/** Characters that are held at most until the next turn of the event loop. */
const HELD_LIMIT = 4 * 1024 * 1024;

/** A trail into a sink. Events of one turn of the event loop are written together. */
export function createAuditTrail(sink: AuditSink, { now, onLost }: AuditOptions): AuditTrail {
  let held: string[] = [];
  let size = 0;
  let isDue = false;
  const flush = (): void => {
    isDue = false;
    if (held.length === 0) return;
    const lines = held;
    held = [];
    size = 0;
    try {
      sink.append(lines.join(''), now());
    } catch (error) {
      onLost(lines.length, error);
    }
  };
  return {
    write(event, fields) {
      const line = `${JSON.stringify({ time: new Date(now()).toISOString(), event, ...fields })}\n`;
      if (size + line.length > HELD_LIMIT) flush();
      held.push(line);
      size += line.length;
      if (isDue) return;
      isDue = true;
      setImmediate(flush);
    },
    flush,
  };
}
