import { dirname } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import { parseKubeconfig } from '../kube/parse-kubeconfig.ts';
import { Failure } from './failure.ts';
import { readFlagFile } from './read-file.ts';

/** Which cluster and user: a kubeconfig and a context of it, by default its current one. */
export interface KubeConfigFlags {
  readonly kubeconfig: string;
  readonly context?: string;
}

/**
 * Reads a kubeconfig.
 *
 * @throws Failure naming the flag.
 */
export async function loadKubeConfig({ kubeconfig, context }: KubeConfigFlags): Promise<KubeConfig> {
  const parsed = parseKubeconfig(readFlagFile('--kubeconfig', kubeconfig).toString('utf8'));
  if (!parsed.ok) throw new Failure(`--kubeconfig: ${kubeconfig}: ${parsed.error}`);
  // Loaded here because it takes 0.3 s.
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  try {
    // As JSON, which its own reader need not find fault with, and quote.
    config.loadFromString(JSON.stringify(parsed.value));
    config.makePathsAbsolute(dirname(kubeconfig));
  } catch {
    throw new Failure(
      `--kubeconfig: ${kubeconfig} is no kubeconfig: its clusters, users and contexts must be lists of items with a name`,
    );
  }
  if (context === undefined) {
    if (config.getCurrentCluster() !== null) return config;
    throw new Failure(
      `--kubeconfig: ${kubeconfig} has no current-context that names a cluster: name one with --context`,
    );
  }
  if (config.getContextObject(context) === null) {
    const names = config.getContexts().map(({ name }) => name);
    throw new Failure(
      `--context: ${kubeconfig} has no context ${JSON.stringify(context)}: it has ${names.join(', ')}`,
    );
  }
  config.setCurrentContext(context);
  return config;
}

/**
 * The cluster that this pod runs in, as the pod's own service account.
 *
 * @throws Failure where this is no pod.
 */
export async function loadInClusterConfig(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<KubeConfig> {
  if (!environment['KUBERNETES_SERVICE_HOST'] || !environment['KUBERNETES_SERVICE_PORT']) {
    throw new Failure(
      '--in-cluster: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set: this is no pod of a cluster',
    );
  }
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  config.loadFromCluster();
  return config;
}
