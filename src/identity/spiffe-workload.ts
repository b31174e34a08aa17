import type { Certificate } from '../x509/certificate.ts';
import { formatSpiffeId, parseSpiffeId, type SpiffeId, type SpiffeIdResult } from './spiffe-id.ts';
import { checkWorkload, type Workload, type WorkloadResult } from './workload.ts';

/** The SPIFFE ID of a certificate: its only URI SAN, in the trust domain that its anchors are for (X509-SVID §§2, 5.2). */
export function readSpiffeId(leaf: Certificate, trustDomain: string): SpiffeIdResult {
  const [uri, second] = leaf.uris;
  if (uri === undefined) return { ok: false, refusal: { code: 'mapping/spiffe-no-uri' } };
  if (second !== undefined) return { ok: false, refusal: { code: 'mapping/spiffe-two-uris', value: second } };
  const result = parseSpiffeId(uri);
  if (!result.ok || result.id.trustDomain === trustDomain) return result;
  return { ok: false, refusal: { code: 'mapping/spiffe-trust-domain', value: result.id.trustDomain } };
}

/** The trust domain that a certificate says it is of; undefined where it has no SPIFFE ID. Only its anchors make it true. */
export function claimedTrustDomain({ uris: [uri = ''] }: Certificate): string | undefined {
  const result = parseSpiffeId(uri);
  return result.ok ? result.id.trustDomain : undefined;
}

/** The service account that a SPIFFE ID names as Kubernetes' workloads are named: `/ns/<namespace>/sa/<service account>`. */
export function toWorkload(id: SpiffeId): WorkloadResult {
  const [ns, namespace, sa, serviceAccount, ...rest] = id.path;
  const isInForm = ns === 'ns' && sa === 'sa' && rest.length === 0;
  if (!isInForm || namespace === undefined || serviceAccount === undefined) {
    return { ok: false, refusal: { code: 'mapping/spiffe-path', value: `/${id.path.join('/')}` } };
  }
  return checkWorkload({ namespace, serviceAccount });
}

/** The SPIFFE ID of a workload, as a URI. */
export function toSpiffeUri({ namespace, serviceAccount }: Workload, trustDomain: string): string {
  return formatSpiffeId({ trustDomain, path: ['ns', namespace, 'sa', serviceAccount] });
}
