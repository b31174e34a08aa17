import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ProfileName, workloadProfiles } from '../../src/identity/profile.ts';
import { toWorkloadUser } from '../../src/identity/workload-user.ts';
import { judge, pathOf, TRUST_DOMAIN } from './judge.ts';
import { trustDomains, webPod, workloadsOf } from './workloads.ts';

const profileNames: ProfileName[] = ['SPIFFE', 'ServiceAccount', 'PodIdentity'];
const webAccount = { namespace: 'default', serviceAccount: 'web' };

describe.each(profileNames)('the profile %s', (name) => {
  const { encode } = workloadProfiles[name];

  it('reads from a certificate what it wrote into it, over a verified path', async () => {
    const law = fc.asyncProperty(workloadsOf[name], trustDomains, async (workload, trustDomain) => {
      const encoded = encode(workload, trustDomain);
      if (!encoded.ok) throw new Error(encoded.refusal.code);
      expect(await judge(name, encoded.certificate, { trustDomain })).toEqual(workload);
    });
    await fc.assert(law, { numRuns: 60 });
  });

  it.each([
    ['an empty namespace', { ...webPod, namespace: '' }, 'mapping/namespace'],
    ['a namespace of two labels', { ...webPod, namespace: 'a.b' }, 'mapping/namespace'],
    ['a namespace of 64 characters', { ...webPod, namespace: 'a'.repeat(64) }, 'mapping/namespace'],
    ['an empty service account', { ...webPod, serviceAccount: '' }, 'mapping/service-account'],
    ['a service account with a slash', { ...webPod, serviceAccount: 'a/b' }, 'mapping/service-account'],
    ['a service account with a colon', { ...webPod, serviceAccount: 'a:b' }, 'mapping/service-account'],
    ['an upper-case service account', { ...webPod, serviceAccount: 'Web' }, 'mapping/service-account'],
  ])('writes no certificate for %s', (_, workload, code) => {
    expect(encode(workload, TRUST_DOMAIN)).toMatchObject({ ok: false, refusal: { code } });
  });
});

describe('the profile SPIFFE', () => {
  it('writes an X.509-SVID', () => {
    expect(workloadProfiles.SPIFFE.encode(webAccount, TRUST_DOMAIN)).toEqual({
      ok: true,
      certificate: {
        subject: [],
        uriSANs: ['spiffe://cluster.local/ns/default/sa/web'],
        isCA: false,
        keyUsages: ['digitalSignature'],
        extKeyUsages: ['serverAuth', 'clientAuth'],
      },
    });
  });

  it.each(['', 'Cluster.local', 'a/b', 'a'.repeat(256)])('writes none in the trust domain %j', (domain) => {
    expect(workloadProfiles.SPIFFE.encode(webAccount, domain).ok).toBe(false);
  });
});

describe('the profile ServiceAccount', () => {
  it('writes the name as common name and as SPIFFE ID', () => {
    expect(workloadProfiles.ServiceAccount.encode(webAccount, TRUST_DOMAIN)).toMatchObject({
      certificate: {
        subject: [{ CN: 'system:serviceaccount:default:web' }],
        uriSANs: ['spiffe://cluster.local/ns/default/sa/web'],
        keyUsages: ['digitalSignature', 'keyEncipherment'],
        extKeyUsages: ['serverAuth', 'clientAuth'],
      },
    });
  });

  it('does without a SPIFFE ID where no trust domain is given', async () => {
    const encoded = workloadProfiles.ServiceAccount.encode(webAccount, '');
    if (!encoded.ok) throw new Error(encoded.refusal.code);
    expect(encoded.certificate.uriSANs).toEqual([]);
    expect(await judge('ServiceAccount', encoded.certificate, { trustDomain: '' })).toEqual(webAccount);
  });

  it('takes no notice of organizations', async () => {
    const encoded = workloadProfiles.ServiceAccount.encode(webAccount, TRUST_DOMAIN);
    if (!encoded.ok) throw new Error(encoded.refusal.code);
    const subject = [...encoded.certificate.subject, { O: 'system:masters' }];
    expect(await judge('ServiceAccount', { ...encoded.certificate, subject })).toEqual(webAccount);
  });
});

