import type { Authenticator } from '../../authenticator/authenticator.ts';
import type { Decision } from '../../authenticator/decision.ts';
import type { Evidence } from '../../authenticator/evidence.ts';
import { mapUser } from '../../authenticator/map-user.ts';
import { MAX_SIGNATURE_CHECKS, matchEntry } from '../../authenticator/match.ts';
import type { UserInfo } from '../../identity/user-info.ts';

/** The user that a decision was about, whatever became of it: undefined where the certificate was never mapped to one. */
export function judgedUser(
  { paths }: Authenticator,
  evidence: Evidence,
  decision: Decision,
): UserInfo | undefined {
  if (decision.outcome === 'authenticated') return decision.user;
  const { entry, path, steps } = decision;
  if (entry === undefined || path === undefined) return undefined;
  if (!steps.some(({ stage }) => stage === 'mapping')) return undefined;
  const verify = paths.begin(evidence.chain, MAX_SIGNATURE_CHECKS);
  const match = matchEntry(entry, evidence, verify);
  if (match.kind === 'passed') return undefined;
  const mapped = mapUser(entry.mapping, { ...match, path }, []);
  return mapped.outcome === 'mapped' ? mapped.user : undefined;
}
