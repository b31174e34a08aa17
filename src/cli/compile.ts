import { join, posix } from 'node:path';
import { Command } from 'commander';
import { API_VERSIONS } from '../authenticator/advise/kubernetes-history.ts';
import { isBefore, type KubernetesVersion } from '../authenticator/advise/kubernetes-version.ts';
import { formatCompiledPolicy, toCompiledPolicy } from '../authenticator/compiled-policy.ts';
import { toKubernetesText } from '../config/kubernetes-text.ts';
import { toPrintableLines } from '../server/printable.ts';
import { checkAudience } from './audience.ts';
import {
  type AuthorizationFailurePolicy,
  type CompiledAuthorization,
  compileAuthorization,
} from './compile/authorization.ts';
import { describeDiff } from './compile/diff.ts';
import {
  authenticationFlags,
  type CompiledFile,
  connectionFiles,
  flagFiles,
  type Placement,
} from './compile/files.ts';
import { checkKubernetesText, nativeJwtEntries } from './compile/native-sessions.ts';
import { type LoadedPolicy, loadPolicy, type PolicyFlags } from './compile/policy.ts';
import { Failure } from './failure.ts';
import { toFlag } from './flag-companions.ts';
import { readFlagFile } from './read-file.ts';
import { parseTarget } from './target.ts';
import { writeFiles } from './compile/write-files.ts';

interface CompileFlags extends Partial<PolicyFlags> {
  readonly audience?: string;
  readonly outDir?: string;
  readonly diff?: string;
  readonly targetKubernetes?: string;
  readonly installDir: string;
  readonly webhookUrl: string;
  readonly webhookCaFile: string;
  readonly webhookClientCertificate?: string;
  readonly webhookClientKey?: string;
  readonly authorizationFailurePolicy?: string;
  readonly authorizationConfig?: string;
  readonly issuerUrl?: string;
  readonly issuerCaFile?: string;
}

const HELP = `
Writes into --out-dir:
  authentication-config.yaml               what kube-apiserver loads: the configuration without x509
  webhook.kubeconfig                       kube-apiserver's way to the webhook
  apiserver-flags.txt                      kube-apiserver's flags
  kubeadm-patches/kube-apiserver+json.yaml the same for kubeadm
  kubectl-user.yaml                        the stanza for users' kubeconfigs
  compiled.json                            what the configuration means, for review
With --issuer-url the first has a jwt entry, by which kube-apiserver verifies the sessions of entries with session.native itself.
With --authorization-failure-policy there are also, for serve --native-policy (docs/revocation.md):
  authorization-config.yaml                the webhook first, then Node and RBAC, or what --authorization-config has
  authorization-webhook.kubeconfig         kube-apiserver's way to it
  kubeadm-authorization.yaml               the flag for kubeadm's ClusterConfiguration
The same inputs give the same files. A file that holds a key is never overwritten.

Exit status: 0 done, 1 the configuration has errors, 2 usage or I/O.

Examples:
  $ kube-x509-authn compile --config authn.yaml --audience x509.prod-eu.example --out-dir out
  $ kube-x509-authn compile --config authn.yaml --audience x509.prod-eu.example --diff out
  $ kube-x509-authn compile --config authn.yaml --audience x509.prod-eu.example --issuer-url https://authn.example:9443 --out-dir out
  $ kube-x509-authn compile --authorization-failure-policy NoOpinion --out-dir out`;

