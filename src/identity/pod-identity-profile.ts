import { ExtensionId } from '../x509/extension.ts';
import type { VerifiedPath } from '../x509/path.ts';
import {
  formatPodIdentity,
  parsePodIdentity,
  POD_IDENTITY,
  type PodIdentity,
} from './pod-identity-extension.ts';
import { checkWorkload, type Workload, type WorkloadResult } from './workload.ts';
import type { WorkloadCertificateResult } from './workload-certificate.ts';
import { findCommonNameFault, findLeafFault } from './workload-leaf.ts';
import type { MappingRefusalCode } from './mapping-refusal.ts';

/** Reads service account, pod and node from the leaf's PodIdentity extension, critical or not; there may be no SAN beside it. */
export function decodePodIdentity(path: VerifiedPath): WorkloadResult {
  const [leaf] = path.certificates;
  const leafFault = findLeafFault(leaf);
  if (leafFault !== undefined) return { ok: false, refusal: leafFault };
  const extension = leaf.extensions.find(({ id }) => id === POD_IDENTITY);
  if (extension === undefined) return refuse('mapping/pod-identity-absent');
  if (leaf.extensions.some(({ id }) => id === ExtensionId.subjectAlternativeName)) {
    return refuse('mapping/pod-identity-alternative-names');
  }
  const identity = parsePodIdentity(extension.value);
  if (identity === undefined) return refuse('mapping/pod-identity-malformed');
  const result = checkWorkload(toWorkload(identity));
  const refusal = result.ok ? findCommonNameFault(leaf, result.workload) : undefined;
  return refusal === undefined ? result : { ok: false, refusal };
}

/** A certificate with nothing but the critical extension; the workload must be known by all its names and UIDs. */
export function encodePodIdentity(workload: Workload): WorkloadCertificateResult {
  const identity = toPodIdentity(workload);
  const checked = checkWorkload(toWorkload(identity));
  if (!checked.ok) return checked;
  const extension = { id: POD_IDENTITY, critical: true, value: formatPodIdentity(identity) };
  return {
    ok: true,
    certificate: {
      subject: [],
      isCA: false,
      keyUsages: ['digitalSignature'],
      extKeyUsages: ['clientAuth'],
      extensions: [extension],
    },
  };
}

function toWorkload(identity: PodIdentity): Workload {
  return {
    namespace: identity.namespace,
    namespaceUID: identity.namespaceUID,
    serviceAccount: identity.serviceAccountName,
    serviceAccountUID: identity.serviceAccountUID,
    pod: { name: identity.podName, uid: identity.podUID },
    node: { name: identity.nodeName, uid: identity.nodeUID },
  };
}

/** What a workload does not say is empty, which no name and no UID may be. */
function toPodIdentity(workload: Workload): PodIdentity {
  const { pod, node } = workload;
  return {
    namespace: workload.namespace,
    namespaceUID: workload.namespaceUID ?? '',
    serviceAccountName: workload.serviceAccount,
    serviceAccountUID: workload.serviceAccountUID ?? '',
    podName: pod?.name ?? '',
    podUID: pod?.uid ?? '',
    nodeName: node?.name ?? '',
    nodeUID: node?.uid ?? '',
  };
}

function refuse(code: MappingRefusalCode): WorkloadResult {
  return { ok: false, refusal: { code } };
}
