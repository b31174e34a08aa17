import type { Certificate } from '../x509/certificate.ts';
import { ExtensionId } from '../x509/extension.ts';
import { KeyUsageBit } from '../x509/key-usage.ts';
import { commonNames } from '../x509/name.ts';
import { isServiceAccountClaim, toUsername, type Workload } from './workload.ts';
import type { MappingRefusal } from './mapping-refusal.ts';

/**
 * What keeps a certificate from being a workload's, whatever it says: it authenticates, and signs nothing else (X509-SVID §§4.1–4.3,
 * whose rules hold here for every profile). That it may authenticate clients is the verified path's concern.
 */
export function findLeafFault(leaf: Certificate): MappingRefusal | undefined {
  const { basicConstraints, keyUsage } = leaf;
  if (basicConstraints?.isCA === true) return { code: 'mapping/leaf-is-authority' };
  if ((keyUsage & KeyUsageBit.keyCertSign) !== 0) return { code: 'mapping/leaf-cert-sign' };
  if ((keyUsage & KeyUsageBit.crlSign) !== 0) return { code: 'mapping/leaf-crl-sign' };
  const extension = leaf.extensions.find(({ id }) => id === ExtensionId.keyUsage);
  if (extension === undefined) return { code: 'mapping/leaf-no-key-usage' };
  if (!extension.critical) return { code: 'mapping/leaf-key-usage-not-critical' };
  const isSigner = (keyUsage & KeyUsageBit.digitalSignature) !== 0;
  return isSigner ? undefined : { code: 'mapping/leaf-no-digital-signature' };
}

/**
 * A common name that claims another service account than the one read elsewhere in the certificate: whoever reads the common name
 * alone, as kube-apiserver does, would take it for another user. Other common names are nobody's claim.
 */
export function findCommonNameFault(leaf: Certificate, workload: Workload): MappingRefusal | undefined {
  const username = toUsername(workload);
  const value = commonNames(leaf.subject).find((name) => isServiceAccountClaim(name) && name !== username);
  return value === undefined ? undefined : { code: 'mapping/identities-disagree', value };
}
