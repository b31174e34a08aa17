import type { KeyObject } from 'node:crypto';
import type { Certificate } from '../x509/certificate.ts';
import { jwsAlgorithms, signJws } from '../x509/jws.ts';
import { encodePart } from './compact-jws.ts';
import { TOKEN_PREFIX, TOKEN_TYPE, type TokenClaims } from './token.ts';

/** What a token is minted from: the chain (leaf first, no anchor), the leaf's private key, and the claims. */
export interface TokenInput {
  readonly chain: readonly [Certificate, ...Certificate[]];
  readonly key: KeyObject;
  readonly claims: TokenClaims;
}

/**
 * Mints a certificate token: `kube-x509-v1.` and a compact JWS (RFC 7515) with the chain in `x5c`, signed with the leaf's
 * key. Undefined where the leaf's key is of a kind that may not sign tokens.
 */
export function mintToken({ chain, key, claims }: TokenInput): string | undefined {
  const [algorithm] = jwsAlgorithms(chain[0].publicKey);
  if (algorithm === undefined) return undefined;
  const header = {
    typ: TOKEN_TYPE,
    alg: algorithm,
    x5c: chain.map((certificate) => certificate.der.toString('base64')),
  };
  const signingInput = `${encodePart(header)}.${encodePart(claims)}`;
  const signature = signJws(key, algorithm, Buffer.from(signingInput));
  return `${TOKEN_PREFIX}${signingInput}.${signature.toString('base64url')}`;
}
