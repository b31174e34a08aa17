import type { Certificate } from '../x509/certificate.ts';
import type { VerifiedPath } from '../x509/path.ts';
import { CREDENTIAL_ID, credentialId } from './kubernetes-user.ts';
import { formatSpiffeId, type SpiffeId } from './spiffe-id.ts';
import { readSpiffeId } from './spiffe-workload.ts';
import type { UserInfo } from './user-info.ts';
import { findLeafFault } from './workload-leaf.ts';
import type { MappingRefusal } from './mapping-refusal.ts';

export type FederatedUserResult =
  | { readonly ok: true; readonly user: UserInfo }
  | { readonly ok: false; readonly refusal: MappingRefusal };

/**
 * Reads an X.509-SVID on a path to the anchors of a federated trust domain: its SPIFFE ID is the user's name, whatever its path. The
 * user has no groups: a `kube-system` of another domain is nobody's here.
 */
export function decodeFederatedUser(path: VerifiedPath, trustDomain: string): FederatedUserResult {
  const [leaf] = path.certificates;
  const refusal = findLeafFault(leaf);
  if (refusal !== undefined) return { ok: false, refusal };
  const spiffe = readSpiffeId(leaf, trustDomain);
  return spiffe.ok ? { ok: true, user: toUser(spiffe.id, leaf) } : spiffe;
}

function toUser(id: SpiffeId, leaf: Certificate): UserInfo {
  const extra = new Map([[CREDENTIAL_ID, [credentialId(leaf)]]]);
  return { username: formatSpiffeId(id), uid: '', groups: [], extra };
}
