import { judgeNative } from '../../authenticator/judge-native.ts';
import type { NativeVerdict } from '../../authenticator/native-verdict.ts';
import type { Certificate } from '../../x509/certificate.ts';
import { createPathVerifier } from '../../x509/path-verifier.ts';
import { parseTrustBundle, toTrustBundle, type TrustBundle } from '../../x509/trust-bundle.ts';
import type { UserInfo } from '../../identity/user-info.ts';
import { Failure } from '../failure.ts';
import { loadNativePolicyFile } from '../native-policy.ts';
import { readFlagFile } from '../read-file.ts';
import { answerAsKubeApiserver } from './kube-apiserver-answer.ts';
import { type ChainFlags, readPresentedChain } from './presented-chain.ts';

/** The flags that a NativeCertificatePolicy is tried with. */
export interface NativeDryRunFlags extends ChainFlags {
  readonly nativePolicy: string;
  /** Of kube-apiserver's `--client-ca-file`. */
  readonly certificateAuthorityFile?: string;
}

/** What a policy makes of a certificate that kube-apiserver itself accepts, or why kube-apiserver would not. */
export type NativeTrial =
  | { readonly kind: 'refused'; readonly source: string; readonly leaf: Certificate; readonly error: string }
  | {
      readonly kind: 'judged';
      readonly source: string;
      readonly leaf: Certificate;
      /** Whom kube-apiserver makes of it. */
      readonly user: UserInfo;
      readonly verdict: NativeVerdict;
      /** Whether the path to an authority was checked, or is taken for granted. */
      readonly trust: 'checked' | 'assumed';
    };

/** What becomes of the certificate's holder: `out-of-reach` where the policy would deny and kube-apiserver does not ask. */
export function outcomeOfNative(trial: NativeTrial): 'refused' | 'denied' | 'out-of-reach' | 'no-opinion' {
  if (trial.kind === 'refused') return 'refused';
  if (trial.verdict.outcome !== 'denied') return 'no-opinion';
  return trial.user.groups.includes('system:masters') ? 'out-of-reach' : 'denied';
}

/**
 * Tries a policy on the certificate that the flags name, at an instant (milliseconds since the epoch).
 *
 * @throws Failure naming the flag.
 */
export function tryNativePolicy(flags: NativeDryRunFlags, at: number): NativeTrial {
  const policy = loadNativePolicyFile(flags.nativePolicy);
  const { source, chain } = readPresentedChain(flags);
  const [leaf] = chain;
  const { anchors, trust } = readAnchors(flags, leaf);
  const evidence = { chain, possession: { kind: 'assumed' }, at } as const;
  const answer = answerAsKubeApiserver(evidence, anchors, createPathVerifier());
  switch (answer.kind) {
    case 'refused':
      return { kind: 'refused', source, leaf, error: answer.error };
    case 'no-opinion':
      return { kind: 'refused', source, leaf, error: 'the certificate has no common name' };
    case 'authenticated': {
      const { user } = answer;
      return { kind: 'judged', source, leaf, user, verdict: judgeNative(policy, { user, at }), trust };
    }
  }
}

/** Without kube-apiserver's authorities the certificate is its own anchor: validity and key usage are checked all the same. */
function readAnchors(
  { certificateAuthorityFile: path }: NativeDryRunFlags,
  leaf: Certificate,
): { readonly anchors: TrustBundle; readonly trust: 'checked' | 'assumed' } {
  if (path === undefined) return { anchors: toTrustBundle([leaf]), trust: 'assumed' };
  const result = parseTrustBundle(readFlagFile('--certificate-authority-file', path).toString('utf8'));
  if (!result.ok) throw new Failure(`--certificate-authority-file: ${path}: ${result.error}`);
  return { anchors: result.bundle, trust: 'checked' };
}
