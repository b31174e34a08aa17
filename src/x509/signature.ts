import { constants, type KeyObject, verify } from 'node:crypto';
import type { PublicKey } from './public-key.ts';
import { findRsaWeakness } from './rsa-key.ts';
import type { SignatureAlgorithm } from './signature-algorithm.ts';

/** What a certificate or a revocation list is signed with, and over what. */
export interface Signed {
  /** The DER that is signed. */
  readonly signedBytes: Buffer;
  readonly signatureAlgorithm: SignatureAlgorithm;
  readonly signature: Buffer;
}

/** Whether a signature verifies; if not, why, in Go's words. */
export type SignatureVerdict = { readonly ok: true } | { readonly ok: false; readonly error: string };

type VerifyingAlgorithm = Exclude<SignatureAlgorithm, { kind: 'insecure' | 'unknown' }>;
type VerifyingKey = Extract<PublicKey, { keyObject(): KeyObject }>;

const VERIFIED: SignatureVerdict = { ok: true };
const UNIMPLEMENTED = 'x509: cannot verify signature: algorithm unimplemented';

/**
 * Verifies a signature with a public key, by Go's rules on algorithms and keys. The key is imported by the first call
 * that needs it.
 */
export function verifySignature(signed: Signed, key: PublicKey): SignatureVerdict {
  const algorithm = signed.signatureAlgorithm;
  if (algorithm.kind === 'insecure') {
    return refused(`x509: cannot verify signature: insecure algorithm ${algorithm.name}`);
  }
  if (algorithm.kind === 'unknown' || !canVerify(key)) return refused(UNIMPLEMENTED);
  const wanted = keyAlgorithmOf(algorithm);
  if (key.algorithm !== wanted) {
    return refused(
      `x509: signature algorithm specifies an ${wanted} public key, but have public key of type ${goTypeOf(key)}`,
    );
  }
  const weakness = key.algorithm === 'RSA' ? findRsaWeakness(key) : undefined;
  if (weakness !== undefined) return refused(weakness);
  return isGenuine(signed, algorithm, key.keyObject()) ? VERIFIED : refused(mismatchText(key));
}

function refused(error: string): SignatureVerdict {
  return { ok: false, error };
}

function canVerify(key: PublicKey): key is VerifyingKey {
  return 'keyObject' in key;
}

function keyAlgorithmOf(algorithm: VerifyingAlgorithm): VerifyingKey['algorithm'] {
  switch (algorithm.kind) {
    case 'rsa':
    case 'rsa-pss':
      return 'RSA';
    case 'ecdsa':
      return 'ECDSA';
    case 'ed25519':
      return 'Ed25519';
  }
}

function goTypeOf(key: VerifyingKey): string {
  return { RSA: '*rsa.PublicKey', ECDSA: '*ecdsa.PublicKey', Ed25519: 'ed25519.PublicKey' }[key.algorithm];
}

function mismatchText(key: VerifyingKey): string {
  return key.algorithm === 'RSA'
    ? 'crypto/rsa: verification error'
    : `x509: ${key.algorithm} verification failure`;
}

function isGenuine(signed: Signed, algorithm: VerifyingAlgorithm, key: KeyObject): boolean {
  const { signedBytes, signature } = signed;
  switch (algorithm.kind) {
    case 'rsa':
    case 'ecdsa':
      return verify(algorithm.hash, signedBytes, key, signature);
    case 'rsa-pss': {
      const padding = constants.RSA_PKCS1_PSS_PADDING;
      const saltLength = constants.RSA_PSS_SALTLEN_DIGEST;
      return verify(algorithm.hash, signedBytes, { key, padding, saltLength }, signature);
    }
    case 'ed25519':
      return verify(null, signedBytes, key, signature);
  }
}
