import { describe, expect, it } from 'vitest';
import { type ProfileName, workloadProfiles } from '../../src/identity/profile.ts';
import type { WorkloadResult } from '../../src/identity/workload.ts';
import { verifyPath } from '../../src/x509/path.ts';
import { toTrustBundle } from '../../src/x509/trust-bundle.ts';
import { NOW } from '../pki.ts';
import {
  csiDriverSpiffe,
  type Issued,
  podCertificateSigner,
  podIdentitySigner,
  spire,
  workloadCertificateSigner,
} from '../signers.ts';

const WEB = '/ns/default/sa/web';
const signers = [await spire('prod.example'), await csiDriverSpiffe('prod.example')];
const meshSigner = await podCertificateSigner('prod.example');
const workloadSigner = await workloadCertificateSigner();

/** What the profile reads from what a signer issued. */
function decode(
  profile: ProfileName,
  trustDomain: string,
  { anchor, leaf, intermediates }: Issued,
): WorkloadResult {
  const { handledExtensions, decode } = workloadProfiles[profile];
  const chain = [leaf, ...intermediates].map(({ certificate }) => certificate);
  const anchors = toTrustBundle([anchor.certificate]);
  const verdict = verifyPath(chain, { anchors, at: NOW, maxSignatureChecks: 16, handledExtensions });
  if (verdict.kind === 'refused') throw new Error(verdict.refusal.code);
  return decode(verdict.paths[0], trustDomain);
}

const web = { ok: true, workload: { namespace: 'default', serviceAccount: 'web' } };

describe('certificates as signers in use issue them', () => {
  it.each([
    ['SPIRE', signers[0]],
    ['csi-driver-spiffe', signers[1]],
    ['a pod-certificate signer without a name', meshSigner],
  ])('reads those of %s', async (_, signer) => {
    const issued = await signer?.issue(WEB);
    expect(issued && decode('SPIFFE', 'prod.example', issued)).toEqual(web);
  });

  it('reads those of SPIRE with DNS names, the first of which it makes the common name', async () => {
    const issued = await signers[0]?.issue(WEB, {
      subject: [{ C: 'US' }, { O: 'SPIRE' }, { CN: 'web.default.svc' }],
      dnsSANs: ['web.default.svc', 'web'],
    });
    expect(issued && decode('SPIFFE', 'prod.example', issued)).toEqual(web);
  });

  it("does not take SPIRE's own agent for a service account", async () => {
    const issued = await signers[0]?.issue('/spire/agent/k8s_psat/prod/1f2e');
    expect(issued && decode('SPIFFE', 'prod.example', issued)).toMatchObject({
      refusal: { code: 'mapping/spiffe-path' },
    });
  });

  it('does not take an intermediate that is an SVID of its trust domain for a workload', async () => {
    const issued = await signers[0]?.issue(WEB);
    const [server] = issued?.intermediates ?? [];
    if (issued === undefined || server === undefined) throw new Error('SPIRE has an intermediate');
    expect(decode('SPIFFE', 'prod.example', { ...issued, leaf: server, intermediates: [] })).toEqual({
      ok: false,
      refusal: { code: 'mapping/leaf-is-authority' },
    });
  });

  it('reads those of the workload-certificate signer, with all their names', async () => {
    const issued = await workloadSigner.issue('default', 'web');
    expect(decode('ServiceAccount', 'cluster-domain.example', issued)).toEqual(web);
    expect(decode('SPIFFE', 'cluster-domain.example', issued)).toEqual(web);
  });

  it('reads those of a PodIdentity signer, and that profile alone does', async () => {
    const issued = await podIdentitySigner();
    expect(decode('PodIdentity', '', issued)).toMatchObject({
      workload: {
        namespace: 'default',
        serviceAccount: 'web',
        pod: { name: 'web-0' },
        node: { name: 'kind-worker' },
      },
    });
    expect(() => decode('SPIFFE', 'prod.example', issued)).toThrow('path/unhandled-critical-extension');
  });
});
