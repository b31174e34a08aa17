import { describe, expect, it } from 'vitest';
import { decodeFederatedUser } from '../../src/identity/federated-user.ts';
import { formatPodIdentity, type PodIdentity } from '../../src/identity/pod-identity-extension.ts';
import type { ProfileName } from '../../src/identity/profile.ts';
import type { Extension } from '../../src/x509/certificate.ts';
import { mintAuthority, mintIntermediate, NOW } from '../pki.ts';
import { element, sequence, utf8String } from '../x509/der-writer.ts';
import { authority, judge, type LeafTemplate, pathOf } from './judge.ts';

const WEB = 'spiffe://cluster.local/ns/default/sa/web';
const POD_IDENTITY = '1.3.6.1.4.1.57683.1';

const stranger = await mintAuthority('workloads');
const podIdentityCa = await mintIntermediate(authority, 'issuing', { extensions: [podIdentity()] });

/** A SPIFFE leaf that authenticates, but for what a case changes. */
const svid: LeafTemplate = {
  uriSANs: [WEB],
  isCA: false,
  keyUsages: ['digitalSignature'],
  extKeyUsages: ['serverAuth', 'clientAuth'],
};

/** The same of a service account. */
const serviceAccount: LeafTemplate = {
  ...svid,
  subject: [{ CN: 'system:serviceaccount:default:web' }],
  keyUsages: ['digitalSignature', 'keyEncipherment'],
};

/** The same with a PodIdentity extension. */
const pod: LeafTemplate = {
  isCA: false,
  keyUsages: ['digitalSignature'],
  extKeyUsages: ['clientAuth'],
  extensions: [podIdentity()],
};

/** The extension, but for some of its strings. */
function podIdentity(fields: Partial<PodIdentity> = {}): Extension {
  const identity = {
    namespace: 'default',
    namespaceUID: 'u1',
    serviceAccountName: 'web',
    serviceAccountUID: 'u2',
    podName: 'web-0',
    podUID: 'u3',
    nodeName: 'worker-1',
    nodeUID: 'u4',
  };
  return { id: POD_IDENTITY, critical: true, value: formatPodIdentity({ ...identity, ...fields }) };
}

/** The extension with a value that is none. */
function malformed(value: Buffer): LeafTemplate {
  return { extensions: [{ id: POD_IDENTITY, critical: true, value }] };
}

function strings(count: number): Buffer[] {
  return Array.from({ length: count }, (_, index) => element(0x80 | index, Buffer.from('a')));
}

/** A SubjectAltName extension of one URI given as bytes. */
function rawUri(bytes: string): LeafTemplate {
  const value = sequence(element(0x86, Buffer.from(bytes)));
  return { uriSANs: [], extensions: [{ id: '2.5.29.17', critical: true, value }] };
}

function keyUsage(hex: string, critical: boolean): LeafTemplate {
  return { keyUsages: [], extensions: [{ id: '2.5.29.15', critical, value: Buffer.from(hex, 'hex') }] };
}

type NearMiss = readonly [name: string, change: LeafTemplate, code: string];

