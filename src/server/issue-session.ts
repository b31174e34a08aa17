import type { Decision } from '../authenticator/decision.ts';
import { mintNativeSession, mintSession } from '../credential/mint-session.ts';
import { SESSION_LIMITS, type SessionUser } from '../credential/session-token.ts';
import { credentialId } from '../identity/kubernetes-user.ts';
import type { UserInfo } from '../identity/user-info.ts';
import { tracePath } from '../x509/path-trace.ts';
import { isNative } from './discovery.ts';
import type { Sessions } from './service.ts';

/** A decision that has a user. */
export type Authenticated = Extract<Decision, { outcome: 'authenticated' }>;

/** A session token; `expiresIn` is seconds. */
export interface IssuedSession {
  readonly token: string;
  readonly kind: 'native' | 'opaque';
  readonly expiresIn: number;
}

/** What a session is issued on: the decision, and for whom. */
export interface SessionGrant {
  readonly decision: Authenticated;
  readonly decisionId: string;
  readonly audience: string;
}

/**
 * Issues a session for what was decided, for no longer than any certificate of the path is valid. Undefined where it would be too long
 * a text for the header it has to stand in.
 */
export function issueSession(grant: SessionGrant, sessions: Sessions): IssuedSession | undefined {
  const { decision } = grant;
  const iat = Math.floor(decision.at / 1000);
  const exp = Math.min(iat + lifetimeOf(decision), Math.floor(endOf(decision) / 1000));
  const [key] = sessions.keys();
  const kind = isVerifiedNatively(decision, sessions) ? 'native' : 'opaque';
  const times = { iat, exp };
  const token =
    kind === 'native'
      ? mintNativeSession({ iss: sessions.issuerUrl ?? '', ...times, ...nativeClaimsOf(grant) }, key)
      : mintSession({ ...times, ...claimsOf(grant) }, key);
  return token === undefined ? undefined : { token, kind, expiresIn: exp - iat };
}

/** Rules on the request judged this one alone: what they forbid must not go on for long under a session. */
function lifetimeOf({ entry }: Authenticated): number {
  return entry.requestRules.length > 0 ? SESSION_LIMITS.ruledLifetime : SESSION_LIMITS.lifetime;
}

function endOf({ path }: Authenticated): number {
  return Math.min(...path.certificates.map(({ notAfter }) => notAfter));
}

function isVerifiedNatively({ entry }: Authenticated, { issuerUrl, keys }: Sessions): boolean {
  return entry.sessions === 'native' && issuerUrl !== undefined && isNative(keys()[0]);
}

function claimsOf({
  decision,
  decisionId,
  audience,
}: SessionGrant): Omit<Parameters<typeof mintSession>[0], 'iat' | 'exp'> {
  const { entry, path, possession, user } = decision;
  return {
    aud: audience,
    jti: decisionId,
    entry: { id: entry.id, hash: entry.hash },
    possession,
    credentialId: credentialId(path.certificates[0]),
    user: toSessionUser(user),
    path: tracePath(path),
  };
}

function nativeClaimsOf({
  decision,
  decisionId,
  audience,
}: SessionGrant): Omit<Parameters<typeof mintNativeSession>[0], 'iss' | 'iat' | 'exp'> {
  const { username, uid, groups, extra } = toSessionUser(decision.user);
  return { aud: audience, jti: decisionId, sub: username, uid, groups, extra };
}

function toSessionUser({ username, uid, groups, extra }: UserInfo): SessionUser {
  return { username, uid, groups, extra: Object.fromEntries(extra) };
}
