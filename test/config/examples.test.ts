import { readdirSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Authenticator } from '../../src/authenticator/authenticator.ts';
import { decide } from '../../src/authenticator/decide.ts';
import { describeWithNames } from '../../src/authenticator/reason.ts';
import { compileText, type Files } from '../authenticators.ts';
import { DAY, HOUR, mintAuthority, mintClient, mintIntermediate, NOW, type Template } from '../pki.ts';
import {
  csiDriverSpiffe,
  type Issued,
  podCertificateSigner,
  podIdentitySigner,
  spire,
  workloadCertificateSigner,
} from '../signers.ts';

const EXAMPLES = new URL('../../config/examples/', import.meta.url);
const WEB = '/ns/default/sa/web';
const WEB_GROUPS = '[system:serviceaccounts system:serviceaccounts:default]';

const prodSpire = await spire('prod.example');
const partnerSpire = await spire('partner.example');
const csi = await csiDriverSpiffe('cluster.local');
const podSigner = await podCertificateSigner('cluster.local');
const podIdentity = await podIdentitySigner();
const workloadSigner = await workloadCertificateSigner();
const corpRoot = await mintAuthority('Example Corp Root');
const peopleCa = await mintIntermediate(corpRoot, 'Example Corp People CA 3');
const machinesCa = await mintIntermediate(corpRoot, 'Example Corp Machines CA 1');
const adminsCa = await mintAuthority('admins-ca');
const usersCa = await mintAuthority('users-ca');

const files: Files = {
  '/etc/kubernetes/x509/spire-bundle.pem': prodSpire.anchor.pem,
  '/etc/kubernetes/x509/csi-driver-spiffe-ca.pem': csi.anchor.pem,
  '/etc/kubernetes/x509/spiffe-signer.pem': podSigner.anchor.pem,
  '/etc/kubernetes/x509/pod-client-ca.pem': podIdentity.anchor.pem,
  '/etc/kubernetes/x509/workload-certificate-ca.pem': workloadSigner.anchor.pem,
  '/etc/kubernetes/x509/example-corp-root.pem': corpRoot.pem,
  '/etc/kubernetes/x509/admins-ca.pem': adminsCa.pem,
  '/etc/kubernetes/x509/users-ca.pem': usersCa.pem,
  '/etc/kubernetes/x509/our-bundle.pem': prodSpire.anchor.pem,
  '/etc/kubernetes/x509/partner-bundle.pem': partnerSpire.anchor.pem,
};

function read(name: string): string {
  return readFileSync(new URL(name, EXAMPLES), 'utf8');
}

function load(name: string): Authenticator {
  const { authenticator, errors, warnings } = compileText(read(name), { files });
  expect([errors, warnings]).toEqual([[], []]);
  if (authenticator === undefined) throw new Error('the example compiles');
  return authenticator;
}

/** Who a certificate is under an example, with the groups; or the reason for there being nobody. */
function judge(example: string, { leaf, intermediates }: Issued): string {
  const chain = [leaf.certificate, ...intermediates.map(({ certificate }) => certificate)] as const;
  const decision = decide(load(example), { chain, possession: { kind: 'assumed' }, at: NOW });
  if (decision.outcome === 'authenticated') {
    return `${decision.user.username} [${decision.user.groups.join(' ')}]`;
  }
  return `${decision.outcome}: ${decision.reason.code}: ${describeWithNames(decision.reason)}`;
}

/** A certificate of the company's PKI. */
async function person(template: Template, ca: typeof peopleCa = peopleCa): Promise<Issued> {
  const leaf = await mintClient(ca, {
    subject: [{ O: 'Example Corp' }, { OU: 'sales' }, { CN: 'system:admin' }],
    uriSANs: ['https://id.example.com/people/bob'],
    ...template,
  });
  return { anchor: corpRoot, leaf, intermediates: [ca] };
}