const spiffe: NearMiss[] = [
  ['no URI SAN', { uriSANs: [], dnsSANs: ['web.default.svc'] }, 'mapping/spiffe-no-uri'],
  ['two URI SANs', { uriSANs: [WEB, 'spiffe://cluster.local/ns/a/sa/b'] }, 'mapping/spiffe-two-uris'],
  ['the same URI SAN twice', { uriSANs: [WEB, WEB] }, 'mapping/spiffe-two-uris'],
  ['a second URI SAN that is no SPIFFE ID', { uriSANs: [WEB, 'urn:x'] }, 'mapping/spiffe-two-uris'],
  ['SPIFFE:// in upper case', { uriSANs: [WEB.replace('spiffe', 'SPIFFE')] }, 'mapping/spiffe-scheme'],
  ['an https URI', { uriSANs: [WEB.replace('spiffe', 'https')] }, 'mapping/spiffe-scheme'],
  ['an encoded slash', { uriSANs: [`${WEB}%2fadmin`] }, 'mapping/spiffe-percent-encoding'],
  ['an encoded letter', { uriSANs: [WEB.replace('web', '%77eb')] }, 'mapping/spiffe-percent-encoding'],
  ['encoded dots', { uriSANs: [WEB.replace('web', '%2e%2e')] }, 'mapping/spiffe-percent-encoding'],
  ['two dots', { uriSANs: [WEB.replace('default', '../ns/default')] }, 'mapping/spiffe-dot-segment'],
  ['one dot', { uriSANs: [WEB.replace('/sa', '/./sa')] }, 'mapping/spiffe-dot-segment'],
  ['an empty segment', { uriSANs: [WEB.replace('/sa', '//sa')] }, 'mapping/spiffe-empty-segment'],
  ['an empty service account', { uriSANs: [WEB.replace('web', '')] }, 'mapping/spiffe-trailing-slash'],
  ['a trailing slash', { uriSANs: [`${WEB}/`] }, 'mapping/spiffe-trailing-slash'],
  ['a user', { uriSANs: [WEB.replace('//', '//root@')] }, 'mapping/spiffe-userinfo'],
  ['a port', { uriSANs: [WEB.replace('.local', '.local:443')] }, 'mapping/spiffe-port'],
  ['an empty port', { uriSANs: [WEB.replace('.local', '.local:')] }, 'mapping/spiffe-port'],
  ['a query', { uriSANs: [`${WEB}?sa=admin`] }, 'mapping/spiffe-query'],
  ['an empty query', { uriSANs: [`${WEB}?`] }, 'mapping/spiffe-query'],
  ['a fragment', { uriSANs: [`${WEB}#admin`] }, 'mapping/spiffe-fragment'],
  ['no trust domain', { uriSANs: ['spiffe:///ns/a/sa/b'] }, 'mapping/spiffe-trust-domain-empty'],
  [
    'an upper-case trust domain',
    { uriSANs: [WEB.replace('cluster', 'Cluster')] },
    'mapping/spiffe-trust-domain-upper-case',
  ],
  [
    'a trust domain of 256 bytes',
    { uriSANs: [WEB.replace('cluster.local', 'a'.repeat(256))] },
    'mapping/spiffe-trust-domain-too-long',
  ],
  [
    'a trust domain with a tilde',
    { uriSANs: [WEB.replace('cluster', 'cl~ster')] },
    'mapping/spiffe-trust-domain-character',
  ],
  ['another trust domain', { uriSANs: [WEB.replace('local', 'other')] }, 'mapping/spiffe-trust-domain'],
  ['a subdomain of it', { uriSANs: [WEB.replace('//', '//a.')] }, 'mapping/spiffe-trust-domain'],
  ['a longer trust domain', { uriSANs: [WEB.replace('local', 'localx')] }, 'mapping/spiffe-trust-domain'],
  ['2049 bytes', { uriSANs: [WEB.padEnd(2049, 'x')] }, 'mapping/spiffe-too-long'],
  ['no path', { uriSANs: ['spiffe://cluster.local'] }, 'mapping/spiffe-no-path'],
  ['the path /', { uriSANs: ['spiffe://cluster.local/'] }, 'mapping/spiffe-trailing-slash'],
  ['a colon in a name', { uriSANs: [WEB.replace('web', 'a:b')] }, 'mapping/spiffe-path-character'],
  ['a path of another form', { uriSANs: ['spiffe://cluster.local/web'] }, 'mapping/spiffe-path'],
  ['another kind of account', { uriSANs: [WEB.replace('/sa/', '/user/')] }, 'mapping/spiffe-path'],
  ['a path with more to it', { uriSANs: [`${WEB}/pod/web-0`] }, 'mapping/spiffe-path'],
  ['a path without the account', { uriSANs: ['spiffe://cluster.local/ns/a/sa'] }, 'mapping/spiffe-path'],
  ['namespace and account swapped', { uriSANs: ['spiffe://cluster.local/sa/a/ns/b'] }, 'mapping/spiffe-path'],
  ['/NS/ in upper case', { uriSANs: [WEB.replace('/ns/', '/NS/')] }, 'mapping/spiffe-path'],
  ['an upper-case namespace', { uriSANs: [WEB.replace('default', 'Default')] }, 'mapping/namespace'],
  ['a namespace of two labels', { uriSANs: [WEB.replace('default', 'a.b')] }, 'mapping/namespace'],
  ['a namespace with an underscore', { uriSANs: [WEB.replace('default', 'a_b')] }, 'mapping/namespace'],
  [
    'a namespace of 64 characters',
    { uriSANs: [WEB.replace('default', 'a'.repeat(64))] },
    'mapping/namespace',
  ],
  ['an account that ends with a hyphen', { uriSANs: [`${WEB}-`] }, 'mapping/service-account'],
  ['an account with two dots in it', { uriSANs: [`${WEB}..x`] }, 'mapping/service-account'],
  [
    'an account of 254 characters',
    { uriSANs: [WEB.replace('web', 'a'.repeat(254))] },
    'mapping/service-account',
  ],
  [
    'a common name of another account',
    { subject: [{ CN: 'system:serviceaccount:kube-system:admin' }] },
    'mapping/identities-disagree',
  ],
  [
    'two common names of which the first is of another account',
    {
      subject: [
        { CN: 'system:serviceaccount:kube-system:admin' },
        { CN: 'system:serviceaccount:default:web' },
      ],
    },
    'mapping/identities-disagree',
  ],
  ['the CA bit', { isCA: true, keyUsages: ['digitalSignature'] }, 'mapping/leaf-is-authority'],
  ['keyCertSign', { keyUsages: ['digitalSignature', 'keyCertSign'] }, 'mapping/leaf-cert-sign'],
  ['cRLSign', { keyUsages: ['digitalSignature', 'cRLSign'] }, 'mapping/leaf-crl-sign'],
  ['no key usage', { keyUsages: [] }, 'mapping/leaf-no-key-usage'],
  ['no digitalSignature', { keyUsages: ['keyEncipherment'] }, 'mapping/leaf-no-digital-signature'],
  ['a key usage of no bits', keyUsage('030100', true), 'mapping/leaf-no-digital-signature'],
  ['a key usage that is not critical', keyUsage('03020780', false), 'mapping/leaf-key-usage-not-critical'],
  ['serverAuth alone', { extKeyUsages: ['serverAuth'] }, 'path/key-usage'],
  ["a stranger's anchor", { issuer: stranger }, 'path/unknown-authority'],
  ['an expired certificate', { notAfter: NOW - 1000 }, 'path/expired'],
  ['a critical PodIdentity extension', { extensions: [podIdentity()] }, 'path/unhandled-critical-extension'],
];

