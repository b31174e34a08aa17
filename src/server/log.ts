import { type DestinationStream, type Logger, pino } from 'pino';
import type { Decision } from '../authenticator/decision.ts';
import type { Judgement } from '../authenticator/native-judge.ts';
import type { NativeVerdict } from '../authenticator/native-verdict.ts';
import type { AuditTrail } from './audit-trail.ts';
import {
  type DecidedEvent,
  type Identities,
  type SessionEvent,
  toDecisionLine,
  toFailedOpenLines,
  toSessionLine,
} from './decision-line.ts';
import { toNativeLogLines } from './native-log-lines.ts';
import { createSampler } from './sampler.ts';

/** What a server tells of its own life; `docs/audit.md` says what each has. */
export type LifeEvent = 'serving' | 'stopping' | 'stopped' | 'reloaded' | 'reload-refused';

/** What is told of requests. */
export type RequestEvent =
  | 'decided'
  | 'judged'
  | 'rule-failed-open'
  | 'token-refused'
  | 'caller-refused'
  | 'fault';

/** Every event of the audit trail. */
export type AuditEvent = LifeEvent | RequestEvent;

/**
 * The server's log: JSON lines, and the same events in the audit trail. No token or key is ever in one. Lines about single requests
 * may gather before they are written; the others are seldom, and written at once.
 */
export interface Log {
  /** One line a decision; a warning for each rule that could not be evaluated and let the request pass. */
  decided(decisionId: string, event: DecidedEvent): void;
  /** One line each time that a session is judged again. */
  sessionJudged(decisionId: string, event: SessionEvent): void;
  /** One line a judgement; a warning for each rule that could not be evaluated and let the user pass. */
  judged(decisionId: string, judgement: Judgement): void;
  /** A token of ours that was refused before any decision. */
  refused(decisionId: string, refusal: { readonly code: string; readonly why: string }): void;
  /** A caller that was not let in: the first with a code, then one every ten seconds, with how many were not logged. */
  callerRefused(refusal: {
    readonly code: string;
    readonly why: string;
    readonly names?: readonly string[];
  }): void;
  /** A fault of ours. */
  failed(decisionId: string, error: unknown): void;
  /** A fault of ours outside any request, which ends the process. */
  fatal(error: unknown): void;
  /** Something in the server's life that belongs into the audit trail, too. */
  event(event: LifeEvent, message: string, fields?: object): void;
  info(message: string, fields?: object): void;
  warn(message: string, fields?: object): void;
}

/** How a log is kept; everything has a default. */
export interface LogOptions {
  /** A clock in milliseconds that never steps. */
  readonly ticks?: () => number;
  readonly audit?: Pick<AuditTrail, 'write'>;
  readonly identities?: Identities;
  /** Told of every fault of ours in a request. */
  readonly onFault?: () => void;
}

/** Lines of one code in ten seconds about tokens that no authority vouches for, which anybody can send. */
const STRANGERS_LINES = 100;

const LEVELS: Readonly<Record<AuditEvent, 'info' | 'warn' | 'error'>> = {
  serving: 'info',
  stopping: 'info',
  stopped: 'info',
  reloaded: 'info',
  'reload-refused': 'warn',
  decided: 'info',
  judged: 'info',
  'rule-failed-open': 'warn',
  'token-refused': 'info',
  'caller-refused': 'warn',
  fault: 'error',
};

/** A log that writes to `destination`. */
export function createLog(destination: DestinationStream, options: LogOptions = {}): Log {
  const { audit, identities = 'left-out', onFault, ticks = () => performance.now() } = options;
  const sampleCallers = createSampler(ticks);
  const sampleStrangers = createSampler(ticks, STRANGERS_LINES);
  const logger = createLogger(destination);
  const tell = (event: AuditEvent, message: string, fields: object): void => {
    logger[LEVELS[event]](fields, message);
    audit?.write(event, fields);
  };
  const tellOfStranger = (event: RequestEvent, code: string, fields: object): void => {
    const sample = sampleStrangers(code);
    if (sample !== undefined) tell(event, 'decided', { ...fields, ...(sample.leftOut > 0 && sample) });
  };
  return {
    decided(decisionId, event) {
      const { decision } = event;
      for (const line of toFailedOpenLines(decisionId, decision, identities))
        tell('rule-failed-open', 'rule could not be evaluated; the request passed it', line);
      const line = toDecisionLine(decisionId, event, identities);
      if (decision.outcome === 'no-opinion' && decision.entry === undefined)
        tellOfStranger('decided', decision.reason.code, line);
      else tell('decided', 'decided', line);
      if (isFault(decision)) onFault?.();
    },
    sessionJudged: (decisionId, event) =>
      tell('decided', 'decided', toSessionLine(decisionId, event, identities)),
    judged(decisionId, judgement) {
      for (const { level, fields, message } of toNativeLogLines(decisionId, judgement))
        tell(level === 'warn' ? 'rule-failed-open' : 'judged', message, fields);
      if (isFault(judgement.verdict)) onFault?.();
    },
    refused: (decisionId, { code, why }) =>
      tellOfStranger('token-refused', code, { decisionId, outcome: 'refused', code, why }),
    callerRefused({ code, why, names }) {
      const sample = sampleCallers(code);
      if (sample === undefined) return;
      const shown = identities === 'shown' && { names };
      tell('caller-refused', 'caller refused', { code, why, ...shown, ...sample });
      logger.flush();
    },
    failed(decisionId, error) {
      logger.error({ decisionId, err: error }, 'the request could not be decided');
      logger.flush();
      audit?.write('fault', { decisionId });
      onFault?.();
    },
    fatal(error) {
      logger.fatal({ err: error }, 'a fault outside any request: ending');
      logger.flush();
      audit?.write('fault', {});
    },
    event(event, message, fields = {}) {
      tell(event, message, fields);
      logger.flush();
    },
    ...linesOf(logger),
  };
}

/** Lines that are no events. */
function linesOf(logger: Logger): Pick<Log, 'info' | 'warn'> {
  return {
    info: (message, fields) => logger.info(fields ?? {}, message),
    warn(message, fields) {
      logger.warn(fields ?? {}, message);
      logger.flush();
    },
  };
}

function createLogger(destination: DestinationStream): Logger {
  const timestamp = pino.stdTimeFunctions.isoTime;
  return pino({ base: null, timestamp, formatters: { level } }, destination);
}

/** Whether somebody was denied for a fault of ours in an expression. */
function isFault(verdict: Decision | NativeVerdict): boolean {
  return verdict.outcome === 'denied' && verdict.reason.code === 'internal/fault';
}

function level(label: string): object {
  return { level: label };
}
