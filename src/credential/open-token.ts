import type { Certificate } from '../x509/certificate.ts';
import { type JwsAlgorithm, jwsAlgorithms } from '../x509/jws.ts';
import { decodePart, type JsonObject, MalformedJws, readJsonPart, splitJws } from './compact-jws.ts';
import {
  isForeign,
  type OpenedToken,
  TOKEN_LIMITS,
  TOKEN_PREFIX,
  TOKEN_TYPE,
  type TokenClaims,
} from './token.ts';
import type { TokenRefusal } from './token-refusal.ts';

/** Parses the presented certificates, leaf first; says which one is at fault. */
export type ChainReader = (
  ders: readonly Buffer[],
) =>
  | { readonly ok: true; readonly chain: readonly Certificate[] }
  | { readonly ok: false; readonly index: number; readonly error: string };

/** What a token is held against; `at` is milliseconds since the epoch. */
export interface TokenExpectations {
  readonly audiences: readonly string[];
  readonly at: number;
  readonly readChain: ChainReader;
}

/**
 * `foreign` is a token that is none of ours (another form, or for another audience): somebody else may know it.
 * `refused` is one of ours that nobody should accept.
 */
export type TokenVerdict =
  | OpenedToken
  | { readonly kind: 'foreign' }
  | { readonly kind: 'refused'; readonly refusal: TokenRefusal };

/**
 * Checks a token's shape and claims, cheapest first, and parses its chain. No signature is checked: that is left to the
 * decision, once the chain has a path, so that a stranger costs no signature of its own.
 */
export function openToken(token: string, expectations: TokenExpectations): TokenVerdict {
  if (isForeign(token)) return { kind: 'foreign' };
  try {
    return open(token.slice(TOKEN_PREFIX.length), expectations);
  } catch (error) {
    if (error instanceof Refused) return { kind: 'refused', refusal: error.refusal };
    if (error instanceof MalformedJws) {
      return { kind: 'refused', refusal: { code: 'token/malformed', problem: error.message } };
    }
    throw error;
  }
}

/** Ends the opening of a token; caught in `openToken` and nowhere else. */
class Refused extends Error {
  readonly refusal: TokenRefusal;
  constructor(refusal: TokenRefusal) {
    super(refusal.code);
    this.refusal = refusal;
  }
}

function open(jws: string, { audiences, at, readChain }: TokenExpectations): TokenVerdict {
  const parts = splitJws(jws);
  const header = readHeader(readJsonPart(parts.header, 'header'));
  const claims = readClaims(readJsonPart(parts.payload, 'payload'));
  if (!audiences.includes(claims.aud)) return { kind: 'foreign' };
  checkTimes(claims, at);
  const signature = decodePart(parts.signature, 'signature');
  const chain = readPresented(header.x5c, readChain);
  const [leaf] = chain;
  const allowed = jwsAlgorithms(leaf.publicKey);
  const algorithm = allowed.find((candidate) => candidate === header.alg);
  if (algorithm === undefined) throw new Refused({ code: 'token/algorithm', algorithm: header.alg, allowed });
  if (claims.exp * 1000 > leaf.notAfter) {
    throw new Refused({ code: 'token/lifetime', problem: "exp is after the leaf certificate's notAfter" });
  }
  const signingInput = Buffer.from(`${parts.header}.${parts.payload}`);
  return { kind: 'opened', chain, claims, proof: { algorithm, signingInput, signature } };
}

/** Header parameters that would change what is verified, or with which key (RFC 7515 §4.1, RFC 7797 §3). */
const FORBIDDEN = ['jwk', 'jku', 'x5u', 'kid', 'crit', 'b64', 'zip'];

const ALGORITHMS: readonly string[] = [
  'ES256',
  'ES384',
  'ES512',
  'PS256',
  'RS256',
  'EdDSA',
] satisfies JwsAlgorithm[];

function readHeader(header: JsonObject): { readonly alg: string; readonly x5c: readonly string[] } {
  const { typ, alg, x5c } = header;
  if (typ !== TOKEN_TYPE) throw badHeader(`typ must be ${JSON.stringify(TOKEN_TYPE)}`);
  for (const name of FORBIDDEN) {
    if (Object.hasOwn(header, name))
      throw badHeader(`${name} is not allowed: the key is the leaf certificate's`);
  }
  if (typeof alg !== 'string' || !ALGORITHMS.includes(alg)) {
    throw badHeader(`alg must be one of ${ALGORITHMS.join(', ')}`);
  }
  if (!Array.isArray(x5c) || x5c.length === 0 || x5c.length > TOKEN_LIMITS.certificates) {
    throw badHeader(`x5c must be a list of 1 to ${TOKEN_LIMITS.certificates} certificates, leaf first`);
  }
  if (!x5c.every((item) => typeof item === 'string')) throw badHeader('x5c must be a list of strings');
  return { alg, x5c };
}

function readClaims(payload: JsonObject): TokenClaims {
  const { aud, iat, exp, nbf, jti } = payload;
  if (typeof aud !== 'string' || aud === '') throw badClaims('aud must be exactly one string');
  if (!isTime(iat)) throw badClaims('iat must be a number of seconds since the epoch');
  if (!isTime(exp)) throw badClaims('exp must be a number of seconds since the epoch');
  if (nbf !== undefined) throw badClaims('nbf is not allowed: a token is valid from iat');
  if (typeof jti !== 'string' || jti === '' || jti.length > TOKEN_LIMITS.id) {
    throw badClaims(`jti must be a string of 1 to ${TOKEN_LIMITS.id} characters`);
  }
  return { aud, iat, exp, jti };
}

/** A NumericDate (RFC 7519 §2) that a JavaScript date can hold. */
function isTime(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= 8.64e12;
}

function checkTimes({ iat, exp }: TokenClaims, at: number): void {
  if (exp <= iat || exp - iat > TOKEN_LIMITS.lifetime) {
    const problem = `exp must be after iat, by at most ${TOKEN_LIMITS.lifetime} seconds`;
    throw new Refused({ code: 'token/lifetime', problem });
  }
  if (exp * 1000 <= at) throw new Refused({ code: 'token/expired', expiredAt: exp * 1000, at });
  if (iat * 1000 > at + TOKEN_LIMITS.clockSkew * 1000) {
    throw new Refused({ code: 'token/issued-in-the-future', issuedAt: iat * 1000, at });
  }
}

function readPresented(
  x5c: readonly string[],
  readChain: ChainReader,
): readonly [Certificate, ...Certificate[]] {
  const ders = x5c.map((text, index) => {
    const der = Buffer.from(text, 'base64');
    if (text === '' || der.toString('base64') !== text) {
      throw badChain(
        `x5c[${index}] is not canonical base64 (RFC 4648 §4: padded, no white space, not base64url)`,
      );
    }
    return der;
  });
  const result = readChain(ders);
  if (!result.ok) throw badChain(`x5c[${result.index}]: ${result.error}`);
  const [leaf, ...rest] = result.chain;
  if (leaf === undefined) throw badChain('x5c is empty');
  return [leaf, ...rest];
}

function badHeader(problem: string): Refused {
  return new Refused({ code: 'token/header', problem });
}

function badChain(problem: string): Refused {
  return new Refused({ code: 'token/chain', problem });
}

function badClaims(problem: string): Refused {
  return new Refused({ code: 'token/claims', problem });
}