const account: NearMiss[] = [
  ['no common name', { subject: [{ O: 'system:serviceaccount:default:web' }] }, 'mapping/common-name-absent'],
  [
    'the common name twice',
    { subject: [{ CN: 'system:serviceaccount:default:web' }, { CN: 'system:serviceaccount:default:web' }] },
    'mapping/common-name-repeated',
  ],
  ['another user', { subject: [{ CN: 'system:node:worker-1' }] }, 'mapping/common-name'],
  ['a bare name', { subject: [{ CN: 'default:web' }] }, 'mapping/common-name'],
  ['a name without account', { subject: [{ CN: 'system:serviceaccount:default' }] }, 'mapping/common-name'],
  ['a third part', { subject: [{ CN: 'system:serviceaccount:default:web:x' }] }, 'mapping/common-name'],
  ['an upper-case prefix', { subject: [{ CN: 'System:serviceaccount:default:web' }] }, 'mapping/common-name'],
  ['the group instead', { subject: [{ CN: 'system:serviceaccounts:default:web' }] }, 'mapping/common-name'],
  ['an empty account', { subject: [{ CN: 'system:serviceaccount:default:' }] }, 'mapping/service-account'],
  ['an empty namespace', { subject: [{ CN: 'system:serviceaccount::web' }] }, 'mapping/namespace'],
  ['a NUL', { subject: [{ CN: 'system:serviceaccount:default:web\0' }] }, 'mapping/service-account'],
  ['a line feed', { subject: [{ CN: 'system:serviceaccount:default:web\n' }] }, 'mapping/service-account'],
  [
    'a Cyrillic letter',
    { subject: [{ CN: 'system:serviceaccount:default:wеb' }] },
    'mapping/service-account',
  ],
  ['a SPIFFE ID of another account', { uriSANs: [`${WEB}2`] }, 'mapping/identities-disagree'],
  ['one of another domain', { uriSANs: [WEB.replace('local', 'other')] }, 'mapping/spiffe-trust-domain'],
  ['one of another form', { uriSANs: ['spiffe://cluster.local/web'] }, 'mapping/identities-disagree'],
  ['a URI that is no SPIFFE ID', { uriSANs: ['https://web.example'] }, 'mapping/spiffe-scheme'],
  ['a second URI SAN', { uriSANs: [WEB, 'https://web.example'] }, 'mapping/spiffe-two-uris'],
  ['a key usage beyond', { keyUsages: ['digitalSignature', 'nonRepudiation'] }, 'mapping/leaf-key-usage'],
  ['no extended key usage', { extKeyUsages: [] }, 'mapping/leaf-no-extended-key-usage'],
  ['one beyond', { extKeyUsages: ['clientAuth', 'codeSigning'] }, 'mapping/leaf-extended-key-usage'],
  ['any extended key usage', { extKeyUsages: ['any'] }, 'mapping/leaf-extended-key-usage'],
  ['the CA bit', { isCA: true, keyUsages: ['digitalSignature'] }, 'mapping/leaf-is-authority'],
  ['keyCertSign', { keyUsages: ['digitalSignature', 'keyCertSign'] }, 'mapping/leaf-cert-sign'],
];

