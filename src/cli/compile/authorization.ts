import { isMap, isSeq, parseDocument, stringify } from 'yaml';
import type { CompiledFile } from './files.ts';

/** What kube-apiserver does when the webhook does not answer. */
export type AuthorizationFailurePolicy = 'NoOpinion' | 'Deny';

/** What the files for kube-apiserver's authorization webhook are made from. Paths are those on kube-apiserver's node. */
export interface AuthorizationInputs {
  /** Where the files will be: an absolute path, as kube-apiserver asks. */
  readonly directory: string;
  /** Where `serve` is reached, without a path: `https://127.0.0.1:8443`. */
  readonly server: string;
  /** The authority of its serving certificate. */
  readonly certificateAuthority: string;
  /** What kube-apiserver shows it, where it asks for a client certificate. */
  readonly client?: { readonly certificate: string; readonly key: string };
  readonly failurePolicy: AuthorizationFailurePolicy;
  /** The text of the AuthorizationConfiguration in use; absent where kube-apiserver has `--authorization-mode`. */
  readonly existing?: string;
}

/** The files, the flags that name them, and what an administrator should know before using them. */
export interface CompiledAuthorization {
  readonly files: readonly CompiledFile[];
  readonly flags: readonly string[];
  readonly notes: readonly string[];
}

export type AuthorizationResult =
  | { readonly ok: true; readonly compiled: CompiledAuthorization }
  | { readonly ok: false; readonly error: string };

/** The webhook's name in kube-apiserver's metrics. */
const NAME = 'x509-revocation';

const CONFIG = 'authorization-config.yaml';
const KUBECONFIG = 'authorization-webhook.kubeconfig';
const KUBEADM = 'kubeadm-authorization.yaml';

/** Seconds that kube-apiserver remembers "no opinion" and denials: its own default, written out because a revocation waits for it. */
const UNAUTHORIZED_TTL = '30s';

/**
 * Only users who came with a certificate: service accounts have a credential id too, `JTI=…`. The last two conditions are never
 * evaluated where the one before is false, so that none of them can fail.
 */
const MATCH_CONDITION = [
  'has(request.extra)',
  '"authentication.kubernetes.io/credential-id" in request.extra',
  'request.extra["authentication.kubernetes.io/credential-id"].exists(id, id.startsWith("X509SHA256="))',
].join(' &&\n');

const API_VERSIONS: readonly string[] = ['v1', 'v1beta1', 'v1alpha1'].map(
  (version) => `apiserver.config.k8s.io/${version}`,
);

const NEW_CONFIG = `apiVersion: apiserver.config.k8s.io/v1
kind: AuthorizationConfiguration
authorizers:
- type: Node
  name: node
- type: RBAC
  name: rbac
`;

/**
 * Makes what kube-apiserver needs to ask `serve --native-policy` first: an AuthorizationConfiguration, with what is there already behind the
 * webhook and its comments kept, and the webhook's kubeconfig.
 */
export function compileAuthorization(inputs: AuthorizationInputs): AuthorizationResult {
  const { directory, existing, failurePolicy } = inputs;
  if (!directory.startsWith('/'))
    return { ok: false, error: `the directory ${JSON.stringify(directory)} is not an absolute path` };
  const config = addWebhook(existing ?? NEW_CONFIG, inputs);
  if (!config.ok) return config;
  return {
    ok: true,
    compiled: {
      files: [
        { path: CONFIG, text: config.text },
        { path: KUBECONFIG, text: writeKubeconfig(inputs) },
        { path: KUBEADM, text: writeKubeadmFragment(inputs) },
      ],
      flags: [`--authorization-config=${directory}/${CONFIG}`],
      notes: [
        '--authorization-config takes the place of --authorization-mode and of every --authorization-webhook-* flag, which must go.',
        'system:masters is never asked about: a certificate of that group passes whatever the policy says. Issue none from --client-ca-file, and see docs/revocation.md for those that there are.',
        NOTES[failurePolicy],
        `A revocation bites when kube-apiserver has forgotten its last answer: within ${UNAUTHORIZED_TTL} (unauthorizedTTL) of the webhook's knowing.`,
      ],
    },
  };
}

const NOTES: Readonly<Record<AuthorizationFailurePolicy, string>> = {
  NoOpinion:
    'failurePolicy: NoOpinion. While the webhook does not answer, revoked certificates work again as soon as kube-apiserver has forgotten that they were denied.',
  Deny: 'failurePolicy: Deny. While the webhook does not answer, nobody with a client certificate can do anything, kubelets, controllers and the scheduler among them: run it as a static pod beside each kube-apiserver, never as a Deployment.',
};

type MergedConfig =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly error: string };

function addWebhook(text: string, inputs: AuthorizationInputs): MergedConfig {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error !== undefined) return { ok: false, error: error.message };
  if (!isMap(document.contents)) return { ok: false, error: 'the file is not a map of fields' };
  const kind = document.get('kind');
  const apiVersion = document.get('apiVersion');
  if (kind !== 'AuthorizationConfiguration' || !API_VERSIONS.includes(String(apiVersion))) {
    return {
      ok: false,
      error: `expected an AuthorizationConfiguration of ${API_VERSIONS.join(' or ')}, got ${JSON.stringify(kind)} of ${JSON.stringify(apiVersion)}`,
    };
  }
  const authorizers = document.get('authorizers');
  if (!isSeq(authorizers) || authorizers.items.length === 0)
    return { ok: false, error: 'authorizers: expected a list of at least one' };
  // One of our name is from an earlier time.
  const others = authorizers.items.filter((item) => !isMap(item) || item.get('name') !== NAME);
  authorizers.items = [document.createNode(webhookOf(inputs)), ...others];
  return { ok: true, text: document.toString({ lineWidth: 0, indentSeq: /^ +- /m.test(text) }) };
}

function webhookOf({ directory, failurePolicy }: AuthorizationInputs): object {
  return {
    type: 'Webhook',
    name: NAME,
    webhook: {
      unauthorizedTTL: UNAUTHORIZED_TTL,
      timeout: '3s',
      subjectAccessReviewVersion: 'v1',
      matchConditionSubjectAccessReviewVersion: 'v1',
      failurePolicy,
      connectionInfo: { type: 'KubeConfigFile', kubeConfigFile: `${directory}/${KUBECONFIG}` },
      matchConditions: [{ expression: MATCH_CONDITION }],
    },
  };
}

function writeKubeconfig({ server, certificateAuthority, client }: AuthorizationInputs): string {
  const url = new URL('/authorize', server).href;
  return stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: NAME, cluster: { server: url, 'certificate-authority': certificateAuthority } }],
      users: [
        {
          name: 'kube-apiserver',
          ...(client !== undefined && {
            user: { 'client-certificate': client.certificate, 'client-key': client.key },
          }),
        },
      ],
      contexts: [{ name: NAME, context: { cluster: NAME, user: 'kube-apiserver' } }],
      'current-context': NAME,
    },
    { lineWidth: 0, indentSeq: false },
  );
}

/**
 * For kubeadm's own configuration: where the flag is an extra argument kubeadm leaves `--authorization-mode` out (since 1.30), which no patch
 * of the static pod can.
 */
function writeKubeadmFragment({ directory }: AuthorizationInputs): string {
  return stringify({
    apiVersion: 'kubeadm.k8s.io/v1beta4',
    kind: 'ClusterConfiguration',
    apiServer: { extraArgs: [{ name: 'authorization-config', value: `${directory}/${CONFIG}` }] },
  });
}
