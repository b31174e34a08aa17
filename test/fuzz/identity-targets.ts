import { formatPodIdentity, parsePodIdentity } from '../../src/identity/pod-identity-extension.ts';
import { formatSpiffeId, parseSpiffeId } from '../../src/identity/spiffe-id.ts';
import { toWorkload } from '../../src/identity/spiffe-workload.ts';
import { mutateDer, mutateText } from './mutate.ts';
import type { Target } from './target.ts';

const POD_IDENTITY = formatPodIdentity({
  namespace: 'default',
  namespaceUID: '0d6d0e4c-5a4f-4b0e-9d5e-2f3c1a7b8d90',
  serviceAccountName: 'web',
  serviceAccountUID: '4f1d9c2e-7f7a-4a39-8c55-6e1f0b9a2c3d',
  podName: 'web-0',
  podUID: '277b9c49-39c3-4f23-b0b1-e889ef90c0b2',
  nodeName: 'worker-1.example.org',
  nodeUID: '9a1b2c3d-0000-4000-8000-abcdefabcdef',
});

const SPIFFE_IDS = [
  'spiffe://cluster.local/ns/default/sa/web',
  'spiffe://prod.example/spire/agent/k8s_psat/prod/1f2e',
  'spiffe://a/ns/kube-system/sa/a.b-c',
];

/** The identities that a certificate's author writes. */
export function identityTargets(): readonly Target[] {
  return [podIdentityTarget(), spiffeIdTarget()];
}

/** DER has one form for a value, so that what parses must be what is written again. */
function podIdentityTarget(): Target {
  return {
    name: 'pod_identity',
    generate: (random) => [mutateDer(POD_IDENTITY, random, [POD_IDENTITY])],
    run([value = Buffer.alloc(0)]) {
      const identity = parsePodIdentity(value);
      if (identity === undefined) return undefined;
      return formatPodIdentity(identity).equals(value) ? undefined : 'the bytes have another form';
    },
  };
}

/** Two texts are never one identity. */
function spiffeIdTarget(): Target {
  return {
    name: 'spiffe_id',
    generate: (random) => [Buffer.from(mutateText(random.pick(SPIFFE_IDS), random))],
    run([bytes = Buffer.alloc(0)]) {
      const uri = bytes.toString();
      const result = parseSpiffeId(uri);
      if (!result.ok) return undefined;
      if (formatSpiffeId(result.id) !== uri) return 'the text has another form';
      const workload = toWorkload(result.id);
      if (!workload.ok) return undefined;
      const { namespace, serviceAccount } = workload.workload;
      return uri.endsWith(`/ns/${namespace}/sa/${serviceAccount}`)
        ? undefined
        : 'the names are not in the path';
    },
  };
}
