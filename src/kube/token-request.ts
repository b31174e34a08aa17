import type { ApiServer, ServiceAccount } from './api-server.ts';
import { callJson } from './json-request.ts';

/** A token that the API server is asked for: whose, for whom, and for how many seconds. */
export interface TokenWish {
  readonly serviceAccount: ServiceAccount;
  readonly audience: string;
  readonly lifetime: number;
}

/** A service account's token and until when it is good: milliseconds since the epoch. */
export type TokenAnswer =
  | { readonly ok: true; readonly token: string; readonly expiresAt: number }
  | {
      readonly ok: false;
      readonly error: string;
      /** Whether asking again cannot help: the request itself is wrong. */
      readonly isFinal: boolean;
    };

/** The API server's bounds (https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-request-v1/); it may shorten a long wish. */
export const TOKEN_LIFETIME: { readonly least: number; readonly most: number } = {
  least: 600,
  most: 2 ** 32,
};

/** Asks TokenRequest for a token for one audience. Never rejects. */
export async function requestToken(apiServer: ApiServer, wish: TokenWish): Promise<TokenAnswer> {
  const { namespace, name } = wish.serviceAccount;
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/serviceaccounts/${encodeURIComponent(name)}/token`;
  const body = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { audiences: [wish.audience], expirationSeconds: wish.lifetime },
  };
  const url = below(apiServer.url, path);
  let identity: ReturnType<ApiServer['identity']>;
  try {
    identity = apiServer.identity();
  } catch (error) {
    return failed(
      `cannot read the credentials for ${url.href}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  const answer = await callJson({ method: 'POST', url, identity, body });
  if (!answer.ok)
    return { ok: false, error: answer.error, isFinal: answer.code === 400 || answer.code === 422 };
  return readAnswer(url, answer.value);
}

/** A path below the server's own, which may have one where the API server stands behind a proxy. */
function below(server: URL, path: string): URL {
  return new URL(`${server.pathname.replace(/\/$/, '')}${path}`, server);
}

function readAnswer(url: URL, value: unknown): TokenAnswer {
  const status = (value as { status?: { token?: unknown; expirationTimestamp?: unknown } } | null)?.status;
  const expiresAt = Date.parse(String(status?.expirationTimestamp));
  // One line of visible ASCII: it is going to be a header field.
  if (typeof status?.token !== 'string' || !/^[\x21-\x7e]+$/.test(status.token) || Number.isNaN(expiresAt)) {
    return failed(`${url.href} answered without a token and its expirationTimestamp`);
  }
  return { ok: true, token: status.token, expiresAt };
}

function failed(error: string): TokenAnswer {
  return { ok: false, error, isFinal: false };
}
