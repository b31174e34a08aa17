import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { generateKeyPairSync } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/decode.ts';
import { buildCertificate, buildCertificateRevocationList } from '../../../src/x509/build.ts';
import { toPem } from '../../../src/x509/pem.ts';
import { DAY, type Identity, mintAuthority, mintClient, mintIntermediate, NOW } from '../../pki.ts';
import { ADVICE_IDS, apiserverBundle, type Files, lint, type LintOptions } from './lint.ts';

const FOLDER = fileURLToPath(new URL('../../../config/examples/', import.meta.url));
/** The anchors of entries without their own. */
const SERVER_FILE = 'ca.pem';
const NAMES = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml') && isConfiguration(name));

function isConfiguration(name: string): boolean {
  return readFileSync(FOLDER + name, 'utf8').includes('kind: AuthenticationConfiguration');
}

/** An example, and the files that it names. */
interface Example {
  readonly text: string;
  readonly files: Files;
  readonly authorities: readonly Identity[];
}

const examples = new Map<string, Example>();
let others: Readonly<Record<'stranger' | 'namesake' | 'expired' | 'soon' | 'client' | 'sub', Identity>>;
let weakPem: string;
let staleCrl: string;

beforeAll(async () => {
  for (const name of NAMES) {
    const text = readFileSync(FOLDER + name, 'utf8');
    const loaded = loadConfig(text);
    if (loaded.kind !== 'config') throw new Error(`${name} does not load`);
    const files: Record<string, string> = {};
    const authorities: Identity[] = [];
    for (const { issuer, workload } of loaded.config.x509) {
      for (const { certificateAuthorityFile } of [issuer, ...(workload?.federatedTrustDomains ?? [])]) {
        const authority = await mintAuthority(issuer.name === '' ? 'an-authority' : issuer.name);
        files[certificateAuthorityFile === '' ? SERVER_FILE : certificateAuthorityFile] = authority.pem;
        authorities.push(authority);
      }
    }
    examples.set(name, { text, files, authorities });
  }
  const ca = exampleOf('admins.yaml').authorities[0]!;
  others = {
    stranger: await mintAuthority('stranger'),
    namesake: await mintAuthority('admins-ca'),
    expired: await mintAuthority('expired', { notBefore: NOW - 10 * DAY, notAfter: NOW - DAY }),
    soon: await mintAuthority('soon', { notAfter: NOW + 30 * DAY }),
    client: await mintClient(ca),
    sub: await mintIntermediate(ca, 'users-ca'),
  };
  const small = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const template = { subject: [{ CN: 'weak' }], isCA: true, notBefore: NOW - DAY, notAfter: NOW + 300 * DAY };
  const issuer = { selfSignedBy: small.privateKey };
  weakPem = toPem(await buildCertificate({ ...template, publicKey: small.publicKey, issuer }), 'CERTIFICATE');
  const crl = {
    issuer: { certificate: ca.der, key: ca.key },
    thisUpdate: NOW - 3 * DAY,
    nextUpdate: NOW - DAY,
    number: 1n,
    entries: [],
  };
  staleCrl = toPem(await buildCertificateRevocationList(crl), 'X509 CRL');
});

function exampleOf(name: string): Example {
  const example = examples.get(name);
  if (example === undefined) throw new Error(`there is no example ${name}`);
  return example;
}

const ADMINS = '/etc/kubernetes/x509/admins-ca.pem';
const USERS = '/etc/kubernetes/x509/users-ca.pem';
const NO_SYSTEM = `'!user.username.startsWith("system:") && user.groups.all(group, !group.startsWith("system:"))'`;

/** A copy of an example with a fault in it. */
interface Planted {
  readonly text: string;
  readonly options: LintOptions;
}

