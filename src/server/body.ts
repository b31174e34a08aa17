import type { IncomingMessage } from 'node:http';
import type { Share } from './budget.ts';

/** Bytes of a review; kube-apiserver forwards tokens of up to 3.1 MB. */
export const BODY_LIMIT: number = 4 * 1024 * 1024;

/**
 * Bytes of each body that the limit on requests in flight covers: every real token of ours fits. Only what is beyond takes
 * from the budget, so that a flood of large bodies turns no ordinary one away.
 */
const FREE_BYTES = 64 * 1024;

/** Characters that are kept of a body that is not read to its end. */
const START = 128;

export type Body =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problem: 'aborted' }
  | { readonly ok: false; readonly problem: 'too-large' | 'no-room'; readonly start: string };

/** Reads a request's body. What comes after it was found too large is taken from the socket and thrown away. */
export function readBody(request: IncomingMessage, share: Share): Promise<Body> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const declared = Number(request.headers['content-length']);
    const stop = (problem: 'too-large' | 'no-room', chunk: Buffer): void => {
      const start = (chunks[0] ?? chunk).toString('latin1', 0, START);
      chunks.length = 0;
      request.off('data', read);
      request.resume();
      resolve({ ok: false, problem, start });
    };
    const read = (chunk: Buffer): void => {
      const beyond = Math.min(chunk.length, Math.max(0, size + chunk.length - FREE_BYTES));
      size += chunk.length;
      if (size > BODY_LIMIT || declared > BODY_LIMIT) stop('too-large', chunk);
      else if (!share.take(beyond)) stop('no-room', chunk);
      else chunks.push(chunk);
    };
    request.on('data', read);
    request.on('end', () => resolve({ ok: true, text: Buffer.concat(chunks).toString('utf8') }));
    request.on('error', () => resolve({ ok: false, problem: 'aborted' }));
    request.on('close', () => resolve({ ok: false, problem: 'aborted' }));
  });
}