/** A user's or administrator's certificate of one working day. */
async function user(ca: typeof adminsCa, template: Template): Promise<Issued> {
  const validity = { notBefore: NOW - HOUR, notAfter: NOW + 8 * HOUR };
  return { anchor: ca, leaf: await mintClient(ca, { ...validity, ...template }), intermediates: [] };
}

const bob = [{ CN: 'bob' }];

type Case = readonly [example: string, name: string, issue: () => Promise<Issued>, expected: string];

const cases: Case[] = [
  [
    'spire.yaml',
    'an SVID of a service account',
    () => prodSpire.issue(WEB),
    `system:serviceaccount:default:web ${WEB_GROUPS}`,
  ],
  [
    'spire.yaml',
    'an SVID that is for a month',
    () => prodSpire.issue(WEB, { notAfter: NOW + 30 * DAY }),
    'denied: certificate/denied: only short-lived SVIDs',
  ],
  [
    'spire.yaml',
    'the SVID of an agent',
    () => prodSpire.issue('/spire/agent/k8s_psat/prod/1f2e'),
    'denied: mapping/spiffe-path: the path of the SPIFFE ID is not /ns/<namespace>/sa/<service account>: "/spire/agent/k8s_psat/prod/1f2e"',
  ],
  [
    'spire.yaml',
    'a stranger’s certificate',
    () => csi.issue(WEB, { uriSANs: ['spiffe://prod.example/ns/default/sa/web'] }),
    'no-opinion: path/unknown-authority: x509: certificate signed by unknown authority',
  ],
  [
    'csi-driver-spiffe.yaml',
    'a pod’s certificate',
    () => csi.issue(WEB),
    `system:serviceaccount:default:web ${WEB_GROUPS}`,
  ],
  [
    'csi-driver-spiffe.yaml',
    'one of kube-system',
    () => csi.issue('/ns/kube-system/sa/kube-proxy'),
    'denied: user/denied: the pods of kube-system use their tokens',
  ],
  [
    'pod-certificates.yaml',
    'a pod’s certificate of a signer without a name',
    () => podSigner.issue(WEB),
    `system:serviceaccount:default:web ${WEB_GROUPS}`,
  ],
  [
    'pod-certificates.yaml',
    'one that is for a week',
    () => podSigner.issue(WEB, { notAfter: NOW + 7 * DAY }),
    'denied: certificate/denied: only what the signer issues, a day at most',
  ],
  [
    'pod-identity.yaml',
    'a pod’s certificate',
    () => Promise.resolve(podIdentity),
    `system:serviceaccount:default:web ${WEB_GROUPS}`,
  ],
  [
    'pod-identity.yaml',
    'one of a node in quarantine',
    () => podIdentitySigner({ anchor: podIdentity.anchor, nodeName: 'quarantined-1' }),
    'denied: user/denied: this node is in quarantine',
  ],
  [
    'workload-certificates.yaml',
    'a pod’s certificate',
    () => workloadSigner.issue('default', 'web'),
    `system:serviceaccount:default:web ${WEB_GROUPS}`,
  ],
  [
    'workload-certificates.yaml',
    'one whose names disagree',
    () =>
      workloadSigner.issue('default', 'web', {
        uriSANs: ['spiffe://cluster-domain.example/ns/kube-system/sa/admin'],
      }),
    'denied: mapping/identities-disagree: the names in the certificate are of different workloads',
  ],
  ['external-pki.yaml', 'a person’s certificate', () => person({}), 'corp:bob [corp:sales]'],
  [
    'external-pki.yaml',
    'a machine’s certificate of the same root',
    () => person({}, machinesCa),
    'no-opinion: path/issuer-mismatch: the certificate was issued by "Example Corp Machines CA 1", and the entry is for "Example Corp People CA 3"',
  ],
  [
    'external-pki.yaml',
    'a person of another directory',
    () => person({ uriSANs: ['https://id.example.org/people/mallory@x'] }),
    'denied: certificate/denied: not a person of id.example.com',
  ],
  [
    'external-pki.yaml',
    'a certificate without a URI SAN',
    () => person({ uriSANs: [] }),
    'denied: mapping/evaluation-error: the expression of username could not be evaluated',
  ],
  [
    'external-pki.yaml',
    'a server’s certificate',
    () => person({ extKeyUsages: ['serverAuth', 'clientAuth'] }),
    'denied: certificate/denied: not a certificate for clients alone',
  ],
  [
    'admins.yaml',
    'an administrator’s certificate',
    () => user(adminsCa, { subject: [...bob, { O: 'cluster-admins' }] }),
    'bob [cluster-admins]',
  ],
  [
    'admins.yaml',
    'one that asks for system:masters',
    () => user(adminsCa, { subject: [...bob, { O: 'cluster-admins' }, { O: 'system:masters' }] }),
    'denied: user/denied: nobody is in a system group, and in system:masters least of all',
  ],
  [
    'admins.yaml',
    'one that is for a year',
    () => user(adminsCa, { subject: [...bob, { O: 'cluster-admins' }], notAfter: NOW + 365 * DAY }),
    "denied: certificate/denied: administrators' certificates are for one working day",
  ],
  [
    'admins.yaml',
    'a user’s certificate of the administrators’ CA',
    () => user(adminsCa, { subject: [...bob, { O: 'dev' }] }),
    'denied: user/denied: this CA is for administrators',
  ],
  [
    'admins.yaml',
    'a user’s certificate',
    () => user(usersCa, { subject: [...bob, { O: 'dev' }] }),
    'bob [dev]',
  ],
  [
    'admins.yaml',
    'an administrator’s certificate of the users’ CA',
    () => user(usersCa, { subject: [...bob, { O: 'cluster-admins' }] }),
    'denied: user/denied: administrators come from admins-ca',
  ],
  [
    'partners.yaml',
    'one of our own workloads',
    () => prodSpire.issue(WEB),
    `system:serviceaccount:default:web ${WEB_GROUPS}`,
  ],
  [
    'partners.yaml',
    'a partner’s workload',
    () => partnerSpire.issue('/billing/api'),
    'spiffe://partner.example/billing/api []',
  ],
  [
    'partners.yaml',
    'a partner’s workload that is not expected',
    () => partnerSpire.issue('/ns/kube-system/sa/admin'),
    'denied: user/denied: of our partner only billing',
  ],
  [
    'partners.yaml',
    'a partner’s certificate with a name of ours',
    () => partnerSpire.issue(WEB, { uriSANs: ['spiffe://prod.example/ns/default/sa/web'] }),
    'denied: mapping/spiffe-trust-domain: the SPIFFE ID is not of the trust domain that the certificate\'s anchors are for: "prod.example"',
  ],
];

describe('every example', () => {
  const files = readdirSync(EXAMPLES).filter((name) => name.endsWith('.yaml'));
  // Those with policy tests beside them have their cases there.
  const names = files.filter(
    (name) =>
      !name.endsWith('.authn-test.yaml') && !files.includes(name.replace(/\.yaml$/, '.authn-test.yaml')),
  );
  const schema: unknown = JSON.parse(
    readFileSync(new URL('../../schemas/authentication-configuration.schema.json', import.meta.url), 'utf8'),
  );
  const validate = new Ajv({ strict: true }).compile(schema as object);

  it('has cases here, and each case an example', () => {
    expect(new Set(cases.map(([example]) => example))).toEqual(new Set(names));
  });

  it.each(names)('%s fits the schema and compiles without a warning', (name) => {
    expect(validate(parse(read(name)))).toBe(true);
    expect(load(name).entries.length).toBeGreaterThan(0);
  });
});

describe('an example', () => {
  it.each(cases)('%s decides about %s', async (example, _, ...[issue, expected]) => {
    expect(judge(example, await issue())).toBe(expected);
  });
});