describe('the profile PodIdentity', () => {
  it('writes one critical extension, and no name beside it', () => {
    const encoded = workloadProfiles.PodIdentity.encode(webPod, '');
    if (!encoded.ok) throw new Error(encoded.refusal.code);
    const { extensions, ...rest } = encoded.certificate;
    expect(rest).toEqual({
      subject: [],
      isCA: false,
      keyUsages: ['digitalSignature'],
      extKeyUsages: ['clientAuth'],
    });
    expect(extensions).toMatchObject([{ id: '1.3.6.1.4.1.57683.1', critical: true }]);
  });

  it('reads the extension where it is not critical, too', async () => {
    const encoded = workloadProfiles.PodIdentity.encode(webPod, '');
    if (!encoded.ok) throw new Error(encoded.refusal.code);
    const { extensions = [] } = encoded.certificate;
    const uncritical = extensions.map((extension) => ({ ...extension, critical: false }));
    expect(await judge('PodIdentity', { ...encoded.certificate, extensions: uncritical })).toEqual(webPod);
  });

  it.each(['pod', 'node', 'namespaceUID', 'serviceAccountUID'] as const)(
    'writes no certificate for a workload without %s',
    (field) => {
      const { [field]: _, ...workload } = webPod;
      expect(workloadProfiles.PodIdentity.encode(workload, '').ok).toBe(false);
    },
  );

  it.each([
    ['an upper-case pod', { pod: { name: 'Web', uid: 'u' } }, 'mapping/pod'],
    ['a node name of 254 characters', { node: { name: 'n'.repeat(254), uid: 'u' } }, 'mapping/node'],
    ['an empty UID', { pod: { name: 'web', uid: '' } }, 'mapping/uid'],
    ['a UID of 129 characters', { namespaceUID: 'u'.repeat(129) }, 'mapping/uid'],
    ['a UID with a line feed', { serviceAccountUID: 'a\nb' }, 'mapping/uid'],
  ])('writes no certificate for %s', (_, fields, code) => {
    const encoded = workloadProfiles.PodIdentity.encode({ ...webPod, ...fields }, '');
    expect(encoded).toMatchObject({ ok: false, refusal: { code } });
  });
});

describe('toWorkloadUser', () => {
  it('makes the user of the service account, with the certificate as its credential', async () => {
    const leaf = (await pathOf({ subject: [{ CN: 'x' }] })).certificates[0];
    expect(toWorkloadUser(webAccount, leaf)).toEqual({
      username: 'system:serviceaccount:default:web',
      uid: '',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:default'],
      extra: new Map([['authentication.kubernetes.io/credential-id', [`X509SHA256=${leaf.fingerprint}`]]]),
    });
  });

  it('has the UID of the service account, and pod and node as a bound token has them', async () => {
    const leaf = (await pathOf({ subject: [{ CN: 'x' }] })).certificates[0];
    const { uid, extra } = toWorkloadUser(webPod, leaf);
    expect(uid).toBe('4f1d9c2e-7f7a-4a39-8c55-6e1f0b9a2c3d');
    expect(Object.fromEntries(extra)).toEqual({
      'authentication.kubernetes.io/pod-name': ['web-7c5ddbdf54-x2x8k'],
      'authentication.kubernetes.io/pod-uid': ['277b9c49-39c3-4f23-b0b1-e889ef90c0b2'],
      'authentication.kubernetes.io/node-name': ['worker-1.example.org'],
      'authentication.kubernetes.io/node-uid': ['9a1b2c3d-0000-4000-8000-abcdefabcdef'],
      'authentication.kubernetes.io/credential-id': [`X509SHA256=${leaf.fingerprint}`],
    });
  });
});
