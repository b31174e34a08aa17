import { createHash, generateKeyPairSync } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { FINDING_KINDS } from '../../../src/authenticator/advise/finding-kinds.ts';
import {
  buildCertificate,
  buildCertificateRevocationList,
  type CertificateTemplate,
} from '../../../src/x509/build.ts';
import { toPem } from '../../../src/x509/pem.ts';
import { DAY, type Identity, mintAuthority, mintClient, mintIntermediate, NOW } from '../../pki.ts';
import { objectIdentifier, sequence } from '../../x509/der-writer.ts';
import { entity, issue } from '../../x509/raw-certificate.ts';
import { ADVICE_IDS, apiserverBundle, type Files, lintFields, type LintOptions } from './lint.ts';

/** A fault, and what looks like it and is none. */
interface Case {
  readonly fault: string;
  readonly nearMiss: string;
  readonly options?: LintOptions;
  readonly nearMissOptions?: LintOptions;
  /** In the message of the fault. */
  readonly says: string;
}

type Cases = Readonly<Record<string, () => readonly Case[]>>;

let pki: Readonly<
  Record<
    'ca' | 'other' | 'namesake' | 'sub' | 'crossed' | 'expired' | 'soon' | 'client' | 'shallow',
    Identity
  >
>;
let pems: Readonly<Record<'crossedByRoot' | 'renewed' | 'weak' | 'sha1', string>>;
let crls: Readonly<Record<'fresh' | 'stale' | 'ofOther' | 'staleOfOther' | 'future', string>>;

beforeAll(async () => {
  const ca = await mintAuthority('my-ca', { notAfter: NOW + 3650 * DAY });
  const other = await mintAuthority('other-ca', { notAfter: NOW + 3650 * DAY });
  pki = {
    ca,
    other,
    namesake: await mintAuthority('my-ca'),
    sub: await mintIntermediate(ca, 'sub-ca'),
    crossed: await mintAuthority('crossed-ca'),
    expired: await mintAuthority('expired-ca', { notBefore: NOW - 10 * DAY, notAfter: NOW - DAY }),
    soon: await mintAuthority('soon-ca', { notAfter: NOW + 89 * DAY }),
    client: await mintClient(ca, { subject: [{ CN: 'not-a-ca' }] }),
    shallow: await mintAuthority('shallow-ca', { pathLength: 0 }),
  };
  const reissue = async (
    of: Identity,
    name: string,
    fields: Partial<CertificateTemplate>,
  ): Promise<string> => {
    const publicKey = of.certificate.publicKey;
    if (!('keyObject' in publicKey)) throw new Error('a key that cannot be used');
    const der = await buildCertificate({
      subject: [{ CN: name }],
      isCA: true,
      keyUsages: ['keyCertSign'],
      notBefore: NOW - DAY,
      notAfter: NOW + 300 * DAY,
      publicKey: publicKey.keyObject(),
      issuer: { selfSignedBy: of.key },
      ...fields,
    });
    return toPem(der, 'CERTIFICATE');
  };
  const small = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const sha1 = sequence(objectIdentifier('1.2.840.10045.4.1'));
  const aged = entity('aged-ca');
  pems = {
    crossedByRoot: await reissue(pki.crossed, 'crossed-ca', { issuer: { certificate: ca.der, key: ca.key } }),
    renewed: await reissue(ca, 'my-ca', {}),
    weak: toPem(
      await buildCertificate({
        subject: [{ CN: 'weak-ca' }],
        isCA: true,
        keyUsages: ['keyCertSign'],
        notBefore: NOW - DAY,
        notAfter: NOW + 300 * DAY,
        publicKey: small.publicKey,
        issuer: { selfSignedBy: small.privateKey },
      }),
      'CERTIFICATE',
    ),
    sha1: toPem(issue(aged, aged, { innerAlgorithm: sha1, outerAlgorithm: sha1 }), 'CERTIFICATE'),
  };
  const crl = async (
    issuer: Identity,
    times: { thisUpdate?: number; nextUpdate?: number } = {},
  ): Promise<string> => {
    const template = { thisUpdate: NOW - DAY, nextUpdate: NOW + DAY, ...times, number: 1n, entries: [] };
    const der = await buildCertificateRevocationList({
      ...template,
      issuer: { certificate: issuer.der, key: issuer.key },
    });
    return toPem(der, 'X509 CRL');
  };
  crls = {
    fresh: await crl(ca),
    stale: await crl(ca, { thisUpdate: NOW - 3 * DAY, nextUpdate: NOW - DAY }),
    future: await crl(ca, { thisUpdate: NOW + DAY, nextUpdate: NOW + 2 * DAY }),
    ofOther: await crl(pki.other),
    staleOfOther: await crl(pki.other, { thisUpdate: NOW - 3 * DAY, nextUpdate: NOW - DAY }),
  };
});

/** An entry with its anchors in a file. */
function entry(file: string, fields = '', name = ''): string {
  const nameField = name === '' ? '' : `, name: ${name}`;
  return `- issuer: {certificateAuthorityFile: ${file}${nameField}}\n${fields}`;
}

