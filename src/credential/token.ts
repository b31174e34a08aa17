import type { Certificate } from '../x509/certificate.ts';
import type { JwsProof } from '../x509/jws.ts';

/** What every certificate token begins with; the compact JWS follows. */
export const TOKEN_PREFIX: string = 'kube-x509-v1.';

/** The `typ` of the JWS header. */
export const TOKEN_TYPE: string = 'kube-x509+jwt';

/** Bounds on a token; seconds and characters. */
export const TOKEN_LIMITS: {
  readonly length: number;
  readonly certificates: number;
  readonly lifetime: number;
  readonly clockSkew: number;
  readonly id: number;
} = {
  // Eight certificates of a few KiB fit, and HTTP/1.1 stacks rarely take more in a header.
  length: 32 * 1024,
  // A leaf and more intermediates than any PKI uses.
  certificates: 8,
  // From `iat` to `exp`: what a stolen token is good for.
  lifetime: 10 * 60,
  // What a client's clock may be ahead of ours.
  clockSkew: 60,
  // `jti` goes to logs.
  id: 128,
};

/** Whether a token is none of ours by its prefix or its length, whatever else is in it. */
export function isForeign(token: string): boolean {
  return token.length > TOKEN_LIMITS.length || !token.startsWith(TOKEN_PREFIX);
}

/** The claims of a certificate token. Times are seconds since the epoch. None of them names a user. */
export interface TokenClaims {
  readonly aud: string;
  readonly iat: number;
  readonly exp: number;
  readonly jti: string;
}

/**
 * A token whose shape and claims hold. Its signature is not checked yet: `proof` is for the decision, which
 * verifies it once the chain has a path to an anchor.
 */
export interface OpenedToken {
  readonly kind: 'opened';
  readonly chain: readonly [Certificate, ...Certificate[]];
  readonly claims: TokenClaims;
  readonly proof: JwsProof;
}
