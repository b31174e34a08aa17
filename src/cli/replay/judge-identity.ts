import type { Authenticator, Entry } from '../../authenticator/authenticator.ts';
import { decide } from '../../authenticator/decide.ts';
import { describeWithNames } from '../../authenticator/reason.ts';
import { judgeRules, readsRemoteAddress } from '../../authenticator/rules.ts';
import { toRequestInput, toUserInput } from '../../cel/input.ts';
import type { UserInfo } from '../../identity/user-info.ts';
import { presentChain } from '../dry-run/input.ts';
import type { Chain } from '../read-certificates.ts';
import type { SeenIdentity } from './seen-identities.ts';

/** From what an identity was judged: its certificate, or the user and address of the log alone. */
export type Basis = 'certificate' | 'user';

/**
 * What the policy would have made of an identity; `unknown` where it depends on the certificate, which is not at hand, and `out-of-reach`
 * where the policy would deny and is not asked.
 */
export type Fate =
  | { readonly kind: 'same' }
  | { readonly kind: 'changed'; readonly user: UserInfo }
  | { readonly kind: 'denied' | 'no-opinion' | 'unknown' | 'out-of-reach'; readonly why: string };

/** An identity with its fate. */
export interface JudgedIdentity {
  readonly identity: SeenIdentity;
  readonly basis: Basis;
  readonly fate: Fate;
}

/** Judges an identity by its certificate where that is at hand, at the time when it was seen last. */
export function judgeIdentity(
  authenticator: Authenticator,
  identity: SeenIdentity,
  chain: Chain | undefined,
): JudgedIdentity {
  if (chain !== undefined)
    return { identity, basis: 'certificate', fate: judgeChain(authenticator, identity, chain) };
  return { identity, basis: 'user', fate: judgeWithoutCertificate(authenticator, identity) };
}

function judgeChain(authenticator: Authenticator, identity: SeenIdentity, chain: Chain): Fate {
  const { lastSeen: at, remoteAddress } = identity;
  const presented = presentChain(chain, { at, remoteAddress });
  if (presented.kind === 'refused') throw new Error('a chain is evidence');
  const decision = decide(authenticator, presented.evidence);
  if (decision.outcome !== 'authenticated') {
    return { kind: decision.outcome, why: `${decision.reason.code}: ${describeWithNames(decision.reason)}` };
  }
  return isSameUser(decision.user, identity.user)
    ? { kind: 'same' }
    : { kind: 'changed', user: decision.user };
}

function isSameUser(a: UserInfo, b: UserInfo): boolean {
  const groupsOf = ({ groups }: UserInfo): string => JSON.stringify([...groups].sort());
  return a.username === b.username && a.uid === b.uid && groupsOf(a) === groupsOf(b);
}

/**
 * Without the certificate nobody knows which entry would take it. So the request and user rules of every entry are asked: what
 * all of them say stands, and where they differ, or the user would be mapped otherwise, it is not known.
 */
function judgeWithoutCertificate({ entries }: Authenticator, identity: SeenIdentity): Fate {
  const denials = entries.map((entry) => denialOf(entry, identity));
  const [first] = denials;
  if (first === undefined) return { kind: 'no-opinion', why: 'path/no-entry: no x509 entry is configured' };
  if (denials.every((denial) => denial.kind === 'denied')) return first;
  if (denials.every((denial) => denial.kind === 'same')) return { kind: 'same' };
  const why = entries.map(({ id }, index) => `${id}: ${describeFate(denials[index] ?? first)}`).join('; ');
  return { kind: 'unknown', why };
}

function describeFate(fate: Fate): string {
  switch (fate.kind) {
    case 'same':
      return 'lets pass';
    case 'changed':
      return 'changes';
    case 'denied':
    case 'no-opinion':
    case 'unknown':
    case 'out-of-reach':
      return fate.why;
  }
}

function denialOf(entry: Entry, { user, remoteAddress }: SeenIdentity): Fate {
  const {
    requestRules,
    userRules,
    evaluationFailurePolicy: policy,
    mapping,
    certificateRules,
    revocation,
  } = entry;
  if (remoteAddress === undefined) {
    const index = requestRules.findIndex(({ program }) => readsRemoteAddress(program));
    if (index >= 0) return denied({ code: 'request/remoteaddr-unknown', index });
  }
  const input = toRequestInput({ remoteAddress: remoteAddress ?? '' });
  const request = judgeRules({ stage: 'request', rules: requestRules, policy, input }).refusal;
  if (request !== undefined) return denied(request);
  if (mapping.kind !== 'kubernetes')
    return { kind: 'unknown', why: 'maps the certificate, which is not at hand' };
  const refusal = judgeRules({ stage: 'user', rules: userRules, policy, input: toUserInput(user) }).refusal;
  if (refusal !== undefined) return denied(refusal);
  if (certificateRules.length > 0 || revocation !== undefined) {
    return { kind: 'unknown', why: 'judges the certificate, which is not at hand' };
  }
  return { kind: 'same' };
}

function denied(reason: Parameters<typeof describeWithNames>[0]): Fate {
  return { kind: 'denied', why: `${reason.code}: ${describeWithNames(reason)}` };
}
