import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { Failure, reasonOf } from './failure.ts';

/** Of an audit event (audit.k8s.io/v1), who made the request: https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/ */
export interface AuditEvent {
  readonly username: string;
  readonly groups: readonly string[];
  readonly credentialIds: readonly string[];
  /** When the request came, as the log has it. */
  readonly receivedAt: string;
}

/** A line of the log: an event, or something else. */
export type AuditLine =
  | { readonly kind: 'event'; readonly event: AuditEvent }
  | { readonly kind: 'unreadable' };

const CREDENTIAL_ID = 'authentication.kubernetes.io/credential-id';

/**
 * The lines of kube-apiserver's audit log, one at a time, however long it is; `-` reads standard input. A request may have several events,
 * one a stage.
 *
 * @throws Failure naming the flag.
 */
export async function* readAuditLog(path: string): AsyncGenerator<AuditLine> {
  const input = path === '-' ? process.stdin : createReadStream(path);
  try {
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      if (line.trim() !== '') yield parseLine(line);
    }
  } catch (error) {
    throw new Failure(`--audit-log: cannot read ${path}: ${reasonOf(error)}`);
  }
}

interface WireEvent {
  readonly kind?: unknown;
  readonly user?: {
    readonly username?: unknown;
    readonly groups?: unknown;
    readonly extra?: Readonly<Record<string, unknown>>;
  };
  readonly requestReceivedTimestamp?: unknown;
}

function parseLine(line: string): AuditLine {
  let value: WireEvent | null;
  try {
    value = JSON.parse(line);
  } catch {
    return { kind: 'unreadable' };
  }
  if (value?.kind !== 'Event') return { kind: 'unreadable' };
  const { user, requestReceivedTimestamp } = value;
  return {
    kind: 'event',
    event: {
      username: textOf(user?.username),
      groups: textsOf(user?.groups),
      credentialIds: textsOf(user?.extra?.[CREDENTIAL_ID]),
      receivedAt: textOf(requestReceivedTimestamp),
    },
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
