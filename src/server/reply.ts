import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { FrontRefusal } from './admit.ts';
import type { Gate } from './gate.ts';
import type { Rejection } from './metrics.ts';
import { toStatus } from './status.ts';

/** What is answered. */
export interface Reply {
  readonly code: number;
  readonly body: object;
  readonly headers?: OutgoingHttpHeaders;
}

/** What a request passes at a front door before anything of it is looked at. */
export type FrontGate = Pick<Gate, 'places' | 'metrics' | 'isClosing' | 'holders' | 'strangers'>;

/** A reply that counts as a rejection. */
export function reject({ metrics }: Pick<Gate, 'metrics'>, reason: Rejection, reply: Reply): Reply {
  metrics.rejections.inc({ reason });
  return reply;
}

/** Turns a request away for which there is no room. */
export function overloaded(gate: Pick<Gate, 'metrics'>): Reply {
  return reject(gate, 'in-flight', failure(503, 'too many requests are under way'));
}

/** Turns a holder away who would have to wait for too many others. */
export function crowded(): Reply {
  return failure(503, 'too many holders who were not let in lately are waiting');
}

/** A failure that is no decision: a `Status`. */
export function failure(code: number, message: string): Reply {
  return { code, body: toStatus(code, message) };
}

/** A refusal: 403 with the reason's code, also in a header, since nginx hands on no body of a sub-request. */
export function forbidden({ code, why, decisionId }: FrontRefusal): Reply {
  const body = toStatus(403, `${code}: ${why} (decision ${decisionId})`);
  return { code: 403, body, headers: { [STATUS_HEADER]: toAscii(body) } };
}

const STATUS_HEADER = 'X-Kube-X509-Authn-Status';

/** JSON that a header can hold. */
function toAscii(value: object): string {
  return JSON.stringify(value).replaceAll(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Sends an answer that nobody may keep: it may hold a token. */
export function sendReply(
  response: ServerResponse,
  { code, body, headers }: Reply,
  { isClosing }: FrontGate,
): void {
  // Node writes headers and a text together, and then both as UTF-8; before bytes it writes them as they are.
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(code, {
    'Content-Type': 'application/json',
    'Content-Length': bytes.length,
    'Cache-Control': 'no-store',
    ...headers,
    ...(isClosing() && { Connection: 'close' }),
  });
  response.end(bytes);
}
