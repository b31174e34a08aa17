import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import {
  apiserverClientAuthority,
  apiserverProxyAuthority,
} from '../authenticator/advise/apiserver-anchors.ts';
import { API_VERSIONS } from '../authenticator/advise/kubernetes-history.ts';
import { isBefore, type KubernetesVersion } from '../authenticator/advise/kubernetes-version.ts';
import { type Surroundings, toSubject } from '../authenticator/advise/subject.ts';
import { targetField, targetFunction, targetGate } from '../authenticator/advise/target.ts';
import type { Authenticator } from '../authenticator/authenticator.ts';
import { compile } from '../authenticator/compile.ts';
import {
  type CompiledPolicy,
  formatCompiledPolicy,
  toCompiledPolicy,
} from '../authenticator/compiled-policy.ts';
import { diffPolicies } from '../authenticator/policy-diff.ts';
import { decodeText } from '../config/decode-text.ts';
import { loadConfig } from '../config/decode.ts';
import type { Issue } from '../config/issue.ts';
import { toKubernetesText } from '../config/kubernetes-text.ts';
import type { Config } from '../config/types.ts';
import { readApiserverBundle } from './apiserver-bundle.ts';
import { checkAudience } from './audience.ts';
import { connectionFiles } from './compile-files.ts';
import { Failure } from './failure.ts';
import { readFlagFile } from './read-file.ts';
import { parseTarget } from './target.ts';
import { writeFiles } from './write-files.ts';

interface CompileFlags {
  readonly config: string;
  readonly audience: string;
  readonly outDir?: string;
  readonly diff?: string;
  readonly certificateAuthorityFile?: string;
  readonly apiserverClientCaFile?: string;
  readonly requestheaderClientCaFile?: string;
  readonly root?: string;
  readonly targetKubernetes?: string;
  readonly installDir: string;
  readonly webhookUrl: string;
  readonly webhookCaFile: string;
  readonly webhookClientCertificate?: string;
  readonly webhookClientKey?: string;
}

const HELP = `
Writes into --out-dir:
  authentication-config.yaml               what kube-apiserver loads: the configuration without x509
  webhook.kubeconfig                       kube-apiserver's way to the webhook
  apiserver-flags.txt                      kube-apiserver's flags
  kubeadm-patches/kube-apiserver+json.yaml the same for kubeadm
  kubectl-user.yaml                        the stanza for users' kubeconfigs
  compiled.json                            what the configuration means, for review
The same inputs give the same files. A file that holds a key is never overwritten.

Exit status: 0 done, 1 the configuration has errors, 2 usage or I/O.

Examples:
  $ kube-x509-authn compile --config authn.yaml --audience x509.prod-eu.example --out-dir out
  $ kube-x509-authn compile --config authn.yaml --audience x509.prod-eu.example --diff out`;

/** `compile`: what to hand to kube-apiserver, and what a configuration means. */
export function compileCommand(): Command {
  return new Command('compile')
    .description('write what kube-apiserver and its users are given, and the policy for review')
    .requiredOption('--config <file>', 'the AuthenticationConfiguration with the x509 entries')
    .requiredOption('--audience <name>', "the cluster's audience, which tokens must name")
    .option('--out-dir <dir>', 'the folder to write into')
    .option('--diff <file>', 'an earlier compiled.json, or its folder: print what changed in meaning')
    .option('--certificate-authority-file <file>', 'anchors of entries without their own, PEM')
    .option(
      '--apiserver-client-ca-file <file>',
      "kube-apiserver's --client-ca-file: an anchor that it trusts too is an error",
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
      "what the webhook's serving certificate is verified by, there",
      '/var/run/kube-x509-authn/tls.crt',
    )
    .option('--webhook-client-certificate <file>', "kube-apiserver's certificate for the webhook, there")
    .option('--webhook-client-key <file>', 'the key of that certificate, there')
    .addHelpText('after', HELP)
    .action(runCompile);
}

function runCompile(flags: CompileFlags): void {
  const { outDir, diff, installDir, webhookUrl, webhookCaFile, webhookClientCertificate, webhookClientKey } =
    flags;
  const audience = checkAudience(flags.audience);
  if (outDir === undefined && diff === undefined)
    throw new Failure('compile: --out-dir or --diff is required');
  if ((webhookClientCertificate === undefined) !== (webhookClientKey === undefined)) {
    throw new Failure('--webhook-client-certificate and --webhook-client-key go together');
  }
  if (!webhookUrl.startsWith('https://')) {
    throw new Failure(
      `--webhook-url: ${webhookUrl} is not https: kube-apiserver would send tokens in the clear`,
    );
  }
  const bytes = readFlagFile('--config', flags.config);
  const { config, authenticator } = loadPolicy(flags, bytes);
  const policy = toCompiledPolicy(authenticator, bytes);
  if (diff !== undefined) printDiff(readPolicy(diff), policy);
  if (outDir === undefined) return;
  const placement = {
    installDir,
    webhookUrl,
    webhookCaFile,
    audience,
    ...(webhookClientCertificate !== undefined && { webhookClientCertificate }),
    ...(webhookClientKey !== undefined && { webhookClientKey }),
  };
  const text = toKubernetesText(
    config.source.text,
    config,
    apiVersionFor(config.apiVersion, flags.targetKubernetes),
  );
  const written = writeFiles(outDir, [
    { path: 'authentication-config.yaml', text },
    ...connectionFiles(placement),
    { path: 'compiled.json', text: formatCompiledPolicy(policy) },
  ]);
  for (const [path, what] of written) process.stdout.write(`${what} ${join(outDir, path)}\n`);
}

