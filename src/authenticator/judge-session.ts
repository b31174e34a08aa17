import type { PathTrace } from '../x509/path-trace.ts';
import { findRevoked } from '../x509/revocation.ts';
import type { Authenticator, Entry } from './authenticator.ts';
import type { Reason } from './reason.ts';

/** What a former decision left behind: the entry that made it, by id and hash, and the path that it was made on. */
export interface FormerDecision {
  readonly entry: { readonly id: string; readonly hash: string };
  readonly path: PathTrace;
}

/** Whether a former decision still holds. */
export type SessionJudgement =
  | { readonly kind: 'holds'; readonly entry: Entry }
  | { readonly kind: 'denied'; readonly reason: Reason; readonly entry?: Entry };

/**
 * Judges a former decision by what may have changed since: the entry must be there, at its place and unchanged, and nothing of the
 * path may be revoked. `at`: milliseconds since the epoch.
 */
export function judgeSession(
  { entries }: Authenticator,
  former: FormerDecision,
  at: number,
): SessionJudgement {
  const { id, hash } = former.entry;
  const entry = entries.find((candidate) => candidate.id === id && candidate.hash === hash);
  if (entry === undefined) return { kind: 'denied', reason: { code: 'session/entry-changed', entry: id } };
  if (entry.revocation === undefined) return { kind: 'holds', entry };
  const { revocations, onStale } = entry.revocation;
  const reason = findRevoked(former.path, revocations, { at, onStale });
  return reason === undefined ? { kind: 'holds', entry } : { kind: 'denied', reason, entry };
}