/** Replaces a part of admins.yaml, which has to be there. */
function replaced(part: string, by: string, options: LintOptions = {}): Planted {
  const { text, files } = exampleOf('admins.yaml');
  expect(text).toContain(part);
  return {
    text: text.replace(part, () => by),
    options: { ...options, files: { ...files, ...options.files } },
  };
}

/** Adds anchors to a bundle of admins.yaml. */
function withAnchors(file: string, pem: string): Planted {
  const { text, files } = exampleOf('admins.yaml');
  return { text, options: { files: { ...files, [file]: `${String(files[file])}${pem}` } } };
}

const rule = (expression: string): Planted =>
  replaced(
    `  - expression: '"cluster-admins" in user.groups'\n`,
    `  - expression: ${JSON.stringify(expression)}\n`,
  );

const openRule = (expression: string): Planted => {
  const planted = rule(expression);
  return {
    ...planted,
    text: planted.text.replace('evaluationFailurePolicy: Closed', 'evaluationFailurePolicy: Open'),
  };
};

const jwt = (expression: string, more = ''): Planted =>
  replaced(
    'x509:\n',
    `jwt:\n- issuer: {url: https://issuer.example, audiences: [k8s]${more}}\n  claimMappings: {username: {expression: ${JSON.stringify(expression)}}}\nx509:\n`,
    { targets: ['1.30'] },
  );

const revocation = (files: Files): Planted =>
  replaced(
    '  certificateValidationRules:\n',
    `  revocation: {files: [${Object.keys(files)
      .map((file) => `{file: ${file}}`)
      .join(', ')}]}\n  certificateValidationRules:\n`,
    { files },
  );

const list = (items: string): string =>
  `apiVersion: kube-x509-authn.dev/v1alpha1\nkind: RevocationList\n${items}`;

