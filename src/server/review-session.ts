import { judgeSession } from '../authenticator/judge-session.ts';
import { describe, type ReasonCode } from '../authenticator/reason.ts';
import { openSession } from '../credential/open-session.ts';
import { describeSessionRefusal } from '../credential/session-refusal.ts';
import type { SessionClaims } from '../credential/session-token.ts';
import type { UserInfo } from '../identity/user-info.ts';
import type { Service } from './service.ts';

/** What a session token is worth now. `foreign`: it is none of ours. */
export type SessionReview =
  | { readonly kind: 'foreign' }
  | { readonly kind: 'refused'; readonly code: ReasonCode; readonly why: string }
  | { readonly kind: 'accepted'; readonly user: UserInfo; readonly audience: string };

/** Reviews a session token: signature, audience and time, and again what may have changed since it was issued. */
export function reviewSession(token: string, decisionId: string, service: Service): SessionReview {
  const { sessions, audiences, log } = service;
  if (sessions === undefined) return { kind: 'foreign' };
  const at = service.now();
  const opened = openSession(token, { audiences, keys: sessions.keys(), at });
  switch (opened.kind) {
    case 'foreign':
      return opened;
    case 'refused': {
      const { code } = opened.refusal;
      const why = describeSessionRefusal(opened.refusal);
      log.refused(decisionId, { code, why });
      return { kind: 'refused', code, why };
    }
    case 'opened':
      return holdAgainst(opened.claims, { decisionId, service, at });
  }
}

interface Now {
  readonly decisionId: string;
  readonly service: Service;
  readonly at: number;
}

function holdAgainst(claims: SessionClaims, { decisionId, service, at }: Now): SessionReview {
  const judgement = judgeSession(service.authenticator(), claims, at);
  const { entry, possession, credentialId, jti: session } = claims;
  const line = { decisionId, session, entry: entry.id, possession, credentialId };
  if (judgement.kind === 'denied') {
    const { code } = judgement.reason;
    const why = describe(judgement.reason);
    service.log.info('decided', { ...line, outcome: 'denied', code, why });
    return { kind: 'refused', code, why };
  }
  service.log.info('decided', { ...line, outcome: 'authenticated' });
  return { kind: 'accepted', user: toUserInfo(claims.user), audience: claims.aud };
}

function toUserInfo({ username, uid, groups, extra }: SessionClaims['user']): UserInfo {
  return { username, uid, groups, extra: new Map(Object.entries(extra)) };
}
