import { constants, type KeyObject, type SignKeyObjectInput, sign, verify } from 'node:crypto';
import type { Curve, PublicKey } from './public-key.ts';
import { findRsaWeakness } from './rsa-key.ts';

/** JWS algorithms by which a certificate's key may sign (RFC 7518 §3.1, RFC 8037 §3.1). */
export type JwsAlgorithm = 'ES256' | 'ES384' | 'ES512' | 'PS256' | 'RS256' | 'EdDSA';

/** What was signed, how, and the signature as JWS has it (ECDSA: r‖s of fixed length, RFC 7518 §3.4). */
export interface JwsProof {
  readonly algorithm: JwsAlgorithm;
  readonly signingInput: Buffer;
  readonly signature: Buffer;
}

interface Scheme {
  readonly digest: 'sha256' | 'sha384' | 'sha512' | null;
  readonly options: Pick<SignKeyObjectInput, 'dsaEncoding' | 'padding' | 'saltLength'>;
}

const SCHEMES: Readonly<Record<JwsAlgorithm, Scheme>> = {
  ES256: { digest: 'sha256', options: { dsaEncoding: 'ieee-p1363' } },
  ES384: { digest: 'sha384', options: { dsaEncoding: 'ieee-p1363' } },
  ES512: { digest: 'sha512', options: { dsaEncoding: 'ieee-p1363' } },
  PS256: { digest: 'sha256', options: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 } },
  RS256: { digest: 'sha256', options: { padding: constants.RSA_PKCS1_PADDING } },
  EdDSA: { digest: null, options: {} },
};

const CURVE_ALGORITHMS: Readonly<Record<Curve, readonly JwsAlgorithm[]>> = {
  'P-224': [],
  'P-256': ['ES256'],
  'P-384': ['ES384'],
  'P-521': ['ES512'],
};

/** Signing with less is within reach of an attacker; what else a key must be, and how large at most, is the same as for certificates. */
const MIN_RSA_BITS = 2048;

/** The algorithms that a key may sign a JWS with, the preferred one first; none for a key that may not sign. */
export function jwsAlgorithms(key: PublicKey): readonly JwsAlgorithm[] {
  switch (key.algorithm) {
    case 'RSA':
      return key.bits >= MIN_RSA_BITS && findRsaWeakness(key) === undefined ? ['PS256', 'RS256'] : [];
    case 'ECDSA':
      return CURVE_ALGORITHMS[key.curve];
    case 'Ed25519':
      return ['EdDSA'];
    case 'DSA':
    case 'X25519':
    case 'unknown':
      return [];
  }
}

/** Signs with a private key that `algorithm` fits; the signature is in JWS form. */
export function signJws(key: KeyObject, algorithm: JwsAlgorithm, signingInput: Buffer): Buffer {
  const { digest, options } = SCHEMES[algorithm];
  return sign(digest, signingInput, { key, ...options });
}

/** Whether the proof was made with the private half of `key`; false for an algorithm that is not the key's own. */
export function isSignedBy(key: PublicKey, proof: JwsProof): boolean {
  if (!('keyObject' in key) || !jwsAlgorithms(key).includes(proof.algorithm)) return false;
  const { digest, options } = SCHEMES[proof.algorithm];
  return verify(digest, proof.signingInput, { key: key.keyObject(), ...options }, proof.signature);
}
