import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type AuthorizationInputs, compileAuthorization } from '../../src/cli/compile/authorization.ts';
import { matches } from '../match-condition.ts';

const INPUTS: AuthorizationInputs = {
  directory: '/etc/kubernetes/x509-authn',
  server: 'https://127.0.0.1:8443',
  certificateAuthority: '/var/run/kube-x509-authn/tls.crt',
  failurePolicy: 'NoOpinion',
};

function filesOf(inputs: Partial<AuthorizationInputs> = {}): Readonly<Record<string, string>> {
  const result = compileAuthorization({ ...INPUTS, ...inputs });
  if (!result.ok) throw new Error(result.error);
  return Object.fromEntries(result.compiled.files.map(({ path, text }) => [path, text]));
}

const configOf = (inputs: Partial<AuthorizationInputs> = {}): string =>
  filesOf(inputs)['authorization-config.yaml']!;
const typesOf = (text: string): readonly string[] =>
  parse(text).authorizers.map(({ name }: { name: string }) => name);

describe('the AuthorizationConfiguration', () => {
  it('asks the webhook first, then Node and RBAC', () => {
    expect(parse(configOf())).toEqual({
      apiVersion: 'apiserver.config.k8s.io/v1',
      kind: 'AuthorizationConfiguration',
      authorizers: [
        {
          type: 'Webhook',
          name: 'x509-revocation',
          webhook: {
            unauthorizedTTL: '30s',
            timeout: '3s',
            subjectAccessReviewVersion: 'v1',
            matchConditionSubjectAccessReviewVersion: 'v1',
            failurePolicy: 'NoOpinion',
            connectionInfo: {
              type: 'KubeConfigFile',
              kubeConfigFile: '/etc/kubernetes/x509-authn/authorization-webhook.kubeconfig',
            },
            matchConditions: [{ expression: expect.stringContaining('X509SHA256=') }],
          },
        },
        { type: 'Node', name: 'node' },
        { type: 'RBAC', name: 'rbac' },
      ],
    });
  });

  const EXISTING = `# kept by the platform team
apiVersion: apiserver.config.k8s.io/v1beta1
kind: AuthorizationConfiguration
authorizers:
  # nodes first
  - type: Node
    name: node # the kubelets
  - type: Webhook
    name: opa
    webhook: {timeout: 3s}
`;
  it('keeps what is there behind the webhook, with its comments', () => {
    const text = configOf({ existing: EXISTING });
    expect(typesOf(text)).toEqual(['x509-revocation', 'node', 'opa']);
    for (const comment of ['# kept by the platform team', '# nodes first', '# the kubelets'])
      expect(text).toContain(comment);
  });
  it('is the same when it is made of itself, and takes another failure policy', () => {
    const once = configOf({ existing: EXISTING });
    expect(configOf({ existing: once })).toBe(once);
    const denying = parse(configOf({ existing: once, failurePolicy: 'Deny' }));
    expect(
      denying.authorizers.map(
        ({ webhook }: { webhook?: { failurePolicy?: string } }) => webhook?.failurePolicy,
      ),
    ).toEqual(['Deny', undefined, undefined]);
  });
  it.each([
    [
      'that is another kind',
      'apiVersion: v1\nkind: ConfigMap\n',
      'expected an AuthorizationConfiguration of apiserver.config.k8s.io/v1 or',
    ],
    [
      'of another version',
      EXISTING.replace('v1beta1', 'v2'),
      'got "AuthorizationConfiguration" of "apiserver.config.k8s.io/v2"',
    ],
    [
      'without authorizers',
      EXISTING.slice(0, EXISTING.indexOf('authorizers')),
      'authorizers: expected a list of at least one',
    ],
    ['that is no YAML', 'a: [', 'Flow sequence'],
    ['of several documents', `${EXISTING}---\n${EXISTING}`, 'multiple documents'],
    ['that is a list', '- a\n', 'not a map of fields'],
  ])('is not made of a file %s', (_, existing, error) => {
    expect(compileAuthorization({ ...INPUTS, existing })).toMatchObject({
      ok: false,
      error: expect.stringContaining(error),
    });
  });
  it('is not made for a directory that kube-apiserver would refuse', () => {
    expect(compileAuthorization({ ...INPUTS, directory: 'x509' })).toMatchObject({
      ok: false,
      error: 'the directory "x509" is not an absolute path',
    });
  });
});

describe('the match condition', () => {
  const KEY = 'authentication.kubernetes.io/credential-id';
  const expression: string = parse(configOf()).authorizers[0].webhook.matchConditions[0].expression;

  it.each<[string, Readonly<Record<string, readonly string[]>> | undefined, boolean]>([
    ['selects a certificate', { [KEY]: [`X509SHA256=${'a'.repeat(64)}`] }, true],
    ['selects a certificate among others', { [KEY]: ['JTI=1', `X509SHA256=${'a'.repeat(64)}`] }, true],
    ['spares a service account', { [KEY]: ['JTI=8c1d5a4b'] }, false],
    ['spares an empty list', { [KEY]: [] }, false],
    ['spares another extra', { 'example.org/x': ['X509SHA256=a'] }, false],
    ['spares a user of no extra', {}, false],
    ['spares a user without extra', undefined, false],
  ])('%s', (_, extra, expected) => {
    expect(matches(expression, 'alice', extra)).toBe(expected);
  });
});

describe('the kubeconfig', () => {
  it('names the webhook’s path, its authority and what it is shown', () => {
    const client = {
      certificate: '/etc/kubernetes/pki/apiserver-webhook.crt',
      key: '/etc/kubernetes/pki/apiserver-webhook.key',
    };
    const kubeconfig = parse(filesOf({ client })['authorization-webhook.kubeconfig']!);
    expect(kubeconfig.clusters[0].cluster).toEqual({
      server: 'https://127.0.0.1:8443/authorize',
      'certificate-authority': '/var/run/kube-x509-authn/tls.crt',
    });
    expect(kubeconfig.users[0].user).toEqual({
      'client-certificate': client.certificate,
      'client-key': client.key,
    });
    expect(kubeconfig.contexts[0].context).toEqual({
      cluster: kubeconfig.clusters[0].name,
      user: kubeconfig.users[0].name,
    });
    expect(kubeconfig['current-context']).toBe(kubeconfig.contexts[0].name);
  });
});

it('kubeadm is given the flag as an extra argument, for which it leaves --authorization-mode out', () => {
  const { apiServer } = parse(filesOf()['kubeadm-authorization.yaml']!);
  expect(apiServer.extraArgs).toEqual([
    { name: 'authorization-config', value: '/etc/kubernetes/x509-authn/authorization-config.yaml' },
  ]);
});

describe('what goes with the files', () => {
  it.each([
    ['NoOpinion', /While the webhook does not answer, revoked certificates work again/],
    [
      'Deny',
      /nobody with a client certificate can do anything, kubelets, controllers and the scheduler among them/,
    ],
  ] as const)('is what failurePolicy %s means', (failurePolicy, note) => {
    const result = compileAuthorization({ ...INPUTS, failurePolicy });
    expect(result).toMatchObject({
      ok: true,
      compiled: { flags: ['--authorization-config=/etc/kubernetes/x509-authn/authorization-config.yaml'] },
    });
    const notes = result.ok ? result.compiled.notes.join('\n') : '';
    expect(notes).toMatch(note);
    expect(notes).toMatch(/system:masters is never asked about/);
    expect(notes).toMatch(/takes the place of --authorization-mode/);
  });
});
