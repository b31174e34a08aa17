import type { Certificate } from '../../x509/certificate.ts';
import { parseTrustBundle, toTrustBundle, type TrustBundle } from '../../x509/trust-bundle.ts';
import { Failure } from '../failure.ts';
import { loadNativePolicyFile } from '../native-policy.ts';
import { readFlagFile } from '../read-file.ts';
import { type NativeTrial, tryChain } from './native-trial.ts';
import { type ChainFlags, readPresentedChain } from './presented-chain.ts';

/** The flags that a NativeCertificatePolicy is tried with. */
export interface NativeDryRunFlags extends ChainFlags {
  readonly nativePolicy: string;
  /** Of kube-apiserver's `--client-ca-file`. */
  readonly certificateAuthorityFile?: string;
}

/** A trial of a certificate, and where it comes from. */
export interface NativeDryRun {
  readonly source: string;
  readonly leaf: Certificate;
  /** Whether the path to an authority was checked, or is taken for granted. */
  readonly trust: 'checked' | 'assumed';
  readonly trial: NativeTrial;
}

/**
 * Tries a policy on the certificate that the flags name, at an instant (milliseconds since the epoch).
 *
 * @throws Failure naming the flag.
 */
export function tryNativePolicy(flags: NativeDryRunFlags, at: number): NativeDryRun {
  const policy = loadNativePolicyFile(flags.nativePolicy);
  const { source, chain } = readPresentedChain(flags);
  const [leaf] = chain;
  const path = flags.certificateAuthorityFile;
  const anchors =
    path === undefined ? assumeTrust(leaf) : readAuthorities('--certificate-authority-file', path);
  const trust = path === undefined ? 'assumed' : 'checked';
  return { source, leaf, trust, trial: tryChain(policy, { chain, anchors, at }) };
}

/** Without kube-apiserver's authorities the certificate is its own anchor: validity and key usage are checked all the same. */
export function assumeTrust(leaf: Certificate): TrustBundle {
  return toTrustBundle([leaf]);
}

/**
 * kube-apiserver's authorities, PEM.
 *
 * @throws Failure naming the flag.
 */
export function readAuthorities(flag: string, path: string): TrustBundle {
  const result = parseTrustBundle(readFlagFile(flag, path).toString('utf8'));
  if (!result.ok) throw new Failure(`${flag}: ${path}: ${result.error}`);
  return result.bundle;
}
