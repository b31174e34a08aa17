import type { PathTrace } from '../x509/path-trace.ts';

/** What every session token of ours begins with; the compact JWS follows. */
export const SESSION_PREFIX: string = 'kube-x509-session-v1.';

/** The `typ` of the JWS header: neither a certificate token nor a JWT that kube-apiserver verifies can pass for a session. */
export const SESSION_TYPE: string = 'kube-x509-session+jwt';

/** Bounds on a session; seconds and characters. */
export const SESSION_LIMITS: {
  readonly length: number;
  readonly lifetime: number;
  readonly ruledLifetime: number;
  readonly clockSkew: number;
} = {
  // As a certificate token's: HTTP/1.1 stacks rarely take more in a header.
  length: 32 * 1024,
  // What a stolen session is good for, and how long a user lives on that no entry would give any more.
  lifetime: 5 * 60,
  // Where rules judged the request: they judged the exchange, and the session can be used from anywhere.
  ruledLifetime: 60,
  // What another replica's clock may be ahead of ours.
  clockSkew: 60,
};

/** The user that was decided. */
export interface SessionUser {
  readonly username: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** What a session says. Times are seconds since the epoch. */
export interface SessionClaims {
  readonly aud: string;
  readonly iat: number;
  readonly exp: number;
  /** The id of the decision. */
  readonly jti: string;
  /** The entry that decided, and the hash of what it decided by. */
  readonly entry: { readonly id: string; readonly hash: string };
  /** How it was known that the client holds the certificate's key. */
  readonly possession: string;
  readonly credentialId: string;
  readonly user: SessionUser;
  /** What revocation is looked up by, again at each use. */
  readonly path: PathTrace;
}

/**
 * The claims of a session that kube-apiserver verifies itself, as an ID token has them (OpenID Connect Core 1.0 §2). `sub` is the
 * username.
 */
export interface NativeClaims {
  readonly iss: string;
  readonly aud: string;
  readonly sub: string;
  readonly iat: number;
  readonly exp: number;
  readonly jti: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}
