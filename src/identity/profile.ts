import type { VerifiedPath } from '../x509/path.ts';
import { POD_IDENTITY } from './pod-identity-extension.ts';
import { decodePodIdentity, encodePodIdentity } from './pod-identity-profile.ts';
import { decodeServiceAccount, encodeServiceAccount } from './service-account-profile.ts';
import { decodeSpiffe, encodeSpiffe } from './spiffe-profile.ts';
import type { Workload, WorkloadResult } from './workload.ts';
import type { WorkloadCertificateResult } from './workload-certificate.ts';

/**
 * How a workload's identity is written into a certificate and read back: what `encode` describes, issued, `decode` reads as the same
 * workload in the same trust domain. A trust domain that is not configured is empty.
 */
export interface WorkloadProfile {
  /** The critical extensions that the profile reads; only it may take them as handled. */
  readonly handledExtensions: ReadonlySet<string>;
  /** Reads the workload from a path to the trust domain's own anchors, or refuses. */
  readonly decode: (path: VerifiedPath, trustDomain: string) => WorkloadResult;
  /** Describes the workload's certificate, or refuses a workload that could not be read back. */
  readonly encode: (workload: Workload, trustDomain: string) => WorkloadCertificateResult;
}

const NO_EXTENSIONS: ReadonlySet<string> = new Set();

export type ProfileName = 'SPIFFE' | 'ServiceAccount' | 'PodIdentity';

/** The profiles by the name that a configuration gives them. */
export const workloadProfiles: Readonly<Record<ProfileName, WorkloadProfile>> = {
  SPIFFE: { handledExtensions: NO_EXTENSIONS, decode: decodeSpiffe, encode: encodeSpiffe },
  ServiceAccount: {
    handledExtensions: NO_EXTENSIONS,
    decode: decodeServiceAccount,
    encode: encodeServiceAccount,
  },
  PodIdentity: {
    handledExtensions: new Set([POD_IDENTITY]),
    decode: decodePodIdentity,
    encode: encodePodIdentity,
  },
};

/** The names of the profiles, in the order of their letters. */
export const profileNames: readonly ProfileName[] = ['PodIdentity', 'SPIFFE', 'ServiceAccount'];

export function isProfileName(text: string): text is ProfileName {
  return profileNames.some((name) => name === text);
}
