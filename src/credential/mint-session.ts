import { signJws } from '../x509/jws.ts';
import { encodePart } from './compact-jws.ts';
import type { SessionKey } from './session-key.ts';
import {
  type NativeClaims,
  SESSION_LIMITS,
  SESSION_PREFIX,
  SESSION_TYPE,
  type SessionClaims,
} from './session-token.ts';

/** Mints a session: `kube-x509-session-v1.` and a compact JWS. Undefined where it would be too long to be accepted. */
export function mintSession(claims: SessionClaims, key: SessionKey): string | undefined {
  return bounded(`${SESSION_PREFIX}${sign(SESSION_TYPE, claims, key)}`);
}

/** Mints a session that kube-apiserver verifies itself: a plain JWT. Undefined where it would be too long to be accepted. */
export function mintNativeSession(claims: NativeClaims, key: SessionKey): string | undefined {
  return bounded(sign('JWT', claims, key));
}

function sign(typ: string, claims: object, { id, algorithm, privateKey }: SessionKey): string {
  const signingInput = `${encodePart({ typ, alg: algorithm, kid: id })}.${encodePart(claims)}`;
  const signature = signJws(privateKey, algorithm, Buffer.from(signingInput));
  return `${signingInput}.${signature.toString('base64url')}`;
}

function bounded(token: string): string | undefined {
  return token.length > SESSION_LIMITS.length ? undefined : token;
}