const podIdentities: NearMiss[] = [
  ['no extension', { extensions: [] }, 'mapping/pod-identity-absent'],
  ['the older five strings', malformed(sequence(...olderForm())), 'mapping/pod-identity-malformed'],
  ['seven strings', malformed(sequence(...strings(7))), 'mapping/pod-identity-malformed'],
  ['nine strings', malformed(sequence(...strings(9))), 'mapping/pod-identity-malformed'],
  ['strings out of order', malformed(sequence(...strings(8).toReversed())), 'mapping/pod-identity-malformed'],
  ['a set', malformed(element(0x31, ...strings(8))), 'mapping/pod-identity-malformed'],
  ['explicit tags', malformed(sequence(...explicitly(8))), 'mapping/pod-identity-malformed'],
  [
    'bytes after it',
    malformed(Buffer.concat([podIdentity().value, Buffer.of(0)])),
    'mapping/pod-identity-malformed',
  ],
  ['an indefinite length', malformed(indefinite()), 'mapping/pod-identity-malformed'],
  ['a long length', malformed(longLength()), 'mapping/pod-identity-malformed'],
  ['text that is not UTF-8', malformed(sequence(...badUtf8())), 'mapping/pod-identity-malformed'],
  ['nothing in it', malformed(Buffer.alloc(0)), 'mapping/pod-identity-malformed'],
  ['an empty namespace', { extensions: [podIdentity({ namespace: '' })] }, 'mapping/namespace'],
  ['a namespace that is none', { extensions: [podIdentity({ namespace: 'a/b' })] }, 'mapping/namespace'],
  [
    'an account with a colon',
    { extensions: [podIdentity({ serviceAccountName: 'a:b' })] },
    'mapping/service-account',
  ],
  ['a pod with a NUL', { extensions: [podIdentity({ podName: 'web\0' })] }, 'mapping/pod'],
  ['an upper-case node', { extensions: [podIdentity({ nodeName: 'Worker' })] }, 'mapping/node'],
  ['an empty UID', { extensions: [podIdentity({ podUID: '' })] }, 'mapping/uid'],
  ['a UID of 129 bytes', { extensions: [podIdentity({ nodeUID: 'u'.repeat(129) })] }, 'mapping/uid'],
  ['a SAN beside it', { uriSANs: [WEB] }, 'mapping/pod-identity-alternative-names'],
  ['a DNS name beside it', { dnsSANs: ['web'] }, 'mapping/pod-identity-alternative-names'],
  [
    'a common name of another account',
    { subject: [{ CN: 'system:serviceaccount:kube-system:admin' }] },
    'mapping/identities-disagree',
  ],
  ['the CA bit', { isCA: true, keyUsages: ['digitalSignature'] }, 'mapping/leaf-is-authority'],
  [
    'another critical extension',
    { extensions: [podIdentity(), { id: '1.3.6.1.4.1.57683.99', critical: true, value: Buffer.of(5, 0) }] },
    'path/unhandled-critical-extension',
  ],
];

/** As in the example certificate of KEP-4317's first version. */
function olderForm(): Buffer[] {
  return ['default', 'web', 'web-0', 'u3', 'worker-1'].map(utf8String);
}

