import { callJson } from '../kube/json-request.ts';
import { Failure } from './failure.ts';

/** A certificate to exchange for a session token, and where; all PEM. */
export interface Exchange {
  readonly url: string;
  /** Authorities of the server's certificate; absent: those that Node trusts. */
  readonly authorities?: string;
  readonly certificate: string;
  readonly key: string;
  /** Absent: the server's own. */
  readonly audience: string | undefined;
}

/** A session token, good for so many seconds from now. */
export interface Session {
  readonly token: string;
  readonly expiresIn: number;
}

const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:token-exchange';

/**
 * Exchanges a certificate for a session token (RFC 8693).
 *
 * @throws Failure with the server's reason; its exit code is 1 where the server refused.
 */
export async function exchangeCertificate(exchange: Exchange): Promise<Session> {
  const { url, authorities, certificate, key, audience } = exchange;
  if (!URL.canParse(url) || !url.startsWith('https://')) {
    throw new Failure(`--exchange-url: ${JSON.stringify(url)} is not an https URL`);
  }
  const answer = await callJson({
    method: 'POST',
    url: new URL(url),
    identity: { clientCertificate: { certificate, key }, ...(authorities !== undefined && { authorities }) },
    body: new URLSearchParams({ grant_type: GRANT_TYPE, ...(audience !== undefined && { audience }) }),
  });
  if (!answer.ok) throw new Failure(`--exchange-url: ${answer.error}`, answer.code === 403 ? 1 : 2);
  const { access_token: token, expires_in: expiresIn } = answer.value as Record<string, unknown>;
  if (typeof token !== 'string' || typeof expiresIn !== 'number') {
    throw new Failure(`--exchange-url: ${url} answered without access_token and expires_in`);
  }
  return { token, expiresIn };
}
