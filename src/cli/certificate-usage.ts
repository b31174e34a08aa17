import type { SeenIdentity } from './replay/seen-identities.ts';

/** How a certificate was used, as an audit log tells. */
export interface CertificateUsage {
  /** Empty where the credential id is none. */
  readonly fingerprint: string;
  readonly usernames: readonly string[];
  readonly requests: number;
  /** Milliseconds since the epoch. */
  readonly lastSeen: number;
  /** Whether it was of the group `system:masters`, about which kube-apiserver asks no webhook. */
  readonly isMaster: boolean;
}

/** Gathers identities, of which there is one a user and address, by their certificates. */
export function summarizeUsage(identities: Iterable<SeenIdentity>): readonly CertificateUsage[] {
  const usages = new Map<string, CertificateUsage>();
  for (const { fingerprint, user, requests, lastSeen } of identities) {
    const known = usages.get(fingerprint);
    usages.set(fingerprint, {
      fingerprint,
      usernames: [...new Set([...(known?.usernames ?? []), user.username])],
      requests: (known?.requests ?? 0) + requests,
      lastSeen: Math.max(known?.lastSeen ?? 0, lastSeen),
      isMaster: known?.isMaster === true || user.groups.includes('system:masters'),
    });
  }
  return [...usages.values()];
}
