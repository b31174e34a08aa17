import { toCertInput } from '../cel/certificate-input.ts';
import { toUserInput } from '../cel/input.ts';
import type { UserInfo } from '../identity/user-info.ts';
import type { Certificate } from '../x509/certificate.ts';
import { findRevokedInInventory } from '../x509/inventory-revocation.ts';
import { readCertificateCredentials } from './certificate-credential.ts';
import type { NativePolicy } from './native-policy.ts';
import type { NativeReason } from './native-reason.ts';
import type { NativeStep, NativeVerdict } from './native-verdict.ts';
import { judgeRules } from './rules.ts';

/** A user as kube-apiserver tells of one, and when (milliseconds since the epoch). */
export interface NativeEvidence {
  readonly user: UserInfo;
  readonly at: number;
}

/**
 * Judges a user whom kube-apiserver authenticated: denied, or no opinion. Of several certificates each must stand, since any of them
 * may be what let the user in. Stages stop at the first that denies: credential ids, revocation, inventory, certificate rules, user
 * rules. Pure: the same policy and evidence give the same verdict.
 */
export function judgeNative(policy: NativePolicy, evidence: NativeEvidence): NativeVerdict {
  const { user, at } = evidence;
  const credentials = readCertificateCredentials(user);
  if (credentials === undefined) return { outcome: 'not-concerned', at, fingerprints: [], steps: [] };
  const { fingerprints, problem } = credentials;
  const base = { at, fingerprints, steps: [] as NativeStep[] };
  if (problem !== undefined) {
    base.steps.push({ stage: 'credential', result: false, error: problem });
    return { ...base, outcome: 'denied', reason: { code: 'certificate/unreadable-id', problem } };
  }
  const reason = judge({
    policy,
    evidence,
    presented: fingerprints.map(toPresented(policy)),
    steps: base.steps,
  });
  return reason === undefined ? { ...base, outcome: 'no-opinion' } : { ...base, outcome: 'denied', reason };
}

/** A certificate that the user came with: its fingerprint, and itself where the inventory has it. */
interface Presented {
  readonly fingerprint: string;
  readonly certificate: Certificate | undefined;
}

interface Case {
  readonly policy: NativePolicy;
  readonly evidence: NativeEvidence;
  readonly presented: readonly Presented[];
  /** What the stages found so far; each adds its own. */
  readonly steps: NativeStep[];
}

function toPresented({ inventory }: NativePolicy): (fingerprint: string) => Presented {
  return (fingerprint) => ({ fingerprint, certificate: inventory.find(fingerprint) });
}

function judge(concerned: Case): NativeReason | undefined {
  return (
    judgeRevocation(concerned) ??
    judgeInventory(concerned) ??
    judgeCertificateRules(concerned) ??
    judgeUserRules(concerned)
  );
}

function judgeRevocation({ policy, evidence, presented, steps }: Case): NativeReason | undefined {
  for (const one of presented) {
    const reason = findRevoked(one, policy, evidence.at);
    steps.push({ stage: 'revocation', fingerprint: one.fingerprint, result: reason === undefined });
    if (reason !== undefined) return reason;
  }
  return undefined;
}

/** Of a certificate that is not in the inventory only the fingerprint can be looked up. */
function findRevoked(
  { fingerprint, certificate }: Presented,
  policy: NativePolicy,
  at: number,
): NativeReason | undefined {
  const { revocations, inventory, onStale } = policy;
  if (certificate === undefined) {
    const reason = revocations.fingerprints.get(fingerprint);
    return reason === undefined
      ? undefined
      : { code: 'revocation/revoked', fingerprint, role: 'leaf', reason };
  }
  const refusal = findRevokedInInventory(certificate, { inventory, revocations }, { at, onStale });
  switch (refusal?.code) {
    case undefined:
      return undefined;
    case 'revocation/revoked':
      return { code: refusal.code, fingerprint, role: refusal.role, reason: refusal.reason };
    case 'revocation/stale':
      return { code: refusal.code, fingerprint, nextUpdate: refusal.nextUpdate };
  }
}

function judgeInventory({ policy, presented, steps }: Case): NativeReason | undefined {
  if (policy.unknownCertificates === 'Allow') return undefined;
  for (const { fingerprint, certificate } of presented) {
    const isKnown = certificate !== undefined;
    steps.push({ stage: 'inventory', fingerprint, result: isKnown });
    if (!isKnown) return { code: 'certificate/unknown', fingerprint };
  }
  return undefined;
}

/** Rules on certificates always fail closed. */
function judgeCertificateRules({ policy, presented, steps }: Case): NativeReason | undefined {
  const { certificateRules: rules } = policy;
  if (rules.length === 0) return undefined;
  for (const { fingerprint, certificate } of presented) {
    if (certificate === undefined) continue;
    const verdict = judgeRules({
      stage: 'certificate',
      rules,
      policy: 'Closed',
      input: toCertInput(certificate),
    });
    steps.push(...verdict.steps.map((step) => ({ ...step, fingerprint, stage: 'certificate' as const })));
    if (verdict.refusal !== undefined) return verdict.refusal;
  }
  return undefined;
}

function judgeUserRules({ policy, evidence, steps }: Case): NativeReason | undefined {
  const { userRules: rules, evaluationFailurePolicy } = policy;
  if (rules.length === 0) return undefined;
  const input = toUserInput(evidence.user);
  const verdict = judgeRules({ stage: 'user', rules, policy: evaluationFailurePolicy, input });
  steps.push(...verdict.steps.map((step) => ({ ...step, stage: 'user' as const })));
  return verdict.refusal;
}
