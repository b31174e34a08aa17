import { judgeSession } from '../authenticator/judge-session.ts';
import { describe } from '../authenticator/reason.ts';
import { openSession } from '../credential/open-session.ts';
import { describeSessionRefusal, type SessionRefusal } from '../credential/session-refusal.ts';
import type { SessionClaims } from '../credential/session-token.ts';
import type { UserInfo } from '../identity/user-info.ts';
import { type Answering, type Refusal, tellRefusal } from './answering.ts';
import type { Service } from './service.ts';

/** What a session token is worth now. `foreign`: it is none of ours. */
export type SessionReview =
  | { readonly kind: 'foreign' }
  | ({ readonly kind: 'refused' } & Refusal)
  | { readonly kind: 'accepted'; readonly user: UserInfo; readonly audience: string };

/** Reviews a session token: signature, audience and time, and again what may have changed since it was issued. */
export function reviewSession(token: string, answering: Answering, service: Service): SessionReview {
  const { sessions, audiences } = service;
  if (sessions === undefined) return { kind: 'foreign' };
  const at = service.now();
  const opened = openSession(token, { audiences, keys: sessions.keys(), at });
  switch (opened.kind) {
    case 'foreign':
      return opened;
    case 'refused':
      return refuse(opened.refusal, answering, service);
    case 'opened':
      return judgeAgain(opened.claims, { at, answering, service });
  }
}

function refuse(refusal: SessionRefusal, answering: Answering, service: Service): SessionReview {
  const told = { code: refusal.code, why: describeSessionRefusal(refusal) };
  tellRefusal(told, answering, service);
  return { kind: 'refused', ...told };
}

interface Now {
  readonly at: number;
  readonly answering: Answering;
  readonly service: Service;
}

function judgeAgain(claims: SessionClaims, { at, answering, service }: Now): SessionReview {
  const judgement = judgeSession(service.authenticator(), claims, at);
  const event = { claims, judgement, durationMs: answering.elapsed() };
  service.log.sessionJudged(answering.decisionId, event);
  service.metrics.sessionJudged(event);
  if (judgement.kind === 'holds') {
    return { kind: 'accepted', user: toUserInfo(claims.user), audience: claims.aud };
  }
  const { reason } = judgement;
  return { kind: 'refused', code: reason.code, why: describe(reason) };
}

function toUserInfo({ username, uid, groups, extra }: SessionClaims['user']): UserInfo {
  return { username, uid, groups, extra: new Map(Object.entries(extra)) };
}
