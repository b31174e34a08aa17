import { request as httpsRequest } from 'node:https';

/** How a server is trusted and what it is shown; PEM. */
export interface HttpsIdentity {
  /** Authorities of the server's certificate; absent: those that Node trusts. */
  readonly authorities?: string;
  /** The name that the server's certificate must have, where it is not the URL's. */
  readonly serverName?: string;
  readonly clientCertificate?: { readonly certificate: string; readonly key: string };
  readonly bearer?: string;
}

/** One call. A body is sent as JSON, unless it is a form. */
export interface JsonCall {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly identity: HttpsIdentity;
  readonly body?: unknown;
}

/** The answer's JSON; or what went wrong, and the status code where there was an answer. */
export type JsonAnswer =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: string; readonly code?: number };

/** Well within the 30 s that kube-apiserver waits for us while we wait. */
const TIMEOUT_MS = 10_000;

/** Key sets and TokenRequests are a few KiB. */
const SIZE_LIMIT = 1024 * 1024;

/** Makes one call over HTTPS. Follows no redirect, waits 10 s at most, reads 1 MiB at most. Never rejects. */
export function callJson({ method, url, identity, body }: JsonCall): Promise<JsonAnswer> {
  if (url.protocol !== 'https:') return Promise.resolve(failed(`${url.href} is not an https URL`));
  const answer = new Promise<JsonAnswer>((resolve) => {
    const isForm = body instanceof URLSearchParams;
    const payload = isForm ? body.toString() : body === undefined ? '' : JSON.stringify(body);
    const { authorities, serverName, clientCertificate, bearer } = identity;
    const call = httpsRequest(url, {
      method,
      agent: false,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: {
        Accept: 'application/json',
        ...(body !== undefined && {
          'Content-Type': isForm ? 'application/x-www-form-urlencoded' : 'application/json',
          'Content-Length': Buffer.byteLength(payload),
        }),
        ...(bearer !== undefined && { Authorization: `Bearer ${bearer}` }),
      },
      ...(authorities !== undefined && { ca: authorities }),
      ...(serverName !== undefined && { servername: serverName }),
      ...(clientCertificate !== undefined && {
        cert: clientCertificate.certificate,
        key: clientCertificate.key,
      }),
    });
    call.on('error', (error) => resolve(failed(describeError(url, error))));
    call.on('response', (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > SIZE_LIMIT) call.destroy(new Error(`the answer is over ${SIZE_LIMIT} bytes`));
        else chunks.push(chunk);
      });
      response.on('error', (error) => resolve(failed(describeError(url, error))));
      response.on('end', () =>
        resolve(read(url, response.statusCode ?? 0, Buffer.concat(chunks).toString())),
      );
    });
    call.end(payload);
  });
  // What cannot be sent at all, such as a key that is none, is thrown.
  return answer.catch((error: Error) => failed(describeError(url, error)));
}

function read(url: URL, code: number, text: string): JsonAnswer {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, code, error: `${url.href} answered ${code}, and not with JSON` };
  }
  if (code >= 200 && code < 300) return { ok: true, value };
  const message = (value as { message?: unknown } | null)?.message;
  return {
    ok: false,
    code,
    error: `${url.href} answered ${code}${typeof message === 'string' ? `: ${message}` : ''}`,
  };
}

function describeError(url: URL, error: Error): string {
  return `${url.href}: ${error.name === 'AbortError' ? `no answer in ${TIMEOUT_MS / 1000} s` : error.message}`;
}

function failed(error: string): JsonAnswer {
  return { ok: false, error };
}
