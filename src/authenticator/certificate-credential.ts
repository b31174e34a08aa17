import { CREDENTIAL_ID } from '../identity/kubernetes-user.ts';
import type { UserInfo } from '../identity/user-info.ts';

/** How kube-apiserver begins the credential id of a user who came with a certificate; tokens' begin with `JTI=`. */
const PREFIX = 'X509SHA256=';

const FINGERPRINT = /^[0-9a-f]{64}$/i;

/** Credential ids that are looked at; kube-apiserver gives a user one. */
const MAX_CREDENTIALS = 16;

/**
 * The certificates that a user is said to have come with, each once, by the lower-case hex SHA-256 of their DER. `problem` says
 * why they cannot all be told: kube-apiserver makes no such credential ids.
 */
export interface CertificateCredentials {
  readonly fingerprints: readonly string[];
  readonly problem?: 'malformed' | 'too-many';
}

/** Whether a user came with a certificate, as kube-apiserver tells. */
export function hasCertificate({ extra }: UserInfo): boolean {
  return extra.get(CREDENTIAL_ID)?.some(isOfCertificate) ?? false;
}

/** Reads a user's credential ids. Undefined for a user who came without a certificate: a token, a service account, nobody. */
export function readCertificateCredentials({ extra }: UserInfo): CertificateCredentials | undefined {
  const ids = extra.get(CREDENTIAL_ID)?.filter(isOfCertificate) ?? [];
  if (ids.length === 0) return undefined;
  if (ids.length > MAX_CREDENTIALS) return { fingerprints: [], problem: 'too-many' };
  const digests = ids.map((id) => id.slice(PREFIX.length));
  // Hex is hex: a revoked certificate must not pass because somebody wrote it in capitals.
  const fingerprints = new Set(
    digests.filter((digest) => FINGERPRINT.test(digest)).map((digest) => digest.toLowerCase()),
  );
  const isWhole = digests.every((digest) => FINGERPRINT.test(digest));
  return { fingerprints: [...fingerprints], ...(isWhole ? {} : { problem: 'malformed' }) };
}

function isOfCertificate(id: string): boolean {
  return id.startsWith(PREFIX);
}
