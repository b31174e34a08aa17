import { hash, type KeyObject } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { buildCertificate } from '../../src/x509/build.ts';
import { toPem } from '../../src/x509/pem.ts';
import type { CertificateTemplate } from '../../src/x509/build.ts';
import type { Certificate } from '../../src/x509/certificate.ts';
import { type CertificateRevocationList, readCertificateRevocationLists } from '../../src/x509/crl.ts';
import { parseCertificate } from '../../src/x509/parse-certificate.ts';
import { type VerifiedPath, verifyPath } from '../../src/x509/path.ts';
import {
  createRevocations,
  describeRevocationRefusal,
  findRevoked,
  hasCrlOf,
  type RevocationList,
  type RevocationTerms,
} from '../../src/x509/revocation.ts';
import { tracePath } from '../../src/x509/path-trace.ts';
import { generateKey } from '../../src/x509/signing-key.ts';
import { parseTrustBundle } from '../../src/x509/trust-bundle.ts';
import { mintCrl, mintEntry, type OddCrl, reasonCode } from './mint-crl.ts';

const from = Date.UTC(2026, 0);
const until = Date.UTC(2027, 0);
const now = Date.UTC(2026, 6);

interface Holder {
  readonly certificate: Certificate;
  readonly key: KeyObject;
}

async function mint(template: Partial<CertificateTemplate>, issuer?: Holder): Promise<Holder> {
  const pair = await generateKey('P-256');
  const der = await buildCertificate({
    subject: [{ CN: 'my-ca' }],
    publicKey: pair.publicKey,
    issuer:
      issuer === undefined
        ? { selfSignedBy: pair.privateKey }
        : { certificate: issuer.certificate.der, key: issuer.key },
    notBefore: from,
    notAfter: until,
    ...template,
  });
  const result = parseCertificate(der);
  if (!result.ok) throw new Error(result.error);
  return { certificate: result.certificate, key: pair.privateKey };
}

const root = await mint({ isCA: true, subject: [{ CN: 'root' }] });
const authority = await mint({ isCA: true, serialNumber: 77n }, root);
const leaf = await mint({ subject: [{ CN: 'bob' }], serialNumber: 0x0a1bn }, authority);
/** Another CA of the same name and, in its key identifier, the same claim. */
const namesake = await mint({ isCA: true, subjectKeyId: authority.certificate.subjectKeyId }, root);

function verify(chain: readonly Holder[], anchor: Holder = root): VerifiedPath {
  const anchors = parseTrustBundle(toPem(anchor.certificate.der, 'CERTIFICATE'));
  if (!anchors.ok) throw new Error(anchors.error);
  const verdict = verifyPath(
    chain.map(({ certificate }) => certificate),
    { anchors: anchors.bundle, at: now, maxSignatureChecks: 100, handledExtensions: new Set() },
  );
  if (verdict.kind === 'refused') throw new Error(verdict.refusal.code);
  return verdict.paths[0];
}

const path = verify([leaf, authority]);

function readCrl(issuer: Holder, crl: Partial<OddCrl>): CertificateRevocationList {
  const der = mintCrl({ issuer: issuer.certificate, key: issuer.key, ...crl });
  const result = readCertificateRevocationLists(der, [issuer.certificate]);
  if (!result.ok) throw new Error(result.error);
  return result.lists[0] as CertificateRevocationList;
}

interface Sources extends Partial<RevocationList>, Partial<RevocationTerms> {
  readonly crls?: readonly CertificateRevocationList[];
  readonly path?: VerifiedPath;
}

/** What becomes of a path: its refusal's code and description, or 'not revoked'. */
function outcome({ crls = [], path: used = path, at = now, onStale = 'Deny', ...list }: Sources): string {
  const lists = [{ serials: [], fingerprints: [], publicKeys: [], ...list }];
  const refusal = findRevoked(tracePath(used), createRevocations({ lists, crls }), { at, onStale });
  return refusal === undefined ? 'not revoked' : `${refusal.code}: ${describeRevocationRefusal(refusal)}`;
}

function keyIdOf({ certificate }: Holder): string {
  return certificate.subjectKeyId.toString('hex');
}

function spkiHash({ certificate }: Holder): string {
  return hash('sha256', certificate.publicKey.spki, 'hex');
}

const leafRevoked = 'revocation/revoked: the certificate is revoked';
const authorityRevoked = 'revocation/revoked: an authority of the certificate is revoked';

