import { posix } from 'node:path';

/** Where things are on the machine that kube-apiserver runs on. */
export interface Placement {
  /** The folder that the files are put into there. */
  readonly installDir: string;
  readonly webhookUrl: string;
  readonly webhookCaFile: string;
  /** What kube-apiserver shows the webhook, where it asks for a client certificate. */
  readonly client?: { readonly certificate: string; readonly key: string };
}

/** A file to be written, by its path below the output folder. */
export interface CompiledFile {
  readonly path: string;
  readonly text: string;
}

const VOLUME = 'x509-authn';

/** What connects kube-apiserver and the users of an audience to the authentication webhook. No file holds a key or another secret. */
export function connectionFiles(placement: Placement, audience: string): readonly CompiledFile[] {
  return [
    { path: 'webhook.kubeconfig', text: webhookKubeconfig(placement) },
    { path: 'kubectl-user.yaml', text: kubectlUser(audience) },
  ];
}

/** kube-apiserver's flags: all of them to read, and for kubeadm as a patch those that a patch can add. */
export interface ApiserverFlags {
  readonly all: readonly string[];
  readonly patched: readonly string[];
}

/** How kube-apiserver is given its flags, and the folders that they name. */
export function flagFiles(placement: Placement, { all, patched }: ApiserverFlags): readonly CompiledFile[] {
  return [
    { path: 'apiserver-flags.txt', text: `${all.join('\n')}\n` },
    { path: 'kubeadm-patches/kube-apiserver+json.yaml', text: kubeadmPatch(placement, patched) },
  ];
}

function installed({ installDir }: Placement, name: string): string {
  return posix.join(installDir, name);
}

/** A text as a YAML scalar; every JSON string is one. */
function quote(text: string): string {
  return /^[\w./-]+$/.test(text) && /^[/a-z]/i.test(text) ? text : JSON.stringify(text);
}

function webhookKubeconfig({ webhookUrl, webhookCaFile, client }: Placement): string {
  const user =
    client === undefined
      ? ''
      : `  user:\n    client-certificate: ${quote(client.certificate)}\n    client-key: ${quote(client.key)}\n`;
  return `# kube-apiserver's way to kube-x509-authn: --authentication-token-webhook-config-file
apiVersion: v1
kind: Config
clusters:
- name: x509-authn
  cluster:
    server: ${quote(webhookUrl)}
    certificate-authority: ${quote(webhookCaFile)}
users:
- name: kube-apiserver
${user}contexts:
- name: x509-authn
  context:
    cluster: x509-authn
    user: kube-apiserver
current-context: x509-authn
`;
}

/** The flags of authentication; the time that an answer is remembered bounds how long a revoked certificate is still let in. */
export function authenticationFlags(placement: Placement): readonly string[] {
  return [
    `--authentication-config=${installed(placement, 'authentication-config.yaml')}`,
    `--authentication-token-webhook-config-file=${installed(placement, 'webhook.kubeconfig')}`,
    '--authentication-token-webhook-version=v1',
    '--authentication-token-webhook-cache-ttl=30s',
  ];
}

/** A JSON patch (RFC 6902) of the static pod, for `kubeadm init --patches` and `kubeadm upgrade apply --patches`. */
function kubeadmPatch({ installDir, webhookCaFile, client }: Placement, flags: readonly string[]): string {
  const files = [webhookCaFile, ...(client === undefined ? [] : [client.certificate, client.key])];
  // What is below the installed files is mounted with them.
  const others = files
    .map((file) => posix.dirname(file))
    .filter((folder) => !`${folder}/`.startsWith(`${installDir}/`));
  const folders = new Set([installDir, ...others]);
  const additions = flags.map((flag) => add('/spec/containers/0/command/-', quote(flag)));
  const volumes = [...folders].flatMap((folder, index) => {
    const name = index === 0 ? VOLUME : `${VOLUME}-${index}`;
    const path = quote(folder);
    return [
      add('/spec/containers/0/volumeMounts/-', `{name: ${name}, mountPath: ${path}, readOnly: true}`),
      add('/spec/volumes/-', `{name: ${name}, hostPath: {path: ${path}, type: Directory}}`),
    ];
  });
  return `# kubeadm: --patches with the folder of this file\n${[...additions, ...volumes].join('')}`;
}

function add(path: string, value: string): string {
  return `- op: add\n  path: ${path}\n  value: ${value}\n`;
}

function kubectlUser(audience: string): string {
  return `# For each user's kubeconfig, with the paths of his own certificate and key
users:
- name: x509
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1
      command: kube-x509-authn
      args: [token, --cert, /home/USER/client.crt, --key, /home/USER/client.key, --audience, ${quote(audience)}]
      interactiveMode: Never
      provideClusterInfo: false
`;
}
