import { hash } from 'node:crypto';
import type { UserInfo } from '../identity/user-info.ts';
import { createRecencyCache } from '../x509/recency-cache.ts';
import { findSteadySpan, type TimeSpan } from '../x509/revocation-schedule.ts';
import { hasCertificate } from './certificate-credential.ts';
import { judgeNative, type NativeEvidence } from './judge-native.ts';
import type { NativePolicy } from './native-policy.ts';
import type { NativeVerdict } from './native-verdict.ts';

/** A verdict, and whether it was reached now or remembered. */
export interface Judgement {
  readonly verdict: NativeVerdict;
  readonly isRemembered: boolean;
}

/** Judges by one policy and remembers its verdicts; another policy takes another judge, so that none outlives its policy. */
export interface NativeJudge {
  readonly policy: NativePolicy;
  judge(evidence: NativeEvidence): Judgement;
}

/** Users with their certificates whose verdicts are remembered; each takes about 1 KB. kube-apiserver itself remembers 8192 answers. */
const REMEMBERED = 16_384;

/** Makes a judge of a policy. A verdict is remembered until a CRL becomes valid or goes out of date. */
export function createNativeJudge(policy: NativePolicy): NativeJudge {
  const verdicts = createRecencyCache<string, { readonly verdict: NativeVerdict; readonly span: TimeSpan }>(
    REMEMBERED,
  );
  return {
    policy,
    judge(evidence) {
      const { user, at } = evidence;
      if (!hasCertificate(user)) return { verdict: judgeNative(policy, evidence), isRemembered: false };
      const key = keyOf(user);
      const known = verdicts.get(key);
      if (known !== undefined && known.span.after < at && at < known.span.before) {
        return { verdict: known.verdict, isRemembered: true };
      }
      const verdict = judgeNative(policy, evidence);
      verdicts.set(key, { verdict, span: findSteadySpan(policy.revocations, at) });
      return { verdict, isRemembered: false };
    },
  };
}

/** Longer keys are hashed, so that no user's length takes memory. */
const MAX_KEY_LENGTH = 1024;

/** All that is known of the user, the certificates' fingerprints in `extra` among it. No hash begins with a bracket. */
function keyOf({ username, uid, groups, extra }: UserInfo): string {
  const key = JSON.stringify([username, uid, groups, [...extra]]);
  return key.length > MAX_KEY_LENGTH ? hash('sha256', key, 'base64') : key;
}
