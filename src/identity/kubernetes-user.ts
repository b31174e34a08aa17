import type { Certificate, DistinguishedName } from '../x509/certificate.ts';
import { commonName, organizations, valuesOf } from '../x509/name.ts';
import type { VerifiedPath } from '../x509/path.ts';
import type { UserInfo } from './user-info.ts';

/** The subject attribute in which Kubernetes keeps a user's UID. */
const UID = '1.3.6.1.4.1.57683.2';

/** The key of `extra` that names the certificate a user came with. */
export const CREDENTIAL_ID = 'authentication.kubernetes.io/credential-id';

/**
 * Whether the UID attribute is read: kube-apiserver's feature gate AllowParsingUserUIDFromCertAuth, on since 1.34.
 */
export type UidAttribute = 'read' | 'ignored';

/** What Kubernetes' own mapping makes of a path: a user, nothing for want of a common name, or an invalid UID. */
export type KubernetesUser =
  | { readonly kind: 'user'; readonly user: UserInfo }
  | { readonly kind: 'no-opinion' }
  | { readonly kind: 'invalid'; readonly message: string };

/**
 * Maps the leaf to a user as kube-apiserver does (`CommonNameUserConversion`): the common name, all organizations as
 * groups, the UID attribute, and the fingerprint as credential id; nothing is filtered.
 */
export function toKubernetesUser(path: VerifiedPath, uidAttribute: UidAttribute = 'read'): KubernetesUser {
  const [leaf] = path.certificates;
  const username = commonName(leaf.subject);
  if (username === '') return { kind: 'no-opinion' };
  const message = uidAttribute === 'read' ? findUidFault(leaf.subject) : undefined;
  if (message !== undefined) return { kind: 'invalid', message };
  const uid = uidAttribute === 'read' ? (valuesOf(leaf.subject, UID)[0] ?? '') : '';
  const extra = new Map([[CREDENTIAL_ID, [credentialId(leaf)]]]);
  return { kind: 'user', user: { username, uid, groups: organizations(leaf.subject), extra } };
}

/** There may be one UID at most, and it must say something. */
function findUidFault(subject: DistinguishedName): string | undefined {
  const uids = valuesOf(subject, UID);
  if (subject.otherTypes.includes(UID)) return 'unable to parse UID into a string';
  if (uids.length > 1) return `expected 1 UID, but found multiple: [${uids.join(' ')}]`;
  return uids[0] === '' ? 'UID cannot be an empty string' : undefined;
}

/** How Kubernetes names a certificate: `X509SHA256=` and the lower-case hex SHA-256 of its DER. */
export function credentialId(certificate: Certificate): string {
  return `X509SHA256=${certificate.fingerprint}`;
}
