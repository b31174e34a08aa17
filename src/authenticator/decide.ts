import { toCertInput } from '../cel/certificate-input.ts';
import { toRequestInput, toUserInput } from '../cel/input.ts';
import type { UserInfo } from '../identity/user-info.ts';
import { isSignedBy } from '../x509/jws.ts';
import type { VerifiedPath } from '../x509/path.ts';
import { tracePath } from '../x509/path-trace.ts';
import { findRevoked } from '../x509/revocation.ts';
import type { Authenticator, Entry } from './authenticator.ts';
import type { Decision, PassedEntry, Step } from './decision.ts';
import type { Evidence } from './evidence.ts';
import { mapUser } from './map-user.ts';
import { MAX_SIGNATURE_CHECKS, type Match, matchEntry } from './match.ts';
import { mostTelling, type Reason } from './reason.ts';
import { judgeRules, readsRemoteAddress, type RuleSet } from './rules.ts';

/**
 * Decides who presented the evidence. Entries are tried in order; the first whose anchors verify the chain and whose name
 * fits decides, and nothing after it can overturn that. Pure: the same authenticator and evidence give the same decision.
 */
export function decide(authenticator: Authenticator, evidence: Evidence): Decision {
  const passed: PassedEntry[] = [];
  const verify = authenticator.paths.begin(evidence.chain, MAX_SIGNATURE_CHECKS);
  for (const entry of authenticator.entries) {
    const match = matchEntry(entry, evidence, verify);
    if (match.kind === 'matched') return judge({ entry, match, evidence, passed });
    passed.push({ entry, reason: match.reason });
  }
  const base = { at: evidence.at, possession: evidence.possession.kind, passed, steps: [] };
  const reason = mostTelling(passed.map((entry) => entry.reason));
  return { ...base, outcome: 'no-opinion', reason };
}

interface Case {
  readonly entry: Entry;
  readonly match: Match & { readonly kind: 'matched' };
  readonly evidence: Evidence;
  readonly passed: readonly PassedEntry[];
}

function judge({ entry, match, evidence, passed }: Case): Decision {
  const steps: Step[] = [];
  const { path, revoked } = selectUnrevoked(entry, match.paths, evidence.at);
  const base = { at: evidence.at, possession: evidence.possession.kind, passed, steps, entry, path };
  const refusal =
    judgePossession(evidence, steps) ??
    judgeRevocation({ entry, revoked }, steps) ??
    judgeRequest({ entry, evidence }, steps);
  if (refusal !== undefined) return { ...base, outcome: 'denied', reason: refusal };
  const mapped = mapUser(entry.mapping, { ...match, path }, steps);
  if (mapped.outcome !== 'mapped') return { ...base, ...mapped };
  const { user } = mapped;
  const denial = judgeCertificate({ entry, path }, steps) ?? judgeUser({ entry, user }, steps);
  if (denial !== undefined) return { ...base, outcome: 'denied', reason: denial };
  return { ...base, outcome: 'authenticated', user };
}

function judgePossession({ chain, possession }: Evidence, steps: Step[]): Reason | undefined {
  const [leaf] = chain;
  if (possession.kind !== 'signed') return undefined;
  const isHolder = isSignedBy(leaf.publicKey, possession.proof);
  steps.push({ stage: 'possession', result: isHolder });
  return isHolder ? undefined : { code: 'possession/bad-signature', algorithm: possession.proof.algorithm };
}

/** The first path of which nothing is revoked; else the first one, and what is revoked of it. */
function selectUnrevoked(
  { revocation }: Entry,
  paths: Case['match']['paths'],
  at: number,
): { readonly path: VerifiedPath; readonly revoked?: Reason } {
  const [path] = paths;
  if (revocation === undefined) return { path };
  const { revocations, onStale } = revocation;
  const refusals = paths.map((candidate) => findRevoked(tracePath(candidate), revocations, { at, onStale }));
  const unrevoked = paths[refusals.indexOf(undefined)];
  if (unrevoked !== undefined) return { path: unrevoked };
  const [revoked] = refusals;
  return revoked === undefined ? { path } : { path, revoked };
}

function judgeRevocation(
  { entry, revoked }: { readonly entry: Entry; readonly revoked: Reason | undefined },
  steps: Step[],
): Reason | undefined {
  if (entry.revocation === undefined) return undefined;
  steps.push({ stage: 'revocation', result: revoked === undefined });
  return revoked;
}

function judgeRequest(
  { entry, evidence }: Pick<Case, 'entry' | 'evidence'>,
  steps: Step[],
): Reason | undefined {
  const { requestRules: rules, evaluationFailurePolicy: policy } = entry;
  if (rules.length === 0) return undefined;
  const { remoteAddress } = evidence;
  if (remoteAddress === undefined) {
    const index = rules.findIndex((rule) => readsRemoteAddress(rule.program));
    if (index >= 0) {
      for (const [index, { expression, message }] of rules.entries()) {
        steps.push({ stage: 'request', index, expression, message, result: 'skipped' });
      }
      return { code: 'request/remoteaddr-unknown', index };
    }
  }
  return run(
    { stage: 'request', rules, policy, input: toRequestInput({ remoteAddress: remoteAddress ?? '' }) },
    steps,
  );
}

/** A certificate rule that cannot be evaluated denies, whatever the entry's policy. */
function judgeCertificate(
  { entry, path }: { readonly entry: Entry; readonly path: VerifiedPath },
  steps: Step[],
): Reason | undefined {
  const { certificateRules: rules } = entry;
  if (rules.length === 0) return undefined;
  const [leaf] = path.certificates;
  return run({ stage: 'certificate', rules, policy: 'Closed', input: toCertInput(leaf) }, steps);
}

function judgeUser({ entry, user }: { entry: Entry; user: UserInfo }, steps: Step[]): Reason | undefined {
  const { userRules: rules, evaluationFailurePolicy: policy } = entry;
  if (rules.length === 0) return undefined;
  return run({ stage: 'user', rules, policy, input: toUserInput(user) }, steps);
}

function run(rules: RuleSet, steps: Step[]): Reason | undefined {
  const verdict = judgeRules(rules);
  steps.push(...verdict.steps);
  return verdict.refusal;
}