const PLANTED: Readonly<Record<string, () => Planted>> = {
  'file/absent': () => replaced(ADMINS, '/etc/kubernetes/x509/typo.pem'),
  'target/x509': () => replaced('x509:\n', 'x509:\n', { targets: ['1.37'] }),
  'target/api-version': () => replaced('config.k8s.io/v1beta1', 'config.k8s.io/v1', { targets: ['1.33'] }),
  'target/field': () => jwt('claims.sub', ', egressSelectorType: cluster'),
  'target/feature-gate': () =>
    replaced('x509:\n', 'anonymous: {enabled: true}\nx509:\n', { targets: ['1.31'] }),
  'target/function': () => jwt('claims.sub.split("/").first().orValue("")'),
  'apiserver/client-ca': () =>
    replaced('x509:\n', 'x509:\n', {
      clientAuthorities: apiserverBundle(exampleOf('admins.yaml').authorities[0]!.pem),
    }),
  'apiserver/requestheader-ca': () =>
    replaced('x509:\n', 'x509:\n', {
      proxyAuthorities: apiserverBundle(exampleOf('admins.yaml').authorities[1]!.pem),
    }),
  'identity/system-masters': () =>
    replaced(`  - expression: ${NO_SYSTEM}\n`, `  - expression: '!user.username.startsWith("system:")'\n`),
  'identity/system-name': () =>
    replaced(`  - expression: ${NO_SYSTEM}\n`, `  - expression: '!("system:masters" in user.groups)'\n`),
  'entry/unreachable': () =>
    replaced(
      `    name: admins-ca\n    certificateAuthorityFile: ${ADMINS}\n`,
      `    certificateAuthorityFile: ${USERS}\n`,
    ),
  'entry/cross-signed': () => {
    const planted = replaced('    name: admins-ca\n', '');
    return { ...planted, options: { files: { ...planted.options.files, [USERS]: others.sub.pem } } };
  },
  'trust/shared-name': () => withAnchors(ADMINS, others.namesake.pem),
  'anchor/expired': () => withAnchors(ADMINS, others.expired.pem),
  'anchor/expires-soon': () => withAnchors(ADMINS, others.soon.pem),
  'anchor/weak': () => withAnchors(ADMINS, weakPem),
  'anchor/not-a-ca': () => withAnchors(ADMINS, others.client.pem),
  'anchor/skipped-block': () => withAnchors(ADMINS, others.client.keyPem),
  'entry/idle-field': () =>
    replaced(
      '  certificateValidationRules:\n',
      '  allowSystemIdentities: true\n  certificateValidationRules:\n',
    ),
  'rule/remoteaddr-unknown': () =>
    replaced(
      '  certificateValidationRules:\n',
      `  requestValidationRules:\n  - expression: 'cidr("10.0.0.0/8").containsIP(request.remoteaddr)'\n    message: from inside\n  certificateValidationRules:\n`,
    ),
  'revocation/malformed': () => revocation({ 'list.yaml': list('serials: {}\n') }),
  'rule/can-fail': () => openRule('user.extra["example.org/role"][0] == "admin"'),
  'rule/address-as-text': () =>
    replaced(
      '  certificateValidationRules:\n',
      `  requestValidationRules:\n  - expression: 'request.remoteaddr.startsWith("10.0.0.1")'\n    message: from inside\n  certificateValidationRules:\n`,
    ),
  'rule/always-true': () => rule('user.groups.size() >= 0'),
  'rule/never-true': () =>
    rule('"cluster-admins" in user.groups && user.groups == []  && size(user.groups) > 0'),
  'rule/repeated': () =>
    rule('!(user.username.startsWith("system:") || user.groups.exists(g, g.startsWith("system:")))'),
  'rule/no-message': () => replaced('    message: this CA is for administrators\n', ''),
  'rule/cost': () => rule('user.groups.all(g, user.groups.all(h, user.groups.all(i, g + h != i)))'),
  'revocation/stale': () => revocation({ 'admins.crl': staleCrl }),
  'revocation/lists-expired': () => {
    const planted = revocation({ 'list.yaml': list('serials: [{serial: "0a", issuerName: expired}]\n') });
    const { files } = planted.options;
    return {
      ...planted,
      options: { files: { ...files, [ADMINS]: `${String(files?.[ADMINS])}${others.expired.pem}` } },
    };
  },
  'revocation/issuer-without-crl': () => {
    const planted = revocation({ 'admins.crl': staleCrl });
    const { files } = planted.options;
    return {
      ...planted,
      options: { files: { ...files, [ADMINS]: `${String(files?.[ADMINS])}${others.stranger.pem}` } },
    };
  },
  'audience/well-known': () =>
    replaced('x509:\n', 'x509:\n', { audiences: ['https://kubernetes.default.svc.cluster.local'] }),
};

describe('the examples', () => {
  it('are there', () => expect(NAMES.length).toBeGreaterThanOrEqual(8));

  it.each(NAMES)('%s is clean', (name) => {
    const { text, files } = exampleOf(name);
    const { issues, suppressed } = lint(text, { files, certificateAuthorityFile: SERVER_FILE });
    expect(issues).toEqual([]);
    // What is accepted is accepted for a reason.
    expect(suppressed.length).toBe(text.split('# kube-x509-authn: ignore').length - 1);
  });

  it('are clean beside an API server with other authorities', () => {
    for (const { text, files } of examples.values()) {
      const theirs = apiserverBundle(others.stranger.pem);
      const inputs = { files, certificateAuthorityFile: SERVER_FILE };
      expect(lint(text, { ...inputs, clientAuthorities: theirs, proxyAuthorities: theirs }).issues).toEqual(
        [],
      );
    }
  });
});

describe('a copy of an example with a fault planted in it', () => {
  it.each(Object.keys(PLANTED))('has %s found', (id) => {
    const { text, options } = PLANTED[id]!();
    expect(lint(text, options).issues.map((issue) => issue.id)).toContain(id);
  });

  it('is there for every advice', () => {
    expect(Object.keys(PLANTED).sort()).toEqual(ADVICE_IDS);
  });
});