/** `compile`: what to hand to kube-apiserver, and what a configuration means. */
export function compileCommand(): Command {
  return new Command('compile')
    .description('write what kube-apiserver and its users are given, and the policy for review')
    .option('--config <file>', 'the AuthenticationConfiguration with the x509 entries')
    .option(
      '--audience <name>',
      "the cluster's audience, which tokens must name; required with --config",
      takeOnce,
    )
    .option('--out-dir <dir>', 'the folder to write into')
    .option('--diff <file>', 'an earlier compiled.json, or its folder: print what changed in meaning')
    .option('--certificate-authority-file <file>', 'anchors of entries without their own, PEM')
    .option(
      '--apiserver-client-ca-file <file>',
      "kube-apiserver's --client-ca-file: what it trusts too is an error",
    )
    .option(
      '--requestheader-client-ca-file <file>',
      "kube-apiserver's --requestheader-client-ca-file, likewise",
    )
    .option('--root <dir>', 'look the files that the configuration names up below this folder')
    .option('--target-kubernetes <version>', 'the version that is to load the file, 1.30 to 1.37')
    .option(
      '--install-dir <dir>',
      "where the files will be on kube-apiserver's machine",
      '/etc/kubernetes/x509-authn',
    )
    .option(
      '--webhook-url <url>',
      'where kube-apiserver reaches the webhook',
      'https://127.0.0.1:8443/authenticate',
    )
    .option(
      '--webhook-ca-file <file>',
      "the authority of the webhook's certificate, there",
      '/var/run/kube-x509-authn/tls.crt',
    )
    .option('--webhook-client-certificate <file>', "kube-apiserver's certificate for the webhook, there")
    .option('--webhook-client-key <file>', 'the key of that certificate, there')
    .option(
      '--issuer-url <url>',
      "serve's: have kube-apiserver verify native sessions itself, by a jwt entry",
    )
    .option(
      '--issuer-ca-file <file>',
      'the authorities of its serving certificate, where they are private, PEM',
    )
    .option(
      '--authorization-failure-policy <policy>',
      'have kube-apiserver ask serve --native-policy first; while that does not answer: NoOpinion or Deny',
    )
    .option('--authorization-config <file>', 'the AuthorizationConfiguration in use, to put the webhook into')
    .addHelpText('after', HELP)
    .action(runCompile);
}

/** `serve` takes several; what is written for kube-apiserver and users names one. */
function takeOnce(name: string, previous: string | undefined): string {
  if (previous !== undefined) throw new Failure('--audience: give one, that tokens are to name from now on');
  return name;
}

/** Flags that say nothing of `--authorization-failure-policy`. */
const OF_CONFIG = [
  'audience',
  'diff',
  'certificateAuthorityFile',
  'apiserverClientCaFile',
  'requestheaderClientCaFile',
  'root',
  'issuerUrl',
  'issuerCaFile',
] as const;

function runCompile(flags: CompileFlags): void {
  const { config, outDir, diff } = flags;
  if (outDir === undefined && diff === undefined)
    throw new Failure('compile: --out-dir or --diff is required');
  const placement = parsePlacement(flags);
  const authorization = parseAuthorization(flags, placement);
  if (config === undefined && authorization === undefined)
    throw new Failure('compile: --config, --authorization-failure-policy or both are required');
  for (const flag of OF_CONFIG) {
    if (config === undefined && flags[flag] !== undefined)
      throw new Failure(`${toFlag(flag)} goes with --config`);
  }
  const authentication = config === undefined ? [] : compileConfig({ ...flags, config }, placement);
  if (outDir === undefined) return;
  const patched = config === undefined ? [] : authenticationFlags(placement);
  const written = writeFiles(outDir, [
    ...authentication,
    ...flagFiles(placement, { all: [...patched, ...(authorization?.flags ?? [])], patched }),
    ...(authorization?.files ?? []),
  ]);
  for (const [path, what] of written) process.stdout.write(`${what} ${join(outDir, path)}\n`);
  for (const note of authorization?.notes ?? []) process.stderr.write(`note: ${note}\n`);
}

/** What comes from `--config`; its warnings and what `--diff` asks for are printed on the way. */
function compileConfig(flags: CompileFlags & PolicyFlags, placement: Placement): readonly CompiledFile[] {
  const { diff, targetKubernetes } = flags;
  if (flags.audience === undefined) throw new Failure('--config needs --audience');
  const audience = checkAudience(flags.audience);
  const target = targetKubernetes === undefined ? undefined : parseTarget(targetKubernetes);
  const loaded = loadPolicy(flags, { at: Date.now(), target });
  for (const { line, column, message } of loaded.warnings) {
    process.stderr.write(`${toPrintableLines(`${flags.config}:${line}:${column}: warning: ${message}`)}\n`);
  }
  const jwt = nativeJwtEntries(loaded, flags, audience);
  const text = kubernetesText(loaded, { target, jwt });
  if (jwt.length > 0) checkKubernetesText(text);
  else
    for (const warning of nativeWarnings(loaded))
      process.stderr.write(`${toPrintableLines(`warning: ${warning}`)}\n`);
  const policy = toCompiledPolicy(loaded.authenticator, loaded.config, loaded.bytes);
  if (diff !== undefined) process.stdout.write(toPrintableLines(describeDiff(diff, policy)));
  return [
    { path: 'authentication-config.yaml', text },
    ...connectionFiles(placement, audience),
    { path: 'compiled.json', text: formatCompiledPolicy(policy) },
  ];
}

