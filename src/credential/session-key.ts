import { createPrivateKey, createPublicKey, hash, type KeyObject } from 'node:crypto';
import { type JwsAlgorithm, jwsAlgorithms } from '../x509/jws.ts';
import { parsePublicKey } from '../x509/parse-public-key.ts';
import type { PublicKey } from '../x509/public-key.ts';

/** A key of the server's own, by which it signs sessions. */
export interface SessionKey {
  /** The base64url SHA-256 of the public key, as kube-apiserver names its own: the `kid` of what is signed. */
  readonly id: string;
  readonly algorithm: JwsAlgorithm;
  readonly publicKey: PublicKey;
  readonly privateKey: KeyObject;
}

/** The keys of sessions: the first signs, all verify, so that a new key can be handed round before it is used. */
export type SessionKeys = readonly [SessionKey, ...SessionKey[]];

export type SessionKeyResult =
  | { readonly ok: true; readonly key: SessionKey }
  | { readonly ok: false; readonly error: string };

/** Reads a private key from PEM. Refuses kinds that may not sign: the same as for tokens. */
export function readSessionKey(pem: Buffer): SessionKeyResult {
  let privateKey: KeyObject;
  try {
    privateKey = createPrivateKey(pem);
  } catch {
    return { ok: false, error: 'not an unencrypted private key in PEM' };
  }
  const publicKey = readPublicHalf(privateKey);
  const [algorithm] = publicKey === undefined ? [] : jwsAlgorithms(publicKey);
  if (publicKey === undefined || algorithm === undefined) {
    return {
      ok: false,
      error:
        'this kind of key may not sign sessions: use P-256, P-384, P-521, Ed25519 or RSA of 2048 to 8192 bits',
    };
  }
  const id = hash('sha256', publicKey.spki, 'base64url');
  return { ok: true, key: { id, algorithm, publicKey, privateKey } };
}

/** Undefined for a kind of key that no certificate has. */
function readPublicHalf(privateKey: KeyObject): PublicKey | undefined {
  try {
    return parsePublicKey(createPublicKey(privateKey).export({ type: 'spki', format: 'der' }));
  } catch {
    return undefined;
  }
}
