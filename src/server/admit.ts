import { decide } from '../authenticator/decide.ts';
import type { Decision } from '../authenticator/decision.ts';
import type { Evidence } from '../authenticator/evidence.ts';
import { describe, type ReasonCode } from '../authenticator/reason.ts';
import type { UserInfo } from '../identity/user-info.ts';
import { type IssuedSession, issueSession } from './issue-session.ts';
import type { Service, Sessions } from './service.ts';

/** A service that gives sessions. */
export type SessionService = Service & { readonly sessions: Sessions };

/** What somebody showed at a front door: certificates as DER, leaf first, and how they came. */
export interface Presented {
  readonly certificates: readonly Buffer[];
  readonly possession: Extract<Evidence['possession'], { kind: 'proved' | 'assumed' }>;
  readonly remoteAddress: string | undefined;
  /** One of the service's. */
  readonly audience: string;
}

/** A refusal, as it is told to the client. */
export interface FrontRefusal {
  readonly kind: 'refused';
  readonly code: ReasonCode;
  readonly why: string;
  readonly decisionId: string;
}

/** What came of it: a session, or a refusal. */
export type Admission =
  | { readonly kind: 'admitted'; readonly session: IssuedSession; readonly user: UserInfo }
  | FrontRefusal;

/** Decides on what was presented, with the address that the client is known to have, and gives a session for it. */
export function admit(presented: Presented, service: SessionService): Admission {
  const decisionId = service.newDecisionId();
  try {
    return judge(presented, decisionId, service);
  } catch (error) {
    service.log.failed(decisionId, error);
    return { kind: 'refused', code: 'internal/error', why: 'the request could not be decided', decisionId };
  }
}

/** Refuses before there is anything to decide on. */
export function turnAway(code: ReasonCode, why: string, service: Service): FrontRefusal {
  const decisionId = service.newDecisionId();
  service.log.refused(decisionId, { code, why });
  service.metrics.undecided('refused', { durationMs: 0, code });
  return { kind: 'refused', code, why, decisionId };
}

function judge(presented: Presented, decisionId: string, service: SessionService): Admission {
  const started = service.ticks();
  const authenticator = service.authenticator();
  const { certificates, possession, remoteAddress, audience } = presented;
  if (certificates.length === 0) {
    return turnAway('possession/no-certificate', 'no client certificate was presented', service);
  }
  const read = authenticator.paths.readChain(certificates);
  if (!read.ok) return turnAway('possession/bad-chain', `certificate ${read.index}: ${read.error}`, service);
  const [leaf, ...others] = read.chain;
  if (leaf === undefined) throw new Error('a chain was read from nothing');
  const chain = [leaf, ...others] as const;
  const at = service.now();
  const decision = decide(authenticator, {
    chain,
    possession,
    at,
    ...(remoteAddress !== undefined && { remoteAddress }),
  });
  const event = { decision, chain, tokenId: decisionId, durationMs: service.ticks() - started };
  service.log.decided(decisionId, event);
  service.metrics.decided(event);
  return conclude(decision, { decisionId, audience, service });
}

interface Conclusion {
  readonly decisionId: string;
  readonly audience: string;
  readonly service: SessionService;
}

function conclude(decision: Decision, { decisionId, audience, service }: Conclusion): Admission {
  switch (decision.outcome) {
    case 'authenticated': {
      const session = issueSession({ decision, decisionId, audience }, service.sessions);
      if (session !== undefined) return { kind: 'admitted', session, user: decision.user };
      return turnAway(
        'session/too-large',
        'the user has more groups than a session token can carry',
        service,
      );
    }
    case 'denied':
    case 'no-opinion':
      return {
        kind: 'refused',
        code: decision.reason.code,
        why: describe(decision.reason),
        decisionId,
      };
  }
}