function explicitly(count: number): Buffer[] {
  return Array.from({ length: count }, (_, index) => element(0xa0 | index, utf8String('a')));
}

function indefinite(): Buffer {
  return Buffer.concat([Buffer.of(0x30, 0x80), ...strings(8), Buffer.of(0, 0)]);
}

function longLength(): Buffer {
  const contents = Buffer.concat(strings(8));
  return Buffer.concat([Buffer.of(0x30, 0x81, contents.length), contents]);
}

function badUtf8(): Buffer[] {
  return [element(0x80, Buffer.of(0xc0, 0xaf)), ...strings(8).slice(1)];
}

const profiles: [ProfileName, LeafTemplate, NearMiss[]][] = [
  ['SPIFFE', svid, spiffe],
  ['ServiceAccount', serviceAccount, account],
  ['PodIdentity', pod, podIdentities],
];

describe.each(profiles)('the profile %s', (profile, leaf, nearMisses) => {
  it('reads the certificate that the near-misses are near to', async () => {
    expect(await judge(profile, leaf)).toMatchObject({ namespace: 'default', serviceAccount: 'web' });
  });

  it.each(nearMisses)('refuses %s', async (_, change, code) => {
    expect(await judge(profile, { ...leaf, ...change })).toBe(code);
  });
});

describe('a URI SAN that no parser takes', () => {
  it.each([
    ['a NUL', `${WEB}\0`],
    ['a tab', WEB.replace('default', 'def\tault')],
    ['a line feed', `${WEB}\nO=system:masters`],
    ['a letter that is not ASCII', WEB.replace('default', 'défault')],
    ['a half percent-encoding', `${WEB}%`],
    ['a percent-encoded host', WEB.replace('cluster', '%63luster')],
    ['a port that is no number', WEB.replace('.local', '.local:x')],
  ])('refuses %s', async (_, uri) => {
    expect(await judge('SPIFFE', { ...svid, ...rawUri(uri) })).toMatch(/^unparsable: /);
  });
});

describe('an issuer of the path', () => {
  it('may not have a critical PodIdentity extension, which only the leaf is read for', async () => {
    const issued = { ...pod, issuer: podIdentityCa };
    expect(await judge('PodIdentity', issued, { intermediates: [podIdentityCa] })).toBe(
      'path/unhandled-critical-extension',
    );
  });
});

describe('the profile ServiceAccount without a trust domain', () => {
  it('refuses a SPIFFE ID, which then is of no known trust domain', async () => {
    expect(await judge('ServiceAccount', serviceAccount, { trustDomain: '' })).toBe(
      'mapping/spiffe-trust-domain',
    );
  });
});

describe('decodeFederatedUser', () => {
  it("takes another domain's kube-system for a name with no groups, never for a service account", async () => {
    const uri = 'spiffe://partner.example/ns/kube-system/sa/admin';
    const path = await pathOf({ ...svid, uriSANs: [uri] });
    expect(decodeFederatedUser(path, 'partner.example')).toEqual({
      ok: true,
      user: {
        username: uri,
        uid: '',
        groups: [],
        extra: new Map([
          ['authentication.kubernetes.io/credential-id', [`X509SHA256=${path.certificates[0].fingerprint}`]],
        ]),
      },
    });
  });

  it('takes a path of any form', async () => {
    const path = await pathOf({ ...svid, uriSANs: ['spiffe://partner.example/Team_1/api'] });
    expect(decodeFederatedUser(path, 'partner.example')).toMatchObject({
      user: { username: 'spiffe://partner.example/Team_1/api' },
    });
  });

  it.each<NearMiss>([
    ['our own trust domain', {}, 'mapping/spiffe-trust-domain'],
    ['no path', { uriSANs: ['spiffe://partner.example'] }, 'mapping/spiffe-no-path'],
    ['two URI SANs', { uriSANs: ['spiffe://partner.example/a', WEB] }, 'mapping/spiffe-two-uris'],
    [
      'the CA bit',
      { uriSANs: ['spiffe://partner.example/a'], isCA: true, keyUsages: ['digitalSignature'] },
      'mapping/leaf-is-authority',
    ],
  ])('refuses %s', async (_, change, code) => {
    const result = decodeFederatedUser(await pathOf({ ...svid, ...change }), 'partner.example');
    expect(result.ok ? result.user : result.refusal.code).toBe(code);
  });
});