describe('a certificate of the path is revoked', () => {
  const revoked: [string, Sources, string][] = [
    [
      'by serial number and the name of its issuer',
      { serials: [{ serial: 'a1b', issuerName: 'my-ca', reason: 'laptop lost' }] },
      `${leafRevoked}: laptop lost`,
    ],
    [
      "by serial number and its issuer's key identifier",
      { serials: [{ serial: 'a1b', issuerKeyId: keyIdOf(authority), reason: '' }] },
      leafRevoked,
    ],
    [
      'by its fingerprint',
      { fingerprints: [{ sha256: leaf.certificate.fingerprint, reason: 'x' }] },
      `${leafRevoked}: x`,
    ],
    ['by its public key', { publicKeys: [{ sha256: spkiHash(leaf), reason: 'x' }] }, `${leafRevoked}: x`],
    [
      "by its issuer's CRL",
      { crls: [readCrl(authority, { entries: [mintEntry(0x0a1bn, reasonCode(1))] })] },
      `${leafRevoked}: keyCompromise`,
    ],
    [
      'where it is an intermediate, by serial number',
      { serials: [{ serial: '4d', issuerName: 'root', reason: '' }] },
      authorityRevoked,
    ],
    [
      'where it is an intermediate, by its public key',
      { publicKeys: [{ sha256: spkiHash(authority), reason: 'gone' }] },
      `${authorityRevoked}: gone`,
    ],
    [
      "where it is an intermediate, by the anchor's CRL",
      { crls: [readCrl(root, { entries: [mintEntry(77n, reasonCode(2))] })] },
      `${authorityRevoked}: cACompromise`,
    ],
    [
      'for the reason that comes first',
      {
        fingerprints: [
          { sha256: leaf.certificate.fingerprint, reason: 'a' },
          { sha256: leaf.certificate.fingerprint, reason: 'b' },
        ],
      },
      `${leafRevoked}: a`,
    ],
    [
      'by any of several CRLs of its issuer',
      { crls: [readCrl(authority, {}), readCrl(authority, { entries: [mintEntry(0x0a1bn)] })] },
      `${leafRevoked}: unspecified`,
    ],
    [
      'by a CRL that is out of date',
      { at: until + 1, crls: [readCrl(authority, { entries: [mintEntry(0x0a1bn)] })] },
      `${leafRevoked}: unspecified`,
    ],
    [
      "even where a CRL of another one's issuer is out of date",
      { at: until + 1, crls: [readCrl(authority, {}), readCrl(root, { entries: [mintEntry(77n)] })] },
      `${authorityRevoked}: unspecified`,
    ],
    [
      'where it was presented and is an anchor itself, by its fingerprint',
      { path: verify([leaf], leaf), fingerprints: [{ sha256: leaf.certificate.fingerprint, reason: '' }] },
      leafRevoked,
    ],
  ];
  it.each(revoked)('%s', (_, sources, expected) => {
    expect(outcome(sources)).toBe(expected);
  });
});

describe('no certificate of the path is revoked', () => {
  const notRevoked: [string, Sources][] = [
    ['where nothing is listed', {}],
    [
      'by the serial number of another issuer by name',
      { serials: [{ serial: 'a1b', issuerName: 'root', reason: '' }] },
    ],
    [
      'by the serial number of another issuer by key identifier',
      { serials: [{ serial: 'a1b', issuerKeyId: keyIdOf(root), reason: '' }] },
    ],
    [
      'by a name that looks like a key identifier',
      { serials: [{ serial: 'a1b', issuerName: keyIdOf(authority), reason: '' }] },
    ],
    ['by another serial number', { serials: [{ serial: '1', issuerName: 'my-ca', reason: '' }] }],
    [
      'by the CRL of another CA that has the name and key identifier of its issuer',
      { crls: [readCrl(namesake, { entries: [mintEntry(0x0a1bn)] })] },
    ],
    [
      'by the CRL of another issuer that lists its serial number',
      { crls: [readCrl(root, { entries: [mintEntry(0x0a1bn)] })] },
    ],
    [
      'where it is the anchor',
      {
        fingerprints: [{ sha256: root.certificate.fingerprint, reason: '' }],
        publicKeys: [{ sha256: spkiHash(root), reason: '' }],
      },
    ],
    [
      'where an intermediate of that serial number was issued by another',
      { serials: [{ serial: '4d', issuerName: 'my-ca', reason: '' }] },
    ],
  ];
  it.each(notRevoked)('%s', (_, sources) => {
    expect(outcome(sources)).toBe('not revoked');
  });
});

describe('a CRL', () => {
  const crl = readCrl(authority, { thisUpdate: from, nextUpdate: now });
  const newer = readCrl(authority, { thisUpdate: now, nextUpdate: until });
  const ages: [string, Sources, string][] = [
    ['is current at its first moment', { at: from, crls: [crl] }, 'not revoked'],
    ['is current at its last moment', { at: now, crls: [crl] }, 'not revoked'],
    [
      'refuses everybody of its issuer once it is out of date',
      { at: now + 1, crls: [crl] },
      'revocation/stale: the CRL of issuer "my-ca" was to be replaced by 2026-07-01T00:00:00.000Z; it is 2026-07-01T00:00:00.001Z',
    ],
    [
      'refuses everybody of its issuer while it is not valid yet',
      { at: now - 1, crls: [newer] },
      'revocation/stale: the CRL of issuer "my-ca" is not valid before 2026-07-01T00:00:00.000Z; it is 2026-06-30T23:59:59.999Z',
    ],
    [
      'that is out of date refuses nobody where that is allowed',
      { at: now + 1, crls: [crl], onStale: 'Allow' },
      'not revoked',
    ],
    [
      'that is out of date refuses nobody where a newer one stands beside it',
      { at: now + 1, crls: [crl, newer] },
      'not revoked',
    ],
    [
      'of the anchor covers the intermediates',
      { at: until + 1, crls: [readCrl(root, {})] },
      'revocation/stale: the CRL of issuer "root" was to be replaced by 2027-01-01T00:00:00.000Z; it is 2027-01-01T00:00:00.001Z',
    ],
    [
      'of an issuer outside of the path does not matter',
      { at: until + 1, crls: [readCrl(namesake, {})] },
      'not revoked',
    ],
    [
      'out of date is told by the newest',
      { at: until + 1, crls: [newer, crl] },
      'revocation/stale: the CRL of issuer "my-ca" was to be replaced by 2027-01-01T00:00:00.000Z; it is 2027-01-01T00:00:00.001Z',
    ],
  ];
  it.each(ages)('%s', (_, sources, expected) => {
    expect(outcome(sources)).toBe(expected);
  });

  it('covers one issuer, not its namesakes', () => {
    const revocations = createRevocations({ lists: [], crls: [crl] });
    const covered = [authority, namesake, root].map(({ certificate }) => hasCrlOf(certificate, revocations));
    expect(covered).toEqual([true, false, false]);
  });
});
