import { isSignedBy } from '../x509/jws.ts';
import { decodePart, type JsonObject, MalformedJws, readJsonPart, splitJws } from './compact-jws.ts';
import { readSessionClaims } from './session-claims.ts';
import type { SessionKey } from './session-key.ts';
import type { SessionRefusal } from './session-refusal.ts';
import { SESSION_LIMITS, SESSION_PREFIX, SESSION_TYPE, type SessionClaims } from './session-token.ts';

/** What a session is held against; `at` is milliseconds since the epoch. */
export interface SessionExpectations {
  readonly audiences: readonly string[];
  readonly keys: readonly SessionKey[];
  readonly at: number;
}

/** `foreign`: no session of ours, or one for another audience. What is `opened` was signed by one of our keys and is in force. */
export type SessionVerdict =
  | { readonly kind: 'opened'; readonly claims: SessionClaims }
  | { readonly kind: 'foreign' }
  | { readonly kind: 'refused'; readonly refusal: SessionRefusal };

/**
 * Opens a session: shape, key, audience and time, then the signature. Whether its entry still stands and its certificate is not
 * revoked is for whoever knows the configuration.
 */
export function openSession(token: string, expectations: SessionExpectations): SessionVerdict {
  if (!token.startsWith(SESSION_PREFIX) || token.length > SESSION_LIMITS.length) return { kind: 'foreign' };
  try {
    return open(token.slice(SESSION_PREFIX.length), expectations);
  } catch (error) {
    if (error instanceof MalformedJws) return refused({ code: 'session/malformed', problem: error.message });
    throw error;
  }
}

function open(jws: string, { audiences, keys, at }: SessionExpectations): SessionVerdict {
  const parts = splitJws(jws);
  const key = findKey(readJsonPart(parts.header, 'header'), keys);
  if (key === undefined) return refused({ code: 'session/unknown-key' });
  const payload = readJsonPart(parts.payload, 'payload');
  const { aud } = payload;
  if (typeof aud !== 'string' || !audiences.includes(aud)) return { kind: 'foreign' };
  const signature = decodePart(parts.signature, 'signature');
  const late = findTimeFault(payload, at);
  if (late !== undefined) return refused(late);
  const signingInput = Buffer.from(`${parts.header}.${parts.payload}`);
  if (!isSignedBy(key.publicKey, { algorithm: key.algorithm, signingInput, signature })) {
    return refused({ code: 'session/bad-signature' });
  }
  return { kind: 'opened', claims: readSessionClaims(payload) };
}

/** The header has three parameters: what else it could name would change what is verified, or how (RFC 7515 §4.1). */
function findKey(header: JsonObject, keys: readonly SessionKey[]): SessionKey | undefined {
  const { typ, alg, kid, ...rest } = header;
  if (typ !== SESSION_TYPE) throw new MalformedJws(`typ must be ${JSON.stringify(SESSION_TYPE)}`);
  if (Object.keys(rest).length > 0) throw new MalformedJws('the header must be typ, alg and kid alone');
  return keys.find(({ id, algorithm }) => id === kid && algorithm === alg);
}

function findTimeFault({ iat, exp }: JsonObject, at: number): SessionRefusal | undefined {
  if (!isTime(iat) || !isTime(exp)) {
    throw new MalformedJws('iat and exp must be numbers of seconds since the epoch');
  }
  if (exp <= iat || exp - iat > SESSION_LIMITS.lifetime) {
    const problem = `exp must be after iat, by at most ${SESSION_LIMITS.lifetime} seconds`;
    return { code: 'session/lifetime', problem };
  }
  if (exp * 1000 <= at) return { code: 'session/expired', expiredAt: exp * 1000, at };
  if (iat * 1000 > at + SESSION_LIMITS.clockSkew * 1000) {
    return { code: 'session/issued-in-the-future', issuedAt: iat * 1000, at };
  }
  return undefined;
}

/** A NumericDate (RFC 7519 §2) that a JavaScript date can hold. */
function isTime(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= 8.64e12;
}

function refused(refusal: SessionRefusal): SessionVerdict {
  return { kind: 'refused', refusal };
}
