import { workloadProfiles } from '../src/identity/profile.ts';
import {
  DAY,
  HOUR,
  type Identity,
  mintAuthority,
  mintClient,
  mintIntermediate,
  NOW,
  type Template,
} from './pki.ts';

/** What a signer in use hands out: a leaf, and the certificates between it and the anchor. */
export interface Issued {
  readonly anchor: Identity;
  readonly leaf: Identity;
  readonly intermediates: readonly Identity[];
}

const MINUTE = 60 * 1000;

/** A signer's CA, from which leaves are issued. */
export interface Signer {
  readonly anchor: Identity;
  issue(spiffePath: string, changes?: Template): Promise<Issued>;
}

/**
 * SPIRE: an intermediate that is an SVID of the trust domain itself; leaves with the subject that SPIRE gives all of them, the
 * older ones with a unique identifier, and with keyAgreement.
 */
export async function spire(trustDomain: string): Promise<Signer> {
  const organization = [{ C: 'US' }, { O: 'SPIFFE' }];
  const uriSANs = [`spiffe://${trustDomain}`];
  const anchor = await mintAuthority('', { subject: organization, uriSANs });
  const server = await mintIntermediate(anchor, '', {
    subject: [...organization, { SERIALNUMBER: '273484236423' }],
    uriSANs,
    notAfter: NOW + DAY,
  });
  const issue = async (path: string, changes: Template = {}): Promise<Issued> => {
    const leaf = await mintClient(server, {
      subject: [{ C: 'US' }, { O: 'SPIRE' }, { '2.5.4.45': '8b2d3bb1e12a9bd9c9d2d2b4d3ac5f16' }],
      uriSANs: [`spiffe://${trustDomain}${path}`],
      isCA: false,
      keyUsages: ['digitalSignature', 'keyEncipherment', 'keyAgreement'],
      extKeyUsages: ['serverAuth', 'clientAuth'],
      notBefore: NOW - 10 * 1000,
      notAfter: NOW + HOUR,
      ...changes,
    });
    return { anchor, leaf, intermediates: [server] };
  };
  return { anchor, issue };
}

/** cert-manager's csi-driver-spiffe: no subject, one critical URI SAN, an hour, under whatever CA the issuer is. */
export async function csiDriverSpiffe(trustDomain: string): Promise<Signer> {
  const anchor = await mintAuthority('csi-driver-spiffe-ca', {
    subject: [{ O: 'cert-manager' }, { CN: 'csi-driver-spiffe-ca' }],
  });
  const issue = async (path: string, changes: Template = {}): Promise<Issued> => {
    const leaf = await mintClient(anchor, {
      subject: [],
      uriSANs: [`spiffe://${trustDomain}${path}`],
      isCA: false,
      keyUsages: ['digitalSignature', 'keyEncipherment'],
      extKeyUsages: ['serverAuth', 'clientAuth'],
      notBefore: NOW,
      notAfter: NOW + HOUR,
      ...changes,
    });
    return { anchor, leaf, intermediates: [] };
  };
  return { anchor, issue };
}

/** A pod-certificate signer as in the mesh example: an Ed25519 root without any name, so that the leaf's issuer is empty too. */
export async function podCertificateSigner(trustDomain: string): Promise<Signer> {
  const anchor = await mintAuthority('', {
    subject: [],
    keyKind: 'Ed25519',
    keyUsages: ['digitalSignature', 'keyCertSign'],
  });
  const issue = async (path: string, changes: Template = {}): Promise<Issued> => {
    const leaf = await mintClient(anchor, {
      subject: [],
      uriSANs: [`spiffe://${trustDomain}${path}`],
      isCA: false,
      keyUsages: ['digitalSignature'],
      extKeyUsages: ['clientAuth', 'serverAuth'],
      notBefore: NOW - 2 * MINUTE,
      notAfter: NOW - 2 * MINUTE + DAY,
      ...changes,
    });
    return { anchor, leaf, intermediates: [] };
  };
  return { anchor, issue };
}

/** The workload-certificate signer: name and SPIFFE ID of the service account, addresses of the pod and names of its services. */
export async function workloadCertificateSigner(): Promise<{
  readonly anchor: Identity;
  issue(namespace: string, serviceAccount: string, changes?: Template): Promise<Issued>;
}> {
  const anchor = await mintAuthority('kubernetes.io/workload-certificate');
  const issue = async (
    namespace: string,
    serviceAccount: string,
    changes: Template = {},
  ): Promise<Issued> => {
    const leaf = await mintClient(anchor, {
      subject: [{ CN: `system:serviceaccount:${namespace}:${serviceAccount}` }],
      uriSANs: [`spiffe://cluster-domain.example/ns/${namespace}/sa/${serviceAccount}`],
      ipSANs: ['172.17.0.3'],
      dnsSANs: [
        `172-17-0-3.${namespace}.pod.cluster-domain.example`,
        'my-service',
        `my-service.${namespace}`,
        `my-service.${namespace}.svc.cluster-domain.example`,
      ],
      isCA: false,
      keyUsages: ['digitalSignature', 'keyEncipherment'],
      extKeyUsages: ['serverAuth', 'clientAuth'],
      ...changes,
    });
    return { anchor, leaf, intermediates: [] };
  };
  return { anchor, issue };
}

/** A signer of certificates with the PodIdentity extension, issuing for a pod of default's web on a node; of its own CA if none is given. */
export async function podIdentitySigner({
  anchor,
  nodeName = 'kind-worker',
}: {
  readonly anchor?: Identity;
  readonly nodeName?: string;
} = {}): Promise<Issued> {
  const ca = anchor ?? (await mintAuthority('pod-client-ca'));
  const encoded = workloadProfiles.PodIdentity.encode(
    {
      namespace: 'default',
      namespaceUID: '0d6d0e4c-5a4f-4b0e-9d5e-2f3c1a7b8d90',
      serviceAccount: 'web',
      serviceAccountUID: '4f1d9c2e-7f7a-4a39-8c55-6e1f0b9a2c3d',
      pod: { name: 'web-0', uid: '277b9c49-39c3-4f23-b0b1-e889ef90c0b2' },
      node: { name: nodeName, uid: '9a1b2c3d-0000-4000-8000-abcdefabcdef' },
    },
    '',
  );
  if (!encoded.ok) throw new Error(encoded.refusal.code);
  const validity = { notBefore: NOW - 5 * MINUTE, notAfter: NOW - 5 * MINUTE + DAY };
  const leaf = await mintClient(ca, { ...encoded.certificate, ...validity });
  return { anchor: ca, leaf, intermediates: [] };
}
