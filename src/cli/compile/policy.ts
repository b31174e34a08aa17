import { join } from 'node:path';
import {
  apiserverClientAuthority,
  apiserverProxyAuthority,
} from '../../authenticator/advise/apiserver-anchors.ts';
import type { KubernetesVersion } from '../../authenticator/advise/kubernetes-version.ts';
import { type Surroundings, toSubject } from '../../authenticator/advise/subject.ts';
import { targetField, targetFunction, targetGate } from '../../authenticator/advise/target.ts';
import type { Authenticator } from '../../authenticator/authenticator.ts';
import { compile } from '../../authenticator/compile.ts';
import { decodeText } from '../../config/decode-text.ts';
import { loadConfig } from '../../config/decode.ts';
import type { Issue } from '../../config/issue.ts';
import type { Config } from '../../config/types.ts';
import { describeErrors } from '../../server/issue-text.ts';
import { readRegularFile } from '../../server/read-regular-file.ts';
import { readApiserverBundle } from '../apiserver-bundle.ts';
import { Failure } from '../failure.ts';
import { readFlagFile } from '../read-file.ts';
import { checkRoot } from '../root-folder.ts';

/** The flags that say what is compiled, and beside what. */
export interface PolicyFlags {
  readonly config: string;
  readonly certificateAuthorityFile?: string;
  readonly apiserverClientCaFile?: string;
  readonly requestheaderClientCaFile?: string;
  readonly root?: string;
}

/** A configuration that compiles, and the bytes that it was read from. */
export interface LoadedPolicy {
  readonly bytes: Buffer;
  readonly config: Config;
  readonly authenticator: Authenticator;
  readonly warnings: readonly Issue[];
}

/**
 * Compiles what `--config` names, at an instant, for a version of Kubernetes.
 *
 * @throws Failure for what the server would refuse, for anchors that kube-apiserver trusts itself, and for what the version would not load.
 */
export function loadPolicy(
  flags: PolicyFlags,
  { at, target }: { readonly at: number; readonly target: KubernetesVersion | undefined },
): LoadedPolicy {
  const bytes = readFlagFile('--config', flags.config);
  const decoded = decodeText(bytes);
  if (!decoded.ok) throw new Failure(`--config: ${flags.config}: ${decoded.error}`, 1);
  const loaded = loadConfig(decoded.text);
  if (loaded.kind === 'invalid') throw invalid(flags.config, loaded.issues);
  const { config } = loaded;
  const surroundings = toSurroundings(flags, { at, target });
  const compiled = compile(config, surroundings);
  if (compiled.kind === 'invalid') throw invalid(flags.config, compiled.issues);
  const { authenticator } = compiled;
  const refusals = findRefusals(config, authenticator, surroundings);
  if (refusals.length > 0) throw invalid(flags.config, refusals);
  return { bytes, config, authenticator, warnings: [...loaded.warnings, ...compiled.warnings] };
}

function toSurroundings(
  flags: PolicyFlags,
  { at, target }: { readonly at: number; readonly target: KubernetesVersion | undefined },
): Surroundings {
  const { certificateAuthorityFile, apiserverClientCaFile, requestheaderClientCaFile } = flags;
  const root = checkRoot(flags.root);
  return {
    at,
    readFile: (path) =>
      readRegularFile(root === undefined || path === certificateAuthorityFile ? path : join(root, path)),
    audiences: [],
    revocationFiles: [],
    targets: target === undefined ? [] : [target],
    ...(certificateAuthorityFile !== undefined && { certificateAuthorityFile }),
    ...(apiserverClientCaFile !== undefined && {
      clientAuthorities: readApiserverBundle('--apiserver-client-ca-file', apiserverClientCaFile),
    }),
    ...(requestheaderClientCaFile !== undefined && {
      proxyAuthorities: readApiserverBundle('--requestheader-client-ca-file', requestheaderClientCaFile),
    }),
  };
}

/** What makes the files useless or dangerous. */
function findRefusals(
  config: Config,
  authenticator: Authenticator,
  surroundings: Surroundings,
): readonly Issue[] {
  const subject = toSubject(config, authenticator, surroundings);
  const advice = [apiserverClientAuthority, apiserverProxyAuthority, targetField, targetGate, targetFunction];
  return advice.flatMap(({ id, find }) =>
    find(subject).map(({ path, message }) => {
      return { id, path, severity: 'error' as const, message, ...config.source.locate(path) };
    }),
  );
}

function invalid(file: string, issues: readonly Issue[]): Failure {
  return new Failure(describeErrors(file, issues), 1);
}
