import { decide } from '../authenticator/decide.ts';
import type { Decision } from '../authenticator/decision.ts';
import type { Evidence } from '../authenticator/evidence.ts';
import { describe } from '../authenticator/reason.ts';
import type { UserInfo } from '../identity/user-info.ts';
import { type Answering, beginAnswer, type Refusal, tellFault, tellRefusal } from './answering.ts';
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
export interface FrontRefusal extends Refusal {
  readonly kind: 'refused';
  readonly decisionId: string;
}

/** What came of it: a session, or a refusal. */
export type Admission =
  | { readonly kind: 'admitted'; readonly session: IssuedSession; readonly user: UserInfo }
  | FrontRefusal;

/** Decides on what was presented, with the address that the client is known to have, and gives a session for it. */
export function admit(presented: Presented, service: SessionService): Admission {
  const answering = beginAnswer(service);
  try {
    return judge(presented, answering, service);
  } catch (error) {
    const { decisionId } = answering;
    return { kind: 'refused', ...tellFault(error, answering, service), decisionId };
  }
}

/** Refuses before there is anything to decide on. */
export function turnAway(refusal: Refusal, service: Service): FrontRefusal {
  return refuse(refusal, beginAnswer(service), service);
}

function refuse(refusal: Refusal, answering: Answering, service: Service): FrontRefusal {
  tellRefusal(refusal, answering, service);
  return { kind: 'refused', ...refusal, decisionId: answering.decisionId };
}

function judge(presented: Presented, answering: Answering, service: SessionService): Admission {
  const { certificates, possession, remoteAddress, audience } = presented;
  if (certificates.length === 0) {
    const why = 'no client certificate was presented';
    return refuse({ code: 'possession/no-certificate', why }, answering, service);
  }
  const authenticator = service.authenticator();
  const read = authenticator.paths.readChain(certificates);
  if (!read.ok) {
    const why = `certificate ${read.index}: ${read.error}`;
    return refuse({ code: 'possession/bad-chain', why }, answering, service);
  }
  const [leaf, ...others] = read.chain;
  if (leaf === undefined) throw new Error('a chain was read from nothing');
  const chain = [leaf, ...others] as const;
  const address = remoteAddress !== undefined && { remoteAddress };
  const decision = decide(authenticator, { chain, possession, at: service.now(), ...address });
  const { decisionId, elapsed } = answering;
  const concluded = conclude(decision, { decisionId, audience, service });
  const event = { ...concluded, chain, tokenId: decisionId, remoteAddress, durationMs: elapsed() };
  service.log.decided(decisionId, event);
  service.metrics.decided(event);
  return concluded.admission;
}

interface Conclusion {
  readonly decisionId: string;
  readonly audience: string;
  readonly service: SessionService;
}

/** What comes of a decision; one whose user no session can carry is a denial. */
function conclude(
  decision: Decision,
  { decisionId, audience, service }: Conclusion,
): { readonly decision: Decision; readonly admission: Admission } {
  if (decision.outcome !== 'authenticated') {
    const { code } = decision.reason;
    return { decision, admission: { kind: 'refused', code, why: describe(decision.reason), decisionId } };
  }
  const { user, ...rest } = decision;
  const session = issueSession({ decision, decisionId, audience }, service.sessions);
  if (session !== undefined) return { decision, admission: { kind: 'admitted', session, user } };
  return conclude(
    { ...rest, outcome: 'denied', reason: { code: 'session/too-large' } },
    { decisionId, audience, service },
  );
}
