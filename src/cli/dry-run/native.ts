import type { NativePolicy } from '../../authenticator/native-policy.ts';
import type { Certificate } from '../../x509/certificate.ts';
import { toTrustBundle, type TrustBundle } from '../../x509/trust-bundle.ts';
import { readApiserverBundle } from '../apiserver-bundle.ts';
import { Failure } from '../failure.ts';
import { refuseBeside } from '../flag-companions.ts';
import { loadNativePolicyFile } from '../native-policy.ts';
import { type NativeTrial, tryChain } from './native-trial.ts';
import { type ChainFlags, readPresentedChain } from './presented-chain.ts';
import { createStandIn } from './stand-in.ts';
import { isSynthetic, mintFromFlags, type SyntheticFlags } from './synthetic-flags.ts';

/** The name of the authority that kubeadm makes. */
export const STAND_IN = 'kubernetes';

/** The flags that a NativeCertificatePolicy is tried with. */
export interface NativeDryRunFlags extends ChainFlags, SyntheticFlags {
  readonly nativePolicy: string;
  /** Of kube-apiserver's `--client-ca-file`. */
  readonly certificateAuthorityFile?: string;
}

/** A trial of a certificate, and where it comes from. */
export interface NativeDryRun {
  readonly source: string;
  readonly leaf: Certificate;
  /** Whether the path to an authority was checked, is taken for granted, or leads to a throw-away CA. */
  readonly trust: 'checked' | 'assumed' | 'stand-in';
  readonly trial: NativeTrial;
}

/**
 * Tries a policy on the certificate that the flags name, at an instant (milliseconds since the epoch).
 *
 * @throws Failure naming the flag.
 */
export async function tryNativePolicy(flags: NativeDryRunFlags, at: number): Promise<NativeDryRun> {
  const { cert, kubeconfig } = flags;
  const given = [cert, kubeconfig, isSynthetic(flags) || undefined].filter((source) => source !== undefined);
  if (given.length !== 1)
    throw new Failure('give one of --cert, --kubeconfig, --subject (or one of the -san flags)');
  const policy = loadNativePolicyFile(flags.nativePolicy);
  if (isSynthetic(flags)) return trySynthetic(policy, flags, at);
  const { source, chain } = readPresentedChain(flags);
  const [leaf] = chain;
  const path = flags.certificateAuthorityFile;
  const anchors =
    path === undefined ? assumeTrust(leaf) : readApiserverBundle('--certificate-authority-file', path).bundle;
  const trust = path === undefined ? 'assumed' : 'checked';
  return { source, leaf, trust, trial: tryChain(policy, { chain, anchors, at }) };
}

async function trySynthetic(
  policy: NativePolicy,
  flags: NativeDryRunFlags,
  at: number,
): Promise<NativeDryRun> {
  refuseBeside('a synthetic certificate', ['certificateAuthorityFile'], { ...flags });
  const standIn = await createStandIn(STAND_IN, at);
  const chain = await mintFromFlags(flags, standIn, at);
  const anchors = toTrustBundle([standIn.certificate]);
  const trial = tryChain(policy, { chain, anchors, at });
  return { source: 'a synthetic certificate', leaf: chain[0], trust: 'stand-in', trial };
}

/** Without kube-apiserver's authorities the certificate is its own anchor: validity and key usage are checked all the same. */
export function assumeTrust(leaf: Certificate): TrustBundle {
  return toTrustBundle([leaf]);
}