/** Rules that leave nothing to be said of the users of an entry. */
const NO_SYSTEM = `  userValidationRules:
  - expression: '!user.username.startsWith("system:") && user.groups.all(g, !g.startsWith("system:"))'
    message: nobody is in a system group
`;

function userRule(expression: string, more = ''): string {
  return `x509:\n${entry('ca.pem', `${NO_SYSTEM}  - expression: ${JSON.stringify(expression)}\n    message: a rule\n${more}`)}`;
}

function requestRule(expression: string): string {
  const rules = `  requestValidationRules:\n  - expression: ${JSON.stringify(expression)}\n    message: a rule\n`;
  return `x509:\n${entry('ca.pem', rules + NO_SYSTEM)}`;
}

function withAnchors(pem: string, fields = ''): { readonly fields: string; readonly options: LintOptions } {
  return {
    fields: `x509:\n${entry('bundle.pem', NO_SYSTEM + fields)}`,
    options: { files: { 'bundle.pem': pem } },
  };
}

function anchorCase(fault: string, nearMiss: string, says: string): Case {
  const [a, b] = [withAnchors(fault), withAnchors(nearMiss)];
  return { fault: a.fields, options: a.options, nearMiss: b.fields, nearMissOptions: b.options, says };
}

const JWT = (expression: string, more = ''): string =>
  `jwt:\n- issuer: {url: https://issuer.example, audiences: [k8s]${more}}\n  claimMappings:\n    username: {expression: ${JSON.stringify(expression)}}\n`;

const list = (items: string): string =>
  `apiVersion: kube-x509-authn.dev/v1alpha1\nkind: RevocationList\n${items}`;

const revocation = (...files: readonly string[]): string =>
  `  revocation: {files: [${files.map((file) => `{file: ${file}}`).join(', ')}]}\n`;

function revocationCase(fault: Files, nearMiss: Files, says: string): Case {
  const toFields = (files: Files): string =>
    `x509:\n${entry('bundle.pem', NO_SYSTEM + revocation(...Object.keys(files)))}`;
  const bundle = { 'bundle.pem': pki.ca.pem + pki.other.pem + pki.expired.pem };
  return {
    fault: toFields(fault),
    options: { files: { ...bundle, ...fault } },
    nearMiss: toFields(nearMiss),
    nearMissOptions: { files: { ...bundle, ...nearMiss } },
    says,
  };
}

/** An entry that trusts another trust domain by the anchors of a file. */
function federated(file: string): string {
  const domains = `[{name: partner.example, certificateAuthorityFile: ${file}}]`;
  return `x509:\n${entry('ca.pem', `  workload: {profile: SPIFFE, trustDomain: cluster.local, federatedTrustDomains: ${domains}}\n`)}`;
}

/** An entry that makes users by expressions, of any name. */
function mapped(username: string, groups: string): string {
  return `x509:\n${entry('ca.pem', `  allowSystemIdentities: true\n  claimMappings: {username: {expression: '${username}'}, groups: {expression: '${groups}'}}\n`)}`;
}

