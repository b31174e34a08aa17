import { judgeNative } from '../../authenticator/judge-native.ts';
import type { NativePolicy } from '../../authenticator/native-policy.ts';
import { describeNativeReason } from '../../authenticator/native-reason.ts';
import type { UserInfo } from '../../identity/user-info.ts';
import type { Fate, JudgedIdentity } from './judge-identity.ts';
import type { SeenIdentity } from './seen-identities.ts';

/** Judges an identity by a NativeCertificatePolicy, as if it came again at an instant (milliseconds since the epoch). */
export function judgeNativeIdentity(
  policy: NativePolicy,
  identity: SeenIdentity,
  at: number,
): JudgedIdentity {
  const isKnown = policy.inventory.find(identity.fingerprint) !== undefined;
  const basis = isKnown ? 'certificate' : 'user';
  return { identity, basis, fate: judge(policy, asReviewed(identity.user), at) };
}

function judge(policy: NativePolicy, user: UserInfo, at: number): Fate {
  const verdict = judgeNative(policy, { user, at });
  if (verdict.outcome !== 'denied') return { kind: 'same' };
  const why = `${verdict.reason.code}: ${describeNativeReason(verdict.reason)}`;
  if (!user.groups.includes('system:masters')) return { kind: 'denied', why };
  return { kind: 'out-of-reach', why: `of system:masters, about which no webhook is asked; else ${why}` };
}

/** A SubjectAccessReview's groups are all that the user has; those of an identity lack the one that everybody has. */
function asReviewed(user: UserInfo): UserInfo {
  return { ...user, groups: [...user.groups, 'system:authenticated'] };
}
