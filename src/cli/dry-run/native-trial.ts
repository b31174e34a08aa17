import { toUserJson } from '../../authenticator/decision-json.ts';
import { judgeNative } from '../../authenticator/judge-native.ts';
import type { NativePolicy } from '../../authenticator/native-policy.ts';
import { describeNativeReason } from '../../authenticator/native-reason.ts';
import type { NativeStep, NativeVerdict } from '../../authenticator/native-verdict.ts';
import type { UserInfo } from '../../identity/user-info.ts';
import { createPathVerifier } from '../../x509/path-verifier.ts';
import type { TrustBundle } from '../../x509/trust-bundle.ts';
import type { Chain } from '../read-certificates.ts';
import { answerAsKubeApiserver } from './kube-apiserver-answer.ts';

/** What a NativeCertificatePolicy makes of somebody whom kube-apiserver itself authenticates, or why kube-apiserver would not. */
export type NativeTrial =
  | { readonly kind: 'refused'; readonly error: string }
  | {
      readonly kind: 'judged';
      /** Whom kube-apiserver makes of the certificate. */
      readonly user: UserInfo;
      readonly verdict: NativeVerdict;
    };

/** `out-of-reach`: the policy would deny, and kube-apiserver does not ask. */
export type NativeOutcome = 'refused' | 'denied' | 'out-of-reach' | 'no-opinion';

/** Tries a policy on a chain, by the anchors of kube-apiserver's `--client-ca-file`, at an instant (milliseconds since the epoch). */
export function tryChain(
  policy: NativePolicy,
  { chain, anchors, at }: { readonly chain: Chain; readonly anchors: TrustBundle; readonly at: number },
): NativeTrial {
  const evidence = { chain, possession: { kind: 'assumed' }, at } as const;
  const answer = answerAsKubeApiserver(evidence, anchors, createPathVerifier());
  switch (answer.kind) {
    case 'refused':
      return { kind: 'refused', error: answer.error };
    case 'no-opinion':
      return { kind: 'refused', error: 'the certificate has no common name' };
    case 'authenticated':
      return tryUser(policy, answer.user, at);
  }
}

/** Tries a policy on a user as a SubjectAccessReview tells of one. */
export function tryUser(policy: NativePolicy, user: UserInfo, at: number): NativeTrial {
  return { kind: 'judged', user, verdict: judgeNative(policy, { user, at }) };
}

/** What becomes of whom the trial is about. */
export function outcomeOfNative(trial: NativeTrial): NativeOutcome {
  if (trial.kind === 'refused') return 'refused';
  if (trial.verdict.outcome !== 'denied') return 'no-opinion';
  return isMaster(trial.user) ? 'out-of-reach' : 'denied';
}

/** Whether kube-apiserver asks no authorizer about a user, and allows everything. */
export function isMaster({ groups }: UserInfo): boolean {
  return groups.includes('system:masters');
}

/** Why somebody is turned away, by kube-apiserver, which knows no codes, or by the policy. */
export interface NativeReasonJson {
  readonly code?: string;
  readonly message: string;
}

/** Why; undefined where nothing speaks against the user. */
export function reasonOfNative(trial: NativeTrial): NativeReasonJson | undefined {
  if (trial.kind === 'refused') return { message: trial.error };
  const { verdict } = trial;
  if (verdict.outcome !== 'denied') return undefined;
  return { code: verdict.reason.code, message: describeNativeReason(verdict.reason) };
}

/** A trial as `schemas/native-decision.schema.json` has it; `explain` may say more of a step. */
export function toNativeJson(
  trial: NativeTrial,
  fingerprint: string | undefined,
  explain: (step: NativeStep) => object = (step) => step,
): object {
  const reason = reasonOfNative(trial);
  return {
    ...(trial.kind === 'judged' && { at: new Date(trial.verdict.at).toISOString() }),
    outcome: outcomeOfNative(trial),
    ...(fingerprint !== undefined && { fingerprint }),
    ...(trial.kind === 'judged' && { user: toUserJson(trial.user) }),
    ...(reason !== undefined && { reason }),
    ...(trial.kind === 'judged' && { steps: trial.verdict.steps.map(explain) }),
  };
}
