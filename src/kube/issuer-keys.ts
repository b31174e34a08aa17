import { callJson, type HttpsIdentity } from './json-request.ts';

/** A JSON Web Key Set (RFC 7517 §5) as it came; who uses it checks the keys. */
export interface FetchedKeys {
  readonly keys: readonly Readonly<Record<string, unknown>>[];
}

export type KeysAnswer =
  | { readonly ok: true; readonly keySet: FetchedKeys }
  | { readonly ok: false; readonly error: string };

/**
 * Fetches the keys with which a cluster signs its service-account tokens, by OpenID Connect Discovery 1.0 §4: the issuer's
 * configuration must name that issuer and an https `jwks_uri`. `identity` is shown to both. Never rejects.
 */
export async function fetchIssuerKeys(issuer: string, identity: HttpsIdentity): Promise<KeysAnswer> {
  const configurationUrl = new URL(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
  const configuration = await callJson({ method: 'GET', url: configurationUrl, identity });
  if (!configuration.ok) return configuration;
  const { issuer: named, jwks_uri: keysUrl } = (configuration.value ?? {}) as {
    issuer?: unknown;
    jwks_uri?: unknown;
  };
  if (named !== issuer) {
    return failed(
      `${configurationUrl.href} names the issuer ${JSON.stringify(named)}, and not ${JSON.stringify(issuer)}`,
    );
  }
  if (typeof keysUrl !== 'string' || !URL.canParse(keysUrl))
    return failed(`${configurationUrl.href} has no jwks_uri`);
  const answer = await callJson({ method: 'GET', url: new URL(keysUrl), identity });
  if (!answer.ok) return answer;
  const { keys } = (answer.value ?? {}) as { keys?: unknown };
  if (!Array.isArray(keys)) return failed(`${keysUrl} is no JSON Web Key Set: it has no keys`);
  return { ok: true, keySet: { keys } };
}

function failed(error: string): KeysAnswer {
  return { ok: false, error };
}
