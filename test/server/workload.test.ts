import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileText } from '../authenticators.ts';
import type { Identity } from '../pki.ts';
import {
  csiDriverSpiffe,
  type Issued,
  podCertificateSigner,
  podIdentitySigner,
  spire,
  workloadCertificateSigner,
} from '../signers.ts';
import { type Reviewer, startReviewer, tokenOf } from './reviewer.ts';

const WEB = '/ns/default/sa/web';

const spireServer = await spire('prod.example');
const csi = await csiDriverSpiffe('csi.example');
const mesh = await podCertificateSigner('mesh.example');
const partner = await csiDriverSpiffe('partner.example');
const workloads = await workloadCertificateSigner();
const pod = await podIdentitySigner();

const CONFIG = `apiVersion: apiserver.config.k8s.io/v1
kind: AuthenticationConfiguration
x509:
- issuer: {certificateAuthorityFile: spire.pem}
  workload:
    profile: SPIFFE
    trustDomain: prod.example
    federatedTrustDomains: [{name: partner.example, certificateAuthorityFile: partner.pem}]
- issuer: {name: csi-driver-spiffe-ca, certificateAuthorityFile: csi.pem}
  workload: {profile: SPIFFE, trustDomain: csi.example}
- issuer: {certificateAuthorityFile: mesh.pem}
  workload: {profile: SPIFFE, trustDomain: mesh.example}
- issuer: {name: kubernetes.io/workload-certificate, certificateAuthorityFile: workloads.pem}
  workload: {profile: ServiceAccount, trustDomain: cluster-domain.example}
- issuer: {certificateAuthorityFile: pod.pem}
  workload: {profile: PodIdentity}
`;

let reviewer: Reviewer;

beforeAll(async () => {
  const files = {
    'spire.pem': spireServer.anchor.pem,
    'csi.pem': csi.anchor.pem,
    'mesh.pem': mesh.anchor.pem,
    'partner.pem': partner.anchor.pem,
    'workloads.pem': workloads.anchor.pem,
    'pod.pem': pod.anchor.pem,
  };
  const { authenticator, errors } = compileText(CONFIG, { files });
  if (authenticator === undefined) throw new Error(errors.map(({ message }) => message).join('\n'));
  reviewer = await startReviewer(authenticator);
});
afterAll(() => reviewer.close());

function present({ leaf, intermediates }: Issued, signer: Identity = leaf): Promise<unknown> {
  return reviewer.review(tokenOf([leaf, ...intermediates], signer));
}

function credentialOf({ leaf }: Issued): Record<string, string[]> {
  return { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${leaf.certificate.fingerprint}`] };
}

describe('a workload with a certificate of a signer in use', () => {
  it.each([
    ['SPIRE', () => spireServer.issue(WEB)],
    ['csi-driver-spiffe', () => csi.issue(WEB)],
    ['a pod-certificate signer', () => mesh.issue(WEB)],
    ['the workload-certificate signer', () => workloads.issue('default', 'web')],
  ])('logs in as its service account: %s', async (_, issue) => {
    const issued = await issue();
    expect(await present(issued)).toEqual({
      authenticated: true,
      user: {
        username: 'system:serviceaccount:default:web',
        groups: ['system:serviceaccounts', 'system:serviceaccounts:default'],
        extra: credentialOf(issued),
      },
    });
  });

  it('logs in as its service account, with pod and node, by a PodIdentity extension', async () => {
    expect(await present(pod)).toEqual({
      authenticated: true,
      user: {
        username: 'system:serviceaccount:default:web',
        uid: '4f1d9c2e-7f7a-4a39-8c55-6e1f0b9a2c3d',
        groups: ['system:serviceaccounts', 'system:serviceaccounts:default'],
        extra: {
          'authentication.kubernetes.io/pod-name': ['web-0'],
          'authentication.kubernetes.io/pod-uid': ['277b9c49-39c3-4f23-b0b1-e889ef90c0b2'],
          'authentication.kubernetes.io/node-name': ['kind-worker'],
          'authentication.kubernetes.io/node-uid': ['9a1b2c3d-0000-4000-8000-abcdefabcdef'],
          ...credentialOf(pod),
        },
      },
    });
  });

  it('logs in by the name of its SPIFFE ID, and with no groups, from a federated trust domain', async () => {
    const issued = await partner.issue('/ns/kube-system/sa/admin');
    expect(await present(issued)).toEqual({
      authenticated: true,
      user: { username: 'spiffe://partner.example/ns/kube-system/sa/admin', extra: credentialOf(issued) },
    });
  });
});

describe('a workload is refused', () => {
  it.each([
    [
      'with a second URI SAN',
      () =>
        csi.issue(WEB, {
          uriSANs: [`spiffe://csi.example${WEB}`, 'spiffe://csi.example/ns/kube-system/sa/a'],
        }),
      /^mapping\/spiffe-two-uris: the certificate has more than one URI SAN; its SPIFFE ID must be the only one \(decision [0-9a-f]{16}\)$/,
    ],
    [
      'with the name of another trust domain',
      () => csi.issue(WEB, { uriSANs: [`spiffe://prod.example${WEB}`] }),
      /^mapping\/spiffe-trust-domain: .*: "prod\.example" \(decision /,
    ],
    [
      'with a name of ours from a federated authority',
      () => partner.issue(WEB, { uriSANs: [`spiffe://prod.example${WEB}`] }),
      /^mapping\/spiffe-trust-domain: /,
    ],
    [
      'with names that disagree',
      () => workloads.issue('default', 'web', { uriSANs: ['spiffe://cluster-domain.example/ns/a/sa/b'] }),
      /^mapping\/identities-disagree: the names in the certificate are of different workloads \(decision /,
    ],
    [
      'with a certificate that may sign others',
      () => csi.issue(WEB, { keyUsages: ['digitalSignature', 'keyCertSign'] }),
      /^mapping\/leaf-cert-sign: /,
    ],
  ])('%s', async (_, issue, error) => {
    expect(await present(await issue())).toEqual({
      authenticated: false,
      error: expect.stringMatching(error),
    });
  });

  it('without the key of its certificate', async () => {
    const [issued, other] = [await csi.issue(WEB), await csi.issue(WEB)];
    expect(await present(issued, other.leaf)).toEqual({
      authenticated: false,
      error: expect.stringMatching(/^possession\/bad-signature: /),
    });
  });

  it('and the log names nobody whole', () => {
    expect(reviewer.log.length).toBeGreaterThan(10);
    expect(reviewer.log.join('')).not.toMatch(/system:serviceaccount|sa\/web|sa\/admin|kube-system/);
  });
});