const CASES: Cases = {
  'file/absent': () => [
    {
      fault: `x509:\n${entry('elsewhere.pem')}`,
      nearMiss: `x509:\n${entry('ca.pem')}`,
      says: 'elsewhere.pem is not here',
    },
    {
      fault: `x509:\n${entry('ca.pem', revocation('gone.yaml'))}`,
      nearMiss: `x509:\n${entry('ca.pem')}`,
      says: 'gone.yaml is not here',
    },
  ],
  'target/x509': () => [
    {
      fault: `x509:\n${entry('ca.pem')}`,
      nearMiss: 'jwt: []\n',
      options: { targets: ['1.37'] },
      nearMissOptions: { targets: ['1.37'] },
      says: 'unknown field "x509"',
    },
  ],
  'target/api-version': () => [
    {
      fault: 'jwt: []\n',
      nearMiss: 'jwt: []\n',
      options: { apiVersion: 'v1', targets: ['1.33'] },
      nearMissOptions: { apiVersion: 'v1', targets: ['1.34'] },
      says: 'came with 1.34',
    },
    {
      fault: 'jwt: []\n',
      nearMiss: 'jwt: []\n',
      options: { apiVersion: 'v1', targets: ['1.30'] },
      nearMissOptions: { apiVersion: 'v1alpha1', targets: ['1.30'] },
      says: 'v1beta1',
    },
  ],
  'target/field': () => [
    {
      fault: 'anonymous: {enabled: true}\n',
      nearMiss: 'anonymous: {enabled: true}\n',
      options: { targets: ['1.30'] },
      nearMissOptions: { targets: ['1.31'] },
      says: 'came with 1.31',
    },
    {
      fault: JWT('claims.sub', ', egressSelectorType: cluster'),
      nearMiss: JWT('claims.sub', ', egressSelectorType: cluster'),
      options: { targets: ['1.33'] },
      nearMissOptions: { targets: ['1.34'] },
      says: 'egressSelectorType',
    },
  ],
  'target/feature-gate': () => [
    {
      fault: 'anonymous: {enabled: true}\n',
      nearMiss: 'anonymous: {enabled: true}\n',
      options: { targets: ['1.31'] },
      nearMissOptions: { targets: ['1.32'] },
      says: 'AnonymousAuthConfigurableEndpoints',
    },
  ],
  'target/function': () =>
    (
      [
        ['claims.sub.split("/").first().orValue("")', '1.32', '1.33'],
        ['[1, 2].transformList(i, v, v).size() > 0 ? "a" : "b"', '1.31', '1.32'],
        ['["a"].all(i, v, i == 0) ? "a" : "b"', '1.31', '1.32'],
        ['["b", "a"].sort()[0]', '1.33', '1.34'],
        ['["b", "a"].sortBy(x, x)[0]', '1.33', '1.34'],
        ['format.named("dns1123Label").hasValue() ? "a" : "b"', '1.30', '1.31'],
        ['semver("1.2.3").major() == 1 ? "a" : "b"', '1.32', '1.33'],
      ] as const
    ).map(([expression, before, since]) => ({
      fault: JWT(expression),
      nearMiss: JWT(expression),
      options: { targets: [before] },
      nearMissOptions: { targets: [since] },
      says: `came with ${since}`,
    })),
  'apiserver/client-ca': () => [
    {
      fault: `x509:\n${entry('ca.pem')}`,
      nearMiss: `x509:\n${entry('ca.pem')}`,
      options: { clientAuthorities: apiserverBundle(pki.ca.pem) },
      nearMissOptions: { clientAuthorities: apiserverBundle(pki.namesake.pem) },
      says: 'is also in',
    },
    {
      fault: `x509:\n${entry('ca.pem')}`,
      nearMiss: `x509:\n${entry('ca.pem')}`,
      options: { clientAuthorities: apiserverBundle(pems.renewed) },
      nearMissOptions: { clientAuthorities: apiserverBundle(pki.sub.pem) },
      says: 'is also in',
    },
    {
      fault: `x509:\n${entry('sub.pem')}`,
      nearMiss: `x509:\n${entry('other.pem')}`,
      options: { clientAuthorities: apiserverBundle(pki.ca.pem) },
      nearMissOptions: { clientAuthorities: apiserverBundle(pki.ca.pem) },
      says: 'chains up to',
    },
  ],
  'apiserver/requestheader-ca': () => [
    {
      fault: federated('other.pem'),
      nearMiss: federated('other.pem'),
      options: { proxyAuthorities: apiserverBundle(pki.other.pem) },
      nearMissOptions: { proxyAuthorities: apiserverBundle(pki.namesake.pem) },
      says: 'x509[0].workload.federatedTrustDomains[0]: "other-ca"',
    },
    {
      fault: `x509:\n${entry('ca.pem')}`,
      nearMiss: `x509:\n${entry('ca.pem')}`,
      options: { proxyAuthorities: apiserverBundle(pki.ca.pem) },
      nearMissOptions: { proxyAuthorities: apiserverBundle(pki.other.pem) },
      says: 'request headers',
    },
  ],
  'identity/system-masters': () => [
    ...[
      [
        'size(user.groups) < 3 && user.username.size() > 10',
        'size(user.groups) < 1 && user.username.size() > 10',
      ],
      [
        'user.groups.size() > 1 && user.groups[0] == "dev" && user.groups[1] == "ops"',
        'user.groups == ["dev", "ops"]',
      ],
    ].map(([fault, nearMiss]) => ({
      fault: `x509:\n${entry('ca.pem', `  userValidationRules:\n  - expression: '${fault}'\n`)}`,
      nearMiss: `x509:\n${entry('ca.pem', `  userValidationRules:\n  - expression: '${nearMiss}'\n`)}`,
      says: 'system:masters',
    })),
    ...[
      ['cert.serialNumber == "abc"', 'cert.serialNumber == "ABC"'],
      [
        'cert.publicKeyAlgorithm == "RSA" && cert.dnsSANs == ["x.example"]',
        'cert.publicKeyAlgorithm == "rsa"',
      ],
      ['cert.issuer.commonName == "my-ca"', 'cert.issuer.commonName == "other-ca"'],
      ['cert.subject.country == ["DE"]', 'cert.subject.country == ["DE"] && cert.subject.country == []'],
    ].map(([fault, nearMiss]) => ({
      fault: `x509:\n${entry('ca.pem', `  certificateValidationRules:\n  - expression: '${fault}'\n`)}`,
      nearMiss: `x509:\n${entry('ca.pem', `  certificateValidationRules:\n  - expression: '${nearMiss}'\n`)}`,
      says: 'system:masters',
    })),
    ...[
      ['cert.subject.locality', 'cert.subject.locality.map(l, "l:" + l)'],
      [
        'cert.subject.organizationalUnit.map(o, "system:" + o)',
        'cert.subject.organizationalUnit.map(o, "unit:" + o)',
      ],
    ].map(([fault = '', nearMiss = '']) => ({
      fault: mapped('"n:" + cert.subject.commonName', fault),
      nearMiss: mapped('"n:" + cert.subject.commonName', nearMiss),
      says: 'with the groups ["system:masters"]',
    })),
    {
      fault: `x509:\n${entry('ca.pem')}`,
      nearMiss: `x509:\n${entry('ca.pem', NO_SYSTEM)}`,
      says: '"system:masters"',
    },
    {
      fault: `x509:\n${entry('ca.pem', `  userValidationRules:\n  - expression: 'user.username.startsWith("dev-") && user.groups.exists(g, g == "staff")'\n`)}`,
      nearMiss: `x509:\n${entry('ca.pem', `  userValidationRules:\n  - expression: 'user.groups.all(g, g == "staff")'\n`)}`,
      says: '"staff"',
    },
    {
      fault: `x509:\n${entry('ca.pem', `  userValidationRules:\n  - expression: 'user.username.matches("^[a-z]+@example[.]com$")'\n`)}`,
      nearMiss: `x509:\n${entry('ca.pem', `  userValidationRules:\n  - expression: 'user.username.matches("^[a-z]+@example[.]com$") && user.groups == []'\n`)}`,
      says: '@example.com',
    },
    {
      // A rule that fails lets pass.
      fault: `x509:\n${entry('ca.pem', `  userValidationRules:\n  - expression: 'user.extra["nobody/has"][0] == "x"'\n`)}`,
      nearMiss: `x509:\n${entry('ca.pem', `  userValidationRules:\n  - expression: 'user.extra["nobody/has"][0] == "x"'\n  evaluationFailurePolicy: Closed\n`)}`,
      says: 'system:masters',
    },
    {
      fault: `x509:\n${entry('ca.pem', `  claimMappings: {username: {expression: 'cert.subject.commonName'}, groups: {expression: 'cert.subject.organization'}}\n  allowSystemIdentities: true\n`)}`,
      nearMiss: `x509:\n${entry('ca.pem', `  claimMappings: {username: {expression: 'cert.subject.commonName'}, groups: {expression: 'cert.subject.organization'}}\n`)}`,
      says: 'system:masters',
    },
    {
      fault: `x509:\n${entry('ca.pem', `  certificateValidationRules:\n  - expression: 'cert.uriSANs.exists(u, u == "https://id.example/x") && cert.notAfter - cert.notBefore < duration("1h")'\n`)}`,
      nearMiss: `x509:\n${entry('ca.pem', `  certificateValidationRules:\n  - expression: 'cert.subject.organization == ["dev"]'\n${NO_SYSTEM}`)}`,
      says: 'system:masters',
    },
  ],
  'identity/system-name': () => [
    ...[
      ['cert.uriSANs[0].split("/")[3]', 'cert.serialNumber'],
      ['cert.emailSANs[0].split("@")[0]', '"mail:" + cert.emailSANs[0]'],
    ].map(([fault = '', nearMiss = '']) => ({
      fault: mapped(fault, '[]'),
      nearMiss: mapped(nearMiss, '[]'),
      says: 'the name system:kube-controller-manager',
    })),
    {
      fault: `x509:\n${entry('ca.pem', `  userValidationRules:\n  - expression: '!("system:masters" in user.groups)'\n`)}`,
      nearMiss: `x509:\n${entry('ca.pem', NO_SYSTEM)}`,
      says: 'system:kube-controller-manager',
    },
    {
      fault: `x509:\n${entry('ca.pem', `  userValidationRules:\n  - expression: 'user.username.startsWith("system:node:") && user.groups == ["system:nodes"]'\n`)}`,
      nearMiss: `x509:\n${entry('ca.pem', `  workload: {profile: SPIFFE, trustDomain: cluster.local}\n`)}`,
      says: 'system:node:',
    },
  ],
  'entry/unreachable': () => [
    {
      fault: `x509:\n${entry('ca.pem', NO_SYSTEM)}${entry('ca.pem', NO_SYSTEM, 'sub-ca')}`,
      nearMiss: `x509:\n${entry('ca.pem', NO_SYSTEM, 'sub-ca')}${entry('ca.pem', NO_SYSTEM)}`,
      says: 'x509[0] takes every one before',
    },
    {
      fault: `x509:\n- issuer: {name: nobody}\n${NO_SYSTEM}`,
      nearMiss: `x509:\n- issuer: {name: my-ca}\n${NO_SYSTEM}`,
      options: { certificateAuthorityFile: 'ca.pem' },
      nearMissOptions: { certificateAuthorityFile: 'ca.pem' },
      says: 'is the name of no anchor',
    },
    {
      fault: `x509:\n${entry('shallow.pem', NO_SYSTEM, 'an-intermediate')}`,
      nearMiss: `x509:\n${entry('ca.pem', NO_SYSTEM, 'an-intermediate')}`,
      says: 'is the name of no anchor',
    },
    {
      fault: `x509:\n${entry('both.pem', NO_SYSTEM)}${entry('other.pem', NO_SYSTEM, 'x')}`,
      nearMiss: `x509:\n${entry('ca.pem', NO_SYSTEM)}${entry('both.pem', NO_SYSTEM, 'x')}`,
      says: 'takes every one before',
    },
  ],
  'entry/cross-signed': () => [
    {
      fault: `x509:\n${entry('ca.pem', NO_SYSTEM)}${entry('sub.pem', `${NO_SYSTEM}  evaluationFailurePolicy: Closed\n`)}`,
      nearMiss: `x509:\n${entry('sub.pem', `${NO_SYSTEM}  evaluationFailurePolicy: Closed\n`)}${entry('ca.pem', NO_SYSTEM)}`,
      says: 'as the client chooses',
    },
    {
      fault: `x509:\n${entry('ca.pem', NO_SYSTEM)}${entry('sub.pem', `${NO_SYSTEM}  evaluationFailurePolicy: Closed\n`)}`,
      nearMiss: `x509:\n${entry('ca.pem', NO_SYSTEM)}${entry('sub.pem', NO_SYSTEM)}`,
      says: '"sub-ca"',
    },
    {
      fault: `x509:\n${entry('crossed-by-root.pem', NO_SYSTEM)}${entry('crossed.pem', `${NO_SYSTEM}  evaluationFailurePolicy: Closed\n`)}`,
      nearMiss: `x509:\n${entry('ca.pem', NO_SYSTEM, 'my-ca')}${entry('crossed.pem', `${NO_SYSTEM}  evaluationFailurePolicy: Closed\n`)}`,
      says: 'its two certificates',
    },
  ],
  'trust/shared-name': () => [
    {
      fault: `x509:\n${entry('namesakes.pem', NO_SYSTEM, 'my-ca')}`,
      nearMiss: `x509:\n${entry('renewed.pem', NO_SYSTEM, 'my-ca')}`,
      says: '2 anchors have this name',
    },
    {
      fault: `x509:\n${entry('namesakes.pem', NO_SYSTEM, 'my-ca')}`,
      nearMiss: `x509:\n${entry('namesakes.pem', NO_SYSTEM)}`,
      says: 'different keys',
    },
  ],
  'anchor/expired': () => [
    anchorCase(pki.ca.pem + pki.expired.pem, pki.ca.pem + pki.soon.pem, '"expired-ca"'),
    {
      fault: federated('expired.pem'),
      nearMiss: federated('other.pem'),
      options: { files: { 'expired.pem': pki.expired.pem } },
      says: 'x509[0].workload.federatedTrustDomains[0]: "expired-ca"',
    },
  ],
  'anchor/expires-soon': () => [anchorCase(pki.soon.pem, pki.ca.pem + pki.expired.pem, 'in 89 days')],
  'anchor/weak': () => [
    anchorCase(pems.weak, pki.ca.pem, '1024 bits'),
    anchorCase(pems.sha1, pki.other.pem, 'ECDSA-SHA1'),
  ],
  'anchor/not-a-ca': () => [anchorCase(pki.client.pem, pki.sub.pem, '"not-a-ca"')],
  'anchor/skipped-block': () => {
    const [ca, other] = [pki.ca.pem, pki.other.pem];
    const windows = (ca + other).replaceAll('\n', '\r\n');
    const says = '1 PEM block is passed over';
    return [
      anchorCase(ca + pki.ca.keyPem, `# my-ca\n${ca}`, says),
      anchorCase(ca + other.slice(0, 200), ca + other.trimEnd(), says),
      anchorCase(`${other.slice(0, 200)}\n${ca}`, windows, says),
      anchorCase(`\ufeff${ca}${other}`, `\ufeff\n${ca}${other}`, says),
      anchorCase(ca.trimEnd() + other + ca, `${ca}\n\n${other}`, '2 PEM blocks are passed over'),
      anchorCase(ca + other.replaceAll('CERTIFICATE', 'TRUSTED CERTIFICATE'), windows.trimEnd(), says),
      anchorCase(ca + other.replace('\nM', '\n*'), ca, says),
      {
        // The same anchors as a bundle that is whole.
        fault: `x509:\n${entry('ca.pem', NO_SYSTEM)}${entry('cut.pem', NO_SYSTEM, 'sub-ca')}`,
        options: { files: { 'cut.pem': ca + other.slice(0, 200) } },
        nearMiss: `x509:\n${entry('ca.pem', NO_SYSTEM)}`,
        says: `x509[1].issuer: ${says}`,
      },
      {
        fault: `x509:\n- issuer: {name: my-ca}\n${NO_SYSTEM}- issuer: {name: other-ca}\n${NO_SYSTEM}`,
        options: { certificateAuthorityFile: 'cut.pem', files: { 'cut.pem': ca + other.slice(0, 200) } },
        nearMiss: `x509:\n- issuer: {name: my-ca}\n${NO_SYSTEM}`,
        nearMissOptions: { certificateAuthorityFile: 'ca.pem' },
        says: `x509[0].issuer: ${says} of cut.pem`,
      },
      {
        fault: federated('cut.pem'),
        options: { files: { 'cut.pem': other + ca.slice(0, 200) } },
        nearMiss: federated('other.pem'),
        says: `x509[0].workload.federatedTrustDomains[0]: ${says}`,
      },
    ];
  },
  'entry/idle-field': () => {
    const files = { 'list.yaml': list('serials: []\n'), 'fresh.crl': crls.fresh, 'issuer.pem': pki.ca.pem };
    const file = (name: string, issuer: string): string =>
      `x509:\n${entry('other.pem', `${NO_SYSTEM}  revocation: {files: [{file: ${name}${issuer}}]}\n`)}`;
    return [
      {
        fault: file('list.yaml', ', issuerFile: issuer.pem'),
        nearMiss: file('fresh.crl', ', issuerFile: issuer.pem'),
        options: { files },
        says: 'x509[0].revocation.files[0].issuerFile: has no effect: the file is a RevocationList',
      },
      {
        fault: file('list.yaml', ', issuerFile: nowhere.pem'),
        nearMiss: file('list.yaml', ''),
        options: { files },
        says: 'issuerFile: has no effect',
      },
      {
        fault: `x509:\n${entry('ca.pem', `${NO_SYSTEM}  allowSystemIdentities: true\n`)}`,
        nearMiss: `x509:\n${entry('ca.pem', `${NO_SYSTEM}  allowSystemIdentities: true\n  claimMappings: {username: {expression: cert.subject.commonName}}\n`)}`,
        says: 'it limits claimMappings',
      },
    ];
  },
  'rule/remoteaddr-unknown': () => [
    {
      fault: requestRule('cidr("10.0.0.0/8").containsIP(request.remoteaddr)'),
      nearMiss: requestRule('true || false'),
      says: 'denies everybody who has no session (/exchange, /auth)',
    },
  ],
  'revocation/malformed': () => [
    revocationCase(
      { 'list.yaml': 'kind: RevocationList\n' },
      { 'list.yaml': list('serials: []\n') },
      'list.yaml',
    ),
    {
      fault: `x509:\n${entry('other.pem', NO_SYSTEM + revocation('fresh.crl'))}`,
      nearMiss: `x509:\n${entry('ca.pem', NO_SYSTEM + revocation('fresh.crl'))}`,
      options: { files: { 'fresh.crl': crls.fresh } },
      says: 'fresh.crl',
    },
  ],
  'rule/can-fail': () => [
    {
      fault: userRule('user.extra["example.org/role"][0] == "admin"'),
      nearMiss: userRule('user.extra[?"example.org/role"][0].orValue("") == "admin"'),
      says: 'write user.extra[?"example.org/role"][0].orValue("") == "admin"',
    },
    {
      fault: userRule('user.extra["example.org/role"][0] == "admin"'),
      nearMiss: userRule(
        'user.extra["example.org/role"][0] == "admin"',
        '  evaluationFailurePolicy: Closed\n',
      ),
      says: 'user.extra["example.org/role"] fails where there is no such key',
    },
    {
      fault: userRule('int(user.uid) > 1000'),
      nearMiss: userRule('user.uid.matches("^[0-9]{1,9}$") && int(user.uid) > 1000'),
      says: 'int(user.uid)',
    },
    {
      fault: userRule('user.groups[0] == "dev"'),
      nearMiss: `x509:\n${entry('ca.pem', `  certificateValidationRules:\n  - expression: 'cert.uriSANs[0] == "x"'\n    message: a certificate rule that fails denies\n${NO_SYSTEM}`)}`,
      says: 'fewer elements',
    },
  ],
  'rule/address-as-text': () => [
    {
      fault: requestRule('request.remoteaddr.startsWith("10.0.0.1")'),
      nearMiss: requestRule('cidr("10.0.0.0/24").containsIP(request.remoteaddr)'),
      says: 'is true of 10.0.0.100 as well: write cidr("10.0.0.1/32")',
    },
    {
      fault: requestRule('request.remoteaddr.startsWith("192.168.")'),
      nearMiss: requestRule('request.remoteaddr == "192.168.1.1"'),
      says: 'cidr("192.168.0.0/16")',
    },
    {
      fault: requestRule('request.remoteaddr.startsWith("2001:db8:")'),
      nearMiss: requestRule('request.remoteaddr == "2001:db8::1"'),
      says: 'cidr("2001:db8::/32")',
    },
    {
      fault: requestRule('string(ip(request.remoteaddr)).startsWith("10.")'),
      nearMiss: requestRule('ip(request.remoteaddr) == ip("10.0.0.1")'),
      says: 'write cidr("10.0.0.0/8")',
    },
    {
      fault: requestRule('request.remoteaddr.lowerAscii() in ["2001:DB8::1"]'),
      nearMiss: requestRule('ip(request.remoteaddr).family() in [4]'),
      says: 'as no address is written',
    },
    {
      fault: requestRule('request.remoteaddr == "2001:DB8::1"'),
      nearMiss: requestRule('request.remoteaddr in ["10.0.0.1", "::1"]'),
      says: 'as no address is written',
    },
    {
      fault: requestRule('request.remoteaddr in ["10.0.0.0/8"]'),
      nearMiss: requestRule('ip(request.remoteaddr).isLoopback()'),
      says: 'cidr("10.0.0.0/8")',
    },
    {
      fault: requestRule('request.remoteaddr.matches("^10[.]")'),
      nearMiss: requestRule('isIP(request.remoteaddr)'),
      says: 'cidr("…")',
    },
  ],
  'rule/always-true': () => [
    {
      fault: userRule('size(user.groups) >= 0'),
      nearMiss: userRule('size(user.groups) >= 1'),
      says: 'denies nobody',
    },
    {
      fault: userRule('user.username != "root" || user.username == "root"'),
      nearMiss: userRule('user.username != "root" || user.uid == "0"'),
      says: 'always true',
    },
    {
      // Under Closed it denies by failing.
      fault: userRule('user.extra["a"] == [] || true'),
      nearMiss: userRule('user.extra["a"].size() >= 0', '  evaluationFailurePolicy: Closed\n'),
      says: 'always true',
    },
  ],
  'rule/never-true': () => [
    {
      fault: userRule('user.username == "a" && user.username == "b"'),
      nearMiss: userRule('user.username == "a" || user.username == "b"'),
      says: 'denies everybody',
    },
    {
      fault: userRule('user.groups.exists(g, g == "a" && g == "b")'),
      nearMiss: userRule('user.groups.exists(g, g == "a") && user.groups.exists(g, g == "b")'),
      says: 'never true',
    },
  ],
  'rule/repeated': () => [
    {
      fault: userRule(
        'user.groups.exists(x, x == "dev")',
        `  - expression: '"dev" in user.groups'\n    message: again\n`,
      ),
      nearMiss: userRule(
        'user.groups.exists(x, x == "dev")',
        `  - expression: '"ops" in user.groups'\n    message: another\n`,
      ),
      says: 'says the same as x509[0].userValidationRules[1]',
    },
    {
      fault: userRule(
        'user.username.startsWith("dev-")',
        `  - expression: 'user.username.startsWith("d")'\n    message: again\n`,
      ),
      nearMiss: userRule(
        'user.username.startsWith("dev-")',
        `  - expression: 'user.username.endsWith("d")'\n    message: another\n`,
      ),
      says: 'is implied by',
    },
    {
      // What lets pass by failing denies less than the other.
      fault: userRule(
        'user.extra["a"][0] == "x" && user.uid == ""',
        `  - expression: 'user.uid == ""'\n    message: again\n  evaluationFailurePolicy: Closed\n`,
      ),
      nearMiss: userRule(
        'user.extra["a"][0] == "x" && user.uid == ""',
        `  - expression: 'user.uid == ""'\n    message: again\n`,
      ),
      says: 'is implied by',
    },
  ],
  'rule/no-message': () => [
    {
      fault: `x509:\n${entry('ca.pem', `${NO_SYSTEM}  - expression: 'user.uid == ""'\n`)}`,
      nearMiss: userRule('user.uid == ""'),
      says: 'user rule 1 is false',
    },
  ],
  'rule/cost': () => [
    {
      fault: mapped(
        '"n:" + cert.subject.commonName',
        'cert.subject.organization.filter(o, cert.subject.organization.all(p, o + "x" != p))',
      ),
      nearMiss: mapped('"n:" + cert.subject.commonName', 'cert.subject.organization.map(o, "o:" + o)'),
      says: 'x509[0].claimMappings.groups.expression: exceeds the limit',
    },
    {
      fault: userRule('user.groups.all(g, user.groups.all(h, g == h || g != h + "x"))'),
      nearMiss: userRule('user.groups.all(g, g.startsWith("dev-") || g == "staff")'),
      says: 'units on',
    },
    {
      fault: userRule('user.groups.all(g, user.groups.all(h, g == h || g != h + "x"))'),
      nearMiss: userRule(
        'size(user.groups) < 100 && user.groups.all(g, user.groups.all(h, g == h || g != h + "x"))',
      ),
      says: '1000000',
    },
  ],
  'revocation/stale': () => [
    revocationCase(
      { 'stale.crl': crls.stale, 'other.crl': crls.ofOther },
      { 'fresh.crl': crls.fresh, 'other.crl': crls.ofOther },
      'was to be replaced by 2026-06-14',
    ),
    revocationCase(
      { 'future.crl': crls.future, 'other.crl': crls.ofOther },
      { 'fresh.crl': crls.fresh, 'other.crl': crls.ofOther },
      'is not valid before',
    ),
    {
      fault: federated('other.pem') + revocation('other.crl'),
      nearMiss: federated('other.pem') + revocation('other.crl'),
      options: { files: { 'other.crl': crls.staleOfOther } },
      nearMissOptions: { files: { 'other.crl': crls.ofOther } },
      says: '"other-ca"',
    },
    {
      // The server's own, of an authority of the second entry.
      fault: `x509:\n${entry('ca.pem', NO_SYSTEM)}${entry('other.pem', NO_SYSTEM)}`,
      nearMiss: `x509:\n${entry('ca.pem', NO_SYSTEM)}${entry('other.pem', NO_SYSTEM)}`,
      options: { revocationFiles: ['other.crl'], files: { 'other.crl': crls.staleOfOther } },
      nearMissOptions: { revocationFiles: ['other.crl'], files: { 'other.crl': crls.ofOther } },
      says: '"other-ca"',
    },
  ],
  'revocation/lists-expired': () => [
    revocationCase(
      { 'list.yaml': list('serials: [{serial: "0a", issuerName: expired-ca}]\n') },
      {
        'list.yaml': list(
          'serials: [{serial: "0a", issuerName: my-ca}, {serial: "0b", issuerName: unknown}]\n',
        ),
      },
      'the serial number a',
    ),
    revocationCase(
      { 'list.yaml': list(`fingerprints: [{sha256: ${fingerprint(pki.expired)}}]\n`) },
      { 'list.yaml': list(`fingerprints: [{sha256: ${fingerprint(pki.other)}}]\n`) },
      'whose certificate has expired',
    ),
  ],
  'revocation/issuer-without-crl': () => {
    const bundle = { 'bundle.pem': pki.ca.pem + pki.other.pem };
    const fields = (...files: readonly string[]): string =>
      `x509:\n${entry('bundle.pem', NO_SYSTEM + revocation(...files))}`;
    return [
      {
        fault: fields('fresh.crl'),
        options: { files: { ...bundle, 'fresh.crl': crls.fresh } },
        nearMiss: fields('fresh.crl', 'other.crl'),
        nearMissOptions: { files: { ...bundle, 'fresh.crl': crls.fresh, 'other.crl': crls.ofOther } },
        says: '"other-ca"',
      },
      {
        fault: fields('fresh.crl'),
        options: { files: { ...bundle, 'fresh.crl': crls.fresh } },
        nearMiss: fields('list.yaml'),
        nearMissOptions: { files: { ...bundle, 'list.yaml': list('serials: []\n') } },
        says: 'has no CRL',
      },
    ];
  },
  'audience/well-known': () => [
    {
      fault: 'jwt: []\n',
      nearMiss: 'jwt: []\n',
      options: { audiences: ['https://kubernetes.default.svc'] },
      nearMissOptions: { audiences: ['x509.prod-eu.example'] },
      says: '--audience',
    },
    {
      fault:
        'jwt:\n- issuer: {url: https://issuer.example, audiences: [https://kubernetes.default.svc.cluster.local]}\n  claimMappings: {username: {claim: sub, prefix: ""}}\n',
      nearMiss:
        'jwt:\n- issuer: {url: https://issuer.example, audiences: [kubernetes]}\n  claimMappings: {username: {claim: sub, prefix: ""}}\n',
      says: 'jwt[0].issuer.audiences[0]',
    },
  ],
};

