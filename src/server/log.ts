import { type DestinationStream, pino } from 'pino';
import type { Decision, Step } from '../authenticator/decision.ts';
import type { Judgement } from '../authenticator/native-judge.ts';
import { describe } from '../authenticator/reason.ts';
import { credentialId } from '../identity/kubernetes-user.ts';
import type { Certificate } from '../x509/certificate.ts';
import { toNativeLogLines } from './native-log-lines.ts';
import { createSampler } from './sampler.ts';

/** What a decision's line is made from. */
export interface DecidedEvent {
  readonly decision: Decision;
  readonly chain: readonly [Certificate, ...Certificate[]];
  readonly tokenId: string;
  readonly durationMs: number;
}

/** The server's log: JSON lines. No token, key, name or group is ever in one. */
export interface Log {
  /** One line a decision; a warning for each rule that could not be evaluated and let the request pass. */
  decided(decisionId: string, event: DecidedEvent): void;
  /** One line a judgement; a warning for each rule that could not be evaluated and let the user pass. */
  judged(decisionId: string, judgement: Judgement): void;
  /** A token of ours that was refused before any decision. */
  refused(decisionId: string, refusal: { readonly code: string; readonly why: string }): void;
  /** A caller that was not let in: the first with a code, then one every ten seconds, with how many were not logged. */
  callerRefused(refusal: { readonly code: string; readonly why: string }): void;
  /** A fault of ours. */
  failed(decisionId: string, error: unknown): void;
  /** A fault of ours outside any request, which ends the process. */
  fatal(error: unknown): void;
  info(message: string, fields?: object): void;
  warn(message: string, fields?: object): void;
}

/** A log that writes to `destination`. `ticks`: a clock in milliseconds that never steps. */
export function createLog(
  destination: DestinationStream,
  ticks: () => number = () => performance.now(),
): Log {
  const sampler = createSampler(ticks);
  const logger = pino(
    { base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level } },
    destination,
  );
  return {
    decided(decisionId, event) {
      for (const step of event.decision.steps) {
        if (step.result === 'error' && step.policy === 'Open') {
          const { stage, index, expression, error } = step;
          const entry = event.decision.entry?.id;
          logger.warn(
            { decisionId, entry, stage, rule: index, expression, error },
            'rule could not be evaluated; the request passed it',
          );
        }
      }
      logger.info(decisionLine(decisionId, event), 'decided');
    },
    judged(decisionId, judgement) {
      for (const { level, fields, message } of toNativeLogLines(decisionId, judgement))
        logger[level](fields, message);
    },
    refused: (decisionId, { code, why }) =>
      logger.info({ decisionId, outcome: 'refused', code, why }, 'decided'),
    callerRefused({ code, why }) {
      const sample = sampler(code);
      if (sample !== undefined) logger.warn({ code, why, ...sample }, 'caller refused');
    },
    failed: (decisionId, error) =>
      logger.error({ decisionId, err: error }, 'the request could not be decided'),
    fatal: (error) => logger.fatal({ err: error }, 'a fault outside any request: ending'),
    info: (message, fields) => logger.info(fields ?? {}, message),
    warn: (message, fields) => logger.warn(fields ?? {}, message),
  };
}

function level(label: string): object {
  return { level: label };
}

function decisionLine(decisionId: string, { decision, chain, tokenId, durationMs }: DecidedEvent): object {
  const [leaf] = chain;
  const steps = decision.steps.filter(({ result }) => result !== true).map(stepLine);
  return {
    decisionId,
    outcome: decision.outcome,
    ...(decision.outcome !== 'authenticated' && {
      code: decision.reason.code,
      why: describe(decision.reason),
    }),
    ...(decision.entry !== undefined && { entry: decision.entry.id }),
    ...(decision.passed.length > 0 && {
      passed: decision.passed.map(({ entry, reason }) => ({ entry: entry.id, code: reason.code })),
    }),
    credentialId: credentialId(leaf),
    serial: leaf.serialNumber.toString(16),
    jti: tokenId,
    ...(steps.length > 0 && { steps }),
    durationMs,
  };
}

function stepLine({ stage, index, result, error, policy }: Step): object {
  return { stage, rule: index, result, error, policy };
}
