import type { KeyObject } from 'node:crypto';

/** The named curves that Go's crypto/x509 knows. */
export type Curve = 'P-224' | 'P-256' | 'P-384' | 'P-521';

/**
 * A certificate's public key. Its shape is checked when it is parsed; `keyObject()` imports it into node:crypto on first
 * use and keeps it. A key of an algorithm that Go does not know parses, and verifies nothing.
 */
export type PublicKey =
  | { readonly algorithm: 'RSA'; readonly spki: Buffer; readonly bits: number; keyObject(): KeyObject }
  | { readonly algorithm: 'ECDSA'; readonly spki: Buffer; readonly curve: Curve; keyObject(): KeyObject }
  | { readonly algorithm: 'Ed25519'; readonly spki: Buffer; keyObject(): KeyObject }
  | { readonly algorithm: 'unknown'; readonly spki: Buffer };
