import { limits } from './limits.ts';
import type { PublicKey } from './public-key.ts';

const MIN_BITS = 1024;
const MAX_EXPONENT = 2n ** 31n - 1n;

/**
 * Why an RSA key may verify nothing, in Go's words where it has them. Go lets such keys parse and refuses to use
 * them; with an exponent of 1 anybody can sign.
 */
export function findRsaWeakness(key: Extract<PublicKey, { algorithm: 'RSA' }>): string | undefined {
  if (key.bits < MIN_BITS) {
    return `crypto/rsa: ${key.bits}-bit keys are insecure (see https://go.dev/pkg/crypto/rsa#hdr-Minimum_key_size)`;
  }
  if (key.bits > limits.rsaVerificationBits) {
    return `x509: RSA keys of more than ${limits.rsaVerificationBits} bits verify nothing`;
  }
  if (!key.isModulusOdd) return 'crypto/rsa: public modulus is even';
  if (key.exponent < 2n) return 'crypto/rsa: public exponent too small or negative';
  if (key.exponent % 2n === 0n) return 'crypto/rsa: public exponent is even';
  if (key.exponent > MAX_EXPONENT) return 'crypto/rsa: public exponent too large';
  return undefined;
}