function fingerprint({ der }: Identity): string {
  return createHash('sha256').update(der).digest('hex');
}

function withFiles(options: LintOptions = {}): LintOptions {
  const { ca, other, namesake, sub, crossed, shallow } = pki;
  const files: Files = {
    'ca.pem': ca.pem,
    'other.pem': other.pem,
    'sub.pem': sub.pem,
    'both.pem': ca.pem + other.pem,
    'crossed.pem': crossed.pem,
    'crossed-by-root.pem': pems.crossedByRoot,
    'namesakes.pem': ca.pem + namesake.pem,
    'renewed.pem': ca.pem + pems.renewed,
    'shallow.pem': shallow.pem,
    ...options.files,
  };
  return { ...options, files };
}

function findingsOf(id: string, fields: string, options?: LintOptions): readonly string[] {
  const { issues } = lintFields(fields, withFiles(options));
  const errors = issues.filter((issue) => issue.id.startsWith('field/') || issue.id.startsWith('decode/'));
  expect(errors).toEqual([]);
  return issues.filter((issue) => issue.id === id).map(({ message }) => message);
}

describe.each(Object.keys(CASES))('%s', (id) => {
  it('is found where it is, and not where it only looks so', () => {
    for (const { fault, nearMiss, options, nearMissOptions = options, says } of CASES[id]?.() ?? []) {
      expect(findingsOf(id, fault, options).join('\n')).toContain(says);
      expect(findingsOf(id, nearMiss, nearMissOptions)).toEqual([]);
    }
  });
});

describe('advice', () => {
  it('is tested, all of it', () => {
    expect(Object.keys(CASES).sort()).toEqual(ADVICE_IDS);
  });

  it('explains itself in a paragraph', () => {
    for (const { id, title, explanation } of FINDING_KINDS.values()) {
      expect(id).toMatch(/^[a-z]+\/[a-z0-9-]+$/);
      expect(title).not.toMatch(/\.$/);
      expect(explanation.length).toBeGreaterThan(80);
      expect(explanation).not.toContain('\n');
    }
  });
});
