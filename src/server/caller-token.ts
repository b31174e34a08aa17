import { hash } from 'node:crypto';
import { errors, type JWTPayload, jwtVerify } from 'jose';
import type { CallerCheck, CallerVerdict } from './caller.ts';
import { type CallerKeys, KeysUnavailable } from './caller-keys.ts';

/** Which bearer tokens may call: a cluster's service-account tokens for this webhook, for one of these subjects. */
export interface CallerTokens {
  readonly issuer: string;
  readonly audience: string;
  readonly subjects: ReadonlySet<string>;
  readonly keys: CallerKeys;
}

/** What kube-apiserver signs service-account tokens with (pkg/serviceaccount/jwt.go). */
const ALGORITHMS = ['RS256', 'ES256', 'ES384', 'ES512'];

/** Seconds that the API server's clock and ours may differ. */
const CLOCK_TOLERANCE = 10;

/** As Kubernetes bounds the tokens of its own accounts: a few KiB with every claim there is. */
const MAX_LENGTH = 8 * 1024;

/** Verified tokens remembered: API servers, each with its present and its former token. */
const CAPACITY = 64;

/** How long a verified token is not verified again, so that the keys are asked for, and their age is noticed. */
const MEMORY_MS = 60_000;

/** For how long a verified token need not be verified again: milliseconds since the epoch. */
interface Validity {
  readonly from: number;
  readonly until: number;
}

/** Lets in who bears a token of the issuer for this audience. A verified token is remembered for a minute, or until the keys change. */
export function createTokenCheck(tokens: CallerTokens): CallerCheck {
  const verified = new Map<string, Validity>();
  let edition: unknown;
  return async ({ headers }, at) => {
    const token = bearerOf(headers.authorization);
    if (token === undefined)
      return { kind: 'refused', code: 'caller/no-token', why: 'the caller sent no bearer token' };
    const current = tokens.keys.edition();
    if (current !== edition) verified.clear();
    edition = current;
    const digest = hash('sha256', token, 'base64');
    const validity = verified.get(digest);
    if (validity !== undefined && at >= validity.from && at < validity.until) return { kind: 'accepted' };
    const { verdict, payload } = await verify(token, tokens, at);
    // Keys that changed meanwhile may not be those that verified it.
    if (payload !== undefined && tokens.keys.edition() === current)
      remember(verified, digest, toValidity(payload, at));
    return verdict;
  };
}

/** RFC 6750 §2.1. */
function bearerOf(authorization: string | undefined): string | undefined {
  return /^Bearer +([A-Za-z0-9\-._~+/]+=*)$/i.exec(authorization ?? '')?.[1];
}

interface Verified {
  readonly verdict: CallerVerdict;
  /** The claims of a token whose bearer is let in. */
  readonly payload?: JWTPayload;
}

async function verify(
  token: string,
  { issuer, audience, subjects, keys }: CallerTokens,
  at: number,
): Promise<Verified> {
  if (token.length > MAX_LENGTH) return badToken(`it is over ${MAX_LENGTH} bytes`);
  try {
    const { payload } = await jwtVerify(token, keys.find, {
      algorithms: ALGORITHMS,
      issuer,
      audience,
      requiredClaims: ['exp', 'iat', 'sub'],
      currentDate: new Date(at),
      clockTolerance: CLOCK_TOLERANCE,
    });
    const { sub = '' } = payload;
    if (subjects.has(sub)) return { verdict: { kind: 'accepted' }, payload };
    const why = "the token's subject is not among those that may call";
    return { verdict: { kind: 'refused', code: 'caller/subject-not-allowed', why, names: [sub] } };
  } catch (error) {
    if (error instanceof errors.JOSEError) return badToken(error.message);
    const why =
      error instanceof KeysUnavailable
        ? "the issuer's keys cannot be had now: the webhook's log says why"
        : 'the token could not be verified';
    return { verdict: { kind: 'undecided', why } };
  }
}

function badToken(problem: string): Verified {
  return { verdict: { kind: 'refused', code: 'caller/bad-token', why: `bearer token: ${problem}` } };
}

function toValidity({ iat = 0, nbf = iat, exp = 0 }: JWTPayload, at: number): Validity {
  return {
    from: (nbf - CLOCK_TOLERANCE) * 1000,
    until: Math.min(at + MEMORY_MS, (exp + CLOCK_TOLERANCE) * 1000),
  };
}

function remember(verified: Map<string, Validity>, digest: string, validity: Validity): void {
  if (verified.size >= CAPACITY) verified.clear();
  verified.set(digest, validity);
}
