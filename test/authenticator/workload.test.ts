import { createPublicKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Authenticator } from '../../src/authenticator/authenticator.ts';
import { decide } from '../../src/authenticator/decide.ts';
import type { Decision } from '../../src/authenticator/decision.ts';
import { buildCertificate, buildCertificateRevocationList } from '../../src/x509/build.ts';
import { toPem } from '../../src/x509/pem.ts';
import { parseCertificate } from '../../src/x509/parse-certificate.ts';
import { compileText, type Files } from '../authenticators.ts';
import { type Identity, NOW } from '../pki.ts';
import { csiDriverSpiffe, type Issued, podIdentitySigner, spire } from '../signers.ts';

const WEB = '/ns/default/sa/web';
const HEAD = 'apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\nx509:\n';

const ours = await csiDriverSpiffe('cluster.local');
const partner = await spire('partner.example');
const stranger = await csiDriverSpiffe('cluster.local');
const files: Files = {
  'ours.pem': ours.anchor.pem,
  'partner.pem': partner.anchor.pem,
  'stranger.pem': stranger.anchor.pem,
  'both.pem': ours.anchor.pem + partner.anchor.pem,
};

const federation = `- issuer: {certificateAuthorityFile: ours.pem}
  workload:
    profile: SPIFFE
    trustDomain: cluster.local
    federatedTrustDomains:
    - {name: partner.example, certificateAuthorityFile: partner.pem}
`;

function authenticatorOf(entries: string, others: Files = {}): Authenticator {
  const { authenticator, errors } = compileText(HEAD + entries, { files: { ...files, ...others } });
  if (authenticator === undefined) throw new Error(errors.map(({ message }) => message).join('\n'));
  return authenticator;
}

function judge(entries: string | Authenticator, { leaf, intermediates }: Issued): Decision {
  const [certificate, ...others] = [leaf, ...intermediates].map(({ certificate }) => certificate);
  if (certificate === undefined) throw new Error('a chain has a leaf');
  const chain = [certificate, ...others] as const;
  const authenticator = typeof entries === 'string' ? authenticatorOf(entries) : entries;
  return decide(authenticator, { chain, possession: { kind: 'assumed' }, at: NOW });
}

function summary(decision: Decision): string {
  return decision.outcome === 'authenticated'
    ? `${decision.user.username} [${decision.user.groups.join(' ')}]`
    : `${decision.outcome}: ${decision.reason.code}`;
}

function errorsOf(entries: string): readonly string[] {
  return compileText(HEAD + entries, { files }).errors.map(({ message }) => message);
}

describe('an entry for workloads', () => {
  it('makes a service account of an identity of its own trust domain', async () => {
    expect(summary(judge(federation, await ours.issue(WEB)))).toBe(
      'system:serviceaccount:default:web [system:serviceaccounts system:serviceaccounts:default]',
    );
  });

  it('makes a name without groups of a federated identity, whatever it is called', async () => {
    expect(summary(judge(federation, await partner.issue('/ns/kube-system/sa/admin')))).toBe(
      'spiffe://partner.example/ns/kube-system/sa/admin []',
    );
  });

  it.each([
    [
      'a federated authority that names our trust domain',
      partner,
      'spiffe://cluster.local/ns/default/sa/web',
    ],
    ['our authority that names a federated one', ours, 'spiffe://partner.example/ns/default/sa/web'],
    ['our authority that names some other one', ours, 'spiffe://other.example/ns/default/sa/web'],
  ])('denies %s', async (_, signer, uri) => {
    expect(summary(judge(federation, await signer.issue(WEB, { uriSANs: [uri] })))).toBe(
      'denied: mapping/spiffe-trust-domain',
    );
  });

  it('has no opinion on a stranger that names our trust domain', async () => {
    expect(summary(judge(federation, await stranger.issue(WEB)))).toBe('no-opinion: path/unknown-authority');
  });

  it('gives the reason of the trust domain that knows the chain', async () => {
    const expired = await partner.issue(WEB, { notBefore: NOW - 2000, notAfter: NOW - 1000 });
    expect(summary(judge(federation, expired))).toBe('no-opinion: path/expired');
  });

  it('asks only its own issuer for the name', async () => {
    const named = federation.replace('issuer: {', 'issuer: {name: csi-driver-spiffe-ca, ');
    expect(summary(judge(named, await ours.issue(WEB)))).toMatch(/^system:serviceaccount:default:web /);
    expect(summary(judge(named, await partner.issue('/web')))).toBe('spiffe://partner.example/web []');
    const misnamed = federation.replace('issuer: {', 'issuer: {name: other-ca, ');
    expect(summary(judge(misnamed, await ours.issue(WEB)))).toBe('no-opinion: path/issuer-mismatch');
  });

  it('takes a chain that leads to two trust domains for the one that its leaf names', async () => {
    const issued = await partner.issue('/web');
    const [server] = issued.intermediates;
    if (server === undefined) throw new Error('SPIRE has an intermediate');
    const cross = await crossSign(server, ours.anchor);
    expect(summary(judge(federation, { ...issued, intermediates: [cross, server] }))).toBe(
      'spiffe://partner.example/web []',
    );
  });

  it('holds user rules against federated identities, too', async () => {
    const ruled = `${federation}  userValidationRules:
  - {expression: 'user.username.startsWith("spiffe://partner.example/billing/")', message: billing only}
`;
    expect(summary(judge(ruled, await partner.issue('/billing/api')))).toBe(
      'spiffe://partner.example/billing/api []',
    );
    expect(summary(judge(ruled, await partner.issue('/shop/api')))).toBe('denied: user/denied');
  });

  it('revokes by a CRL of a federated authority', async () => {
    const issued = await partner.issue('/web');
    const [server] = issued.intermediates;
    if (server === undefined) throw new Error('SPIRE has an intermediate');
    const crl = await buildCertificateRevocationList({
      issuer: { certificate: partner.anchor.der, key: partner.anchor.key },
      thisUpdate: NOW - 1000,
      nextUpdate: NOW + 1000,
      entries: [{ serialNumber: server.certificate.serialNumber, revocationDate: NOW - 1000 }],
    });
    const revoking = `${federation}  revocation: {files: [partner.crl]}\n`;
    const authenticator = authenticatorOf(revoking, { 'partner.crl': toPem(crl, 'X509 CRL') });
    expect(summary(judge(authenticator, issued))).toBe('denied: revocation/revoked');
    expect(summary(judge(authenticator, await ours.issue(WEB)))).toMatch(
      /^system:serviceaccount:default:web /,
    );
  });

  it('decides finally: what it denies, no later entry of the same anchors lets in', async () => {
    const entries = `${federation}- issuer: {name: csi-driver-spiffe-ca, certificateAuthorityFile: ours.pem}
  claimMappings: {username: {expression: 'cert.uriSANs[0]'}}
`;
    expect(summary(judge(entries, await ours.issue('/web')))).toBe('denied: mapping/spiffe-path');
  });
});