/** v1 is the only version that came later; the fields of all three are the same. */
function apiVersionFor(apiVersion: string, target: string | undefined): string {
  const since = API_VERSIONS[apiVersion];
  const isLater = target !== undefined && since !== undefined && isBefore(parseTarget(target), since);
  return isLater ? 'apiserver.config.k8s.io/v1beta1' : apiVersion;
}

function loadPolicy(
  flags: CompileFlags,
  bytes: Buffer,
): { readonly config: Config; readonly authenticator: Authenticator } {
  const { root, certificateAuthorityFile } = flags;
  const decoded = decodeText(bytes);
  if (!decoded.ok) throw new Failure(`--config: ${flags.config}: ${decoded.error}`, 1);
  const loaded = loadConfig(decoded.text);
  if (loaded.kind === 'invalid') throw invalid(flags.config, loaded.issues);
  const readFile = (path: string): Buffer => {
    const actual = root === undefined || path === certificateAuthorityFile ? path : join(root, path);
    if (!statSync(actual).isFile()) throw new Error(`${actual} is not a regular file`);
    return readFileSync(actual);
  };
  const compiled = compile(loaded.config, {
    readFile,
    ...(certificateAuthorityFile !== undefined && { certificateAuthorityFile }),
  });
  if (compiled.kind === 'invalid') throw invalid(flags.config, compiled.issues);
  const targets = flags.targetKubernetes === undefined ? [] : [parseTarget(flags.targetKubernetes)];
  const refusals = findRefusals(flags, {
    readFile,
    targets,
    config: loaded.config,
    authenticator: compiled.authenticator,
  });
  if (refusals.length > 0) throw invalid(flags.config, refusals);
  for (const { line, column, message } of [...loaded.warnings, ...compiled.warnings]) {
    process.stderr.write(`${flags.config}:${line}:${column}: warning: ${message}\n`);
  }
  return { config: loaded.config, authenticator: compiled.authenticator };
}

interface Compilation {
  readonly readFile: (path: string) => Buffer;
  readonly targets: readonly KubernetesVersion[];
  readonly config: Config;
  readonly authenticator: Authenticator;
}

/** What makes the files useless or dangerous: anchors that kube-apiserver trusts itself, and what the target would not load. */
function findRefusals(
  flags: CompileFlags,
  { readFile, targets, config, authenticator }: Compilation,
): readonly Issue[] {
  const { apiserverClientCaFile, requestheaderClientCaFile } = flags;
  const surroundings: Surroundings = {
    at: Date.now(),
    readFile,
    audiences: [],
    revocationFiles: [],
    targets,
    ...(apiserverClientCaFile !== undefined && {
      clientAuthorities: readApiserverBundle('--apiserver-client-ca-file', apiserverClientCaFile),
    }),
    ...(requestheaderClientCaFile !== undefined && {
      proxyAuthorities: readApiserverBundle('--requestheader-client-ca-file', requestheaderClientCaFile),
    }),
  };
  const subject = toSubject(config, authenticator, surroundings);
  const advice = [apiserverClientAuthority, apiserverProxyAuthority, targetField, targetGate, targetFunction];
  return advice.flatMap(({ id, find }) =>
    find(subject).map(({ path, message }) => ({
      id,
      path,
      severity: 'error' as const,
      message,
      ...config.source.locate(path),
    })),
  );
}

function invalid(file: string, issues: readonly Issue[]): Failure {
  const lines = issues.map(({ line, column, message }) => `${file}:${line}:${column}: ${message}`);
  return new Failure(
    [`${file} has ${issues.length} error${issues.length === 1 ? '' : 's'}`, ...lines].join('\n'),
    1,
  );
}

function readPolicy(path: string): CompiledPolicy {
  const file =
    statSync(path, { throwIfNoEntry: false })?.isDirectory() === true ? join(path, 'compiled.json') : path;
  const text = readFlagFile('--diff', file).toString('utf8');
  try {
    const policy: Partial<CompiledPolicy> | null = JSON.parse(text);
    if (Array.isArray(policy?.entries) && typeof policy.configHash === 'string')
      return policy as CompiledPolicy;
  } catch {
    // Said below.
  }
  throw new Failure(`--diff: ${file} is not a compiled.json`);
}

function printDiff(before: CompiledPolicy, after: CompiledPolicy): void {
  const changes = diffPolicies(before, after);
  process.stdout.write(
    changes.length === 0 ? 'no change in meaning\n' : changes.map((change) => `${change}\n`).join(''),
  );
}
