import { type JsonWebKey, createPublicKey } from 'node:crypto';
import type { Express } from 'express';
import type { SessionKey } from '../credential/session-key.ts';
import type { JwsAlgorithm } from '../x509/jws.ts';

/** By what kube-apiserver verifies native sessions: whose they are, and the keys in force. */
export interface Discovery {
  readonly issuerUrl: string;
  readonly keys: () => readonly SessionKey[];
}

/** The algorithms that kube-apiserver takes: it knows no EdDSA. */
const NATIVE_ALGORITHMS: ReadonlySet<JwsAlgorithm> = new Set(['ES256', 'ES384', 'ES512', 'PS256', 'RS256']);

/** Whether kube-apiserver can verify what this key signs. */
export function isNative({ algorithm }: SessionKey): boolean {
  return NATIVE_ALGORITHMS.has(algorithm);
}

const KEYS_PATH = '/openid/v1/jwks';

/** Serves the issuer's documents (OpenID Connect Discovery 1.0 §4) below the path of its URL. */
export function addDiscovery(app: Express, { issuerUrl, keys }: Discovery): void {
  const issuer = issuerUrl.replace(/\/$/, '');
  const base = new URL(issuer).pathname.replace(/\/$/, '');
  app.get(`${base}/.well-known/openid-configuration`, (_, response) => {
    const verifying = keys().filter(isNative);
    response.json({
      issuer: issuerUrl,
      jwks_uri: `${issuer}${KEYS_PATH}`,
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: [...new Set(verifying.map(({ algorithm }) => algorithm))],
    });
  });
  app.get(`${base}${KEYS_PATH}`, (_, response) => {
    response.type('application/jwk-set+json').send({ keys: keys().filter(isNative).map(toJwk) });
  });
}

function toJwk({ id, algorithm, privateKey }: SessionKey): JsonWebKey {
  return {
    ...createPublicKey(privateKey).export({ format: 'jwk' }),
    kid: id,
    alg: algorithm,
    use: 'sig',
  };
}