describe('the PodIdentity extension', () => {
  it('is handled, although critical, for the entry of its profile alone', async () => {
    const issued = await podIdentitySigner();
    const pem = issued.anchor.pem.replaceAll(/^/gm, '      ');
    const anchors = `- issuer:\n    certificateAuthority: |\n${pem}\n`;
    expect(judge(`${anchors}  workload: {profile: PodIdentity}\n`, issued)).toMatchObject({
      outcome: 'authenticated',
      user: { username: 'system:serviceaccount:default:web', uid: '4f1d9c2e-7f7a-4a39-8c55-6e1f0b9a2c3d' },
    });
    const others = ['', '  workload: {profile: ServiceAccount}\n'];
    for (const fields of others) {
      expect(summary(judge(anchors + fields, issued))).toBe('no-opinion: path/unhandled-critical-extension');
    }
  });
});

describe('trust domains and anchors', () => {
  const own = (name: string, file: string, rest = ''): string =>
    `- issuer: {name: ${name}, certificateAuthorityFile: ${file}}\n  workload: {profile: SPIFFE, trustDomain: cluster.local${rest}}\n`;

  it('may come in two entries, if they are the same', () => {
    expect(errorsOf(own('a', 'ours.pem') + own('b', 'ours.pem'))).toEqual([]);
  });

  it('may not be a trust domain with two sets of anchors', () => {
    expect(errorsOf(own('a', 'ours.pem') + own('b', 'stranger.pem') + own('c', 'both.pem'))).toEqual([
      'x509[1].workload.trustDomain: Invalid value: "cluster.local": must have the same anchors as at x509[0].workload.trustDomain',
      'x509[2].workload.trustDomain: Invalid value: "cluster.local": must have the same anchors as at x509[0].workload.trustDomain',
    ]);
  });

  it('may not be our trust domain federated elsewhere with other anchors', () => {
    const federated = ', federatedTrustDomains: [{name: a.example, certificateAuthorityFile: stranger.pem}]';
    const second = own('b', 'partner.pem').replace('cluster.local', 'a.example');
    expect(errorsOf(own('a', 'ours.pem', federated) + second)).toEqual([
      'x509[1].workload.trustDomain: Invalid value: "a.example": must have the same anchors as at x509[0].workload.federatedTrustDomains[0].name',
    ]);
  });

  it('may not be two trust domains with a common anchor', () => {
    const federated = ', federatedTrustDomains: [{name: a.example, certificateAuthorityFile: both.pem}]';
    expect(errorsOf(own('a', 'ours.pem', federated))).toEqual([
      'x509[0].workload.federatedTrustDomains[0].name: Invalid value: "a.example": must not have an anchor in common with the trust domain at x509[0].workload.trustDomain',
    ]);
  });

  it('must be readable', () => {
    const federated = ', federatedTrustDomains: [{name: a.example, certificateAuthorityFile: gone.pem}]';
    expect(errorsOf(own('a', 'ours.pem', federated))).toEqual([
      'x509[0].workload.federatedTrustDomains[0].certificateAuthorityFile: Invalid value: "gone.pem": ENOENT: no such file or directory, open \'gone.pem\'',
    ]);
  });
});

/** The same authority by another issuer, as where one cluster's CA vouches for another's. */
async function crossSign(authority: Identity, issuer: Identity): Promise<Identity> {
  const der = await buildCertificate({
    subject: [{ C: 'US' }, { O: 'SPIFFE' }, { SERIALNUMBER: '273484236423' }],
    publicKey: createPublicKey(authority.key),
    issuer: { certificate: issuer.der, key: issuer.key },
    notBefore: NOW - 1000,
    notAfter: NOW + 1000,
    isCA: true,
  });
  const parsed = parseCertificate(der);
  if (!parsed.ok) throw new Error(parsed.error);
  return { ...authority, der, certificate: parsed.certificate };
}
