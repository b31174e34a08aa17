import type { Certificate } from '../x509/certificate.ts';
import { ExtendedKeyUsage, KeyUsageBit } from '../x509/key-usage.ts';
import { commonNames } from '../x509/name.ts';
import type { VerifiedPath } from '../x509/path.ts';
import { findTrustDomainFault } from './spiffe-id.ts';
import { readSpiffeId, toSpiffeUri } from './spiffe-workload.ts';
import { checkWorkload, splitUsername, toUsername, type Workload, type WorkloadResult } from './workload.ts';
import type { WorkloadCertificateResult } from './workload-certificate.ts';
import { findLeafFault } from './workload-leaf.ts';
import type { MappingRefusal } from './mapping-refusal.ts';

const PERMITTED_KEY_USAGE = KeyUsageBit.digitalSignature | KeyUsageBit.keyEncipherment;
const PERMITTED_EXTENDED_KEY_USAGES: readonly string[] = [
  ExtendedKeyUsage.serverAuth,
  ExtendedKeyUsage.clientAuth,
];

/**
 * Reads the service account from the leaf's one common name. A URI SAN must be a SPIFFE ID of the same service account in the trust
 * domain; DNS and IP SANs are the pod's and its services', and say nothing here.
 */
export function decodeServiceAccount(path: VerifiedPath, trustDomain: string): WorkloadResult {
  const [leaf] = path.certificates;
  const leafFault = findLeafFault(leaf) ?? findUsageFault(leaf);
  if (leafFault !== undefined) return { ok: false, refusal: leafFault };
  const result = readCommonName(leaf);
  const refusal = result.ok ? findSpiffeFault(leaf, result.workload, trustDomain) : undefined;
  return refusal === undefined ? result : { ok: false, refusal };
}

/** A certificate of the service account, with its SPIFFE ID where a trust domain is given (not empty). */
export function encodeServiceAccount(workload: Workload, trustDomain: string): WorkloadCertificateResult {
  const checked = checkWorkload(workload);
  if (!checked.ok) return checked;
  const code = trustDomain === '' ? undefined : findTrustDomainFault(trustDomain);
  if (code !== undefined) return { ok: false, refusal: { code, value: trustDomain } };
  return {
    ok: true,
    certificate: {
      subject: [{ CN: toUsername(workload) }],
      uriSANs: trustDomain === '' ? [] : [toSpiffeUri(workload, trustDomain)],
      isCA: false,
      keyUsages: ['digitalSignature', 'keyEncipherment'],
      extKeyUsages: ['serverAuth', 'clientAuth'],
    },
  };
}

/** The usages that this profile's signer permits, and no others; clientAuth must be named, not implied. */
function findUsageFault({ keyUsage, extKeyUsages }: Certificate): MappingRefusal | undefined {
  if ((keyUsage & ~PERMITTED_KEY_USAGE) !== 0) return { code: 'mapping/leaf-key-usage' };
  if (extKeyUsages.length === 0) return { code: 'mapping/leaf-no-extended-key-usage' };
  const value = extKeyUsages.find((usage) => !PERMITTED_EXTENDED_KEY_USAGES.includes(usage));
  return value === undefined ? undefined : { code: 'mapping/leaf-extended-key-usage', value };
}

/** kube-apiserver would read the last of several common names; here there may be one. */
function readCommonName({ subject }: Certificate): WorkloadResult {
  const [name, second] = commonNames(subject);
  if (name === undefined) return { ok: false, refusal: { code: 'mapping/common-name-absent' } };
  if (second !== undefined) {
    return { ok: false, refusal: { code: 'mapping/common-name-repeated', value: second } };
  }
  const workload = splitUsername(name);
  if (workload === undefined) return { ok: false, refusal: { code: 'mapping/common-name', value: name } };
  return checkWorkload(workload);
}

function findSpiffeFault(
  leaf: Certificate,
  workload: Workload,
  trustDomain: string,
): MappingRefusal | undefined {
  const [uri] = leaf.uris;
  if (uri === undefined) return undefined;
  const spiffe = readSpiffeId(leaf, trustDomain);
  if (!spiffe.ok) return spiffe.refusal;
  const isSame = uri === toSpiffeUri(workload, trustDomain);
  return isSame ? undefined : { code: 'mapping/identities-disagree', value: uri };
}