/** Entries that ask for what nobody gives. */
function nativeWarnings({ authenticator: { entries } }: LoadedPolicy): readonly string[] {
  return entries
    .filter(({ sessions }) => sessions === 'native')
    .map(({ id }) => `${id}: session.native has no effect without --issuer-url, here and for serve`);
}

/** v1 is the only version that came later; the fields of all three are the same. */
function kubernetesText(
  { config }: LoadedPolicy,
  { target, jwt }: { readonly target: KubernetesVersion | undefined; readonly jwt: readonly object[] },
): string {
  const { apiVersion } = config;
  const since = API_VERSIONS[apiVersion];
  const isLater = target !== undefined && since !== undefined && isBefore(target, since);
  return toKubernetesText(config.source.text, config, {
    apiVersion: isLater ? 'apiserver.config.k8s.io/v1beta1' : apiVersion,
    jwt,
  });
}

function parsePlacement(flags: CompileFlags): Placement {
  const { installDir, webhookUrl, webhookClientCertificate, webhookClientKey } = flags;
  if ((webhookClientCertificate === undefined) !== (webhookClientKey === undefined)) {
    throw new Failure('--webhook-client-certificate and --webhook-client-key go together');
  }
  if (!installDir.startsWith('/')) throw new Failure(`--install-dir: ${installDir} is not an absolute path`);
  // As kube-apiserver would take paths of the kubeconfig.
  const resolve = (flag: string, file: string): string => checkPath(flag, posix.resolve(installDir, file));
  return {
    installDir: checkPath('--install-dir', posix.resolve(installDir)),
    webhookUrl: checkWebhookUrl(webhookUrl, flags.config === undefined ? 'origin' : 'tokens'),
    webhookCaFile: resolve('--webhook-ca-file', flags.webhookCaFile),
    ...(webhookClientCertificate !== undefined &&
      webhookClientKey !== undefined && {
        client: {
          certificate: resolve('--webhook-client-certificate', webhookClientCertificate),
          key: resolve('--webhook-client-key', webhookClientKey),
        },
      }),
  };
}

/** Of what is for tokens the path counts; of what is not, the origin alone. */
function checkWebhookUrl(text: string, use: 'tokens' | 'origin'): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'https:')
    throw new Failure(`--webhook-url: ${text} is not https: kube-apiserver would send tokens in the clear`);
  // The file is no place for a password, and kube-apiserver drops the rest.
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    throw new Failure('--webhook-url: must not have a user, a query or a fragment');
  if (use === 'tokens' && !url.pathname.endsWith('/authenticate'))
    throw new Failure(`--webhook-url: ${text} is not where tokens are reviewed: expected …/authenticate`);
  return text;
}

/** Flags stand on a line each. */
function checkPath(flag: string, path: string): string {
  if (/\p{Cc}/u.test(path)) throw new Failure(`${flag}: ${JSON.stringify(path)} has control characters`);
  return path;
}

const FAILURE_POLICIES: readonly AuthorizationFailurePolicy[] = ['NoOpinion', 'Deny'];

/** What native certificates need, where it is asked for. */
function parseAuthorization(flags: CompileFlags, placement: Placement): CompiledAuthorization | undefined {
  const { authorizationFailurePolicy, authorizationConfig, targetKubernetes } = flags;
  if (authorizationFailurePolicy === undefined) {
    if (authorizationConfig === undefined) return undefined;
    throw new Failure('--authorization-config needs --authorization-failure-policy');
  }
  const failurePolicy = FAILURE_POLICIES.find((policy) => policy === authorizationFailurePolicy);
  if (failurePolicy === undefined) {
    throw new Failure(
      `--authorization-failure-policy: ${authorizationFailurePolicy} is none of ${FAILURE_POLICIES.join(', ')}`,
    );
  }
  if (targetKubernetes !== undefined && isBefore(parseTarget(targetKubernetes), '1.32')) {
    throw new Failure(
      `--target-kubernetes: kube-apiserver ${targetKubernetes} tells no webhook which certificate a user came with: 1.32 and later do`,
      1,
    );
  }
  const result = compileAuthorization({
    directory: placement.installDir,
    server: new URL(placement.webhookUrl).origin,
    certificateAuthority: placement.webhookCaFile,
    ...(placement.client !== undefined && { client: placement.client }),
    failurePolicy,
    ...(authorizationConfig !== undefined && {
      existing: readFlagFile('--authorization-config', authorizationConfig).toString('utf8'),
    }),
  });
  if (!result.ok) throw new Failure(`--authorization-config: ${authorizationConfig}: ${result.error}`, 1);
  return result.compiled;
}
