import type { KeyObject } from 'node:crypto';

/** The named curves that Go's crypto/x509 knows. */
export type Curve = 'P-224' | 'P-256' | 'P-384' | 'P-521';

/**
 * A certificate's public key. Its shape is checked when it is parsed; `keyObject()` imports it into node:crypto on
 * first use and keeps it. Keys that Go parses but verifies nothing with (DSA, X25519) have no `keyObject`, nor have
 * keys of an algorithm that Go does not know.
 */
export type PublicKey =
  | {
      readonly algorithm: 'RSA';
      readonly spki: Buffer;
      readonly bits: number;
      readonly exponent: bigint;
      readonly isModulusOdd: boolean;
      keyObject(): KeyObject;
    }
  | { readonly algorithm: 'ECDSA'; readonly spki: Buffer; readonly curve: Curve; keyObject(): KeyObject }
  | { readonly algorithm: 'Ed25519'; readonly spki: Buffer; keyObject(): KeyObject }
  | { readonly algorithm: 'DSA' | 'X25519' | 'unknown'; readonly spki: Buffer };
