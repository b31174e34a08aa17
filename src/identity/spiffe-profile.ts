import type { VerifiedPath } from '../x509/path.ts';
import { findTrustDomainFault } from './spiffe-id.ts';
import { readSpiffeId, toSpiffeUri, toWorkload } from './spiffe-workload.ts';
import { checkWorkload, type Workload, type WorkloadResult } from './workload.ts';
import type { WorkloadCertificateResult } from './workload-certificate.ts';
import { findCommonNameFault, findLeafFault } from './workload-leaf.ts';

/** Reads the service account from the leaf's SPIFFE ID, which must be of the trust domain; the leaf must be an X.509-SVID. */
export function decodeSpiffe(path: VerifiedPath, trustDomain: string): WorkloadResult {
  const [leaf] = path.certificates;
  const leafFault = findLeafFault(leaf);
  if (leafFault !== undefined) return { ok: false, refusal: leafFault };
  const spiffe = readSpiffeId(leaf, trustDomain);
  if (!spiffe.ok) return spiffe;
  const result = toWorkload(spiffe.id);
  const refusal = result.ok ? findCommonNameFault(leaf, result.workload) : undefined;
  return refusal === undefined ? result : { ok: false, refusal };
}

/** An X.509-SVID of the service account: of pod, node and UIDs it says nothing. The subject stays empty. */
export function encodeSpiffe(workload: Workload, trustDomain: string): WorkloadCertificateResult {
  const checked = checkWorkload(workload);
  if (!checked.ok) return checked;
  const code = findTrustDomainFault(trustDomain);
  if (code !== undefined) return { ok: false, refusal: { code, value: trustDomain } };
  return {
    ok: true,
    certificate: {
      subject: [],
      uriSANs: [toSpiffeUri(workload, trustDomain)],
      isCA: false,
      keyUsages: ['digitalSignature'],
      extKeyUsages: ['serverAuth', 'clientAuth'],
    },
  };
}
