import { readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import type { FoundApiServer, ServiceAccount } from './api-server.ts';

/** Where the kubelet puts a pod's token and the cluster's authorities. */
export const SERVICE_ACCOUNT_DIRECTORY = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * The API server of the cluster that this pod runs in, called as the pod's own service account.
 * https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/
 */
export function findInClusterApiServer(
  environment: Readonly<Record<string, string | undefined>>,
  directory: string = SERVICE_ACCOUNT_DIRECTORY,
): FoundApiServer {
  const host = environment['KUBERNETES_SERVICE_HOST'];
  const port = environment['KUBERNETES_SERVICE_PORT'];
  if (!host || !port)
    return {
      ok: false,
      error: 'KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set: this is no pod of a cluster',
    };
  const read = (name: string): string => readFileSync(join(directory, name), 'utf8');
  let token: string;
  try {
    token = read('token').trim();
    read('ca.crt');
  } catch (error) {
    return {
      ok: false,
      error: `the pod has no service account token: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
  const url = new URL(`https://${isIPv6(host) ? `[${host}]` : host}:${port}`);
  const serviceAccount = subjectOf(token);
  return {
    ok: true,
    apiServer: { url, identity: () => ({ authorities: read('ca.crt'), bearer: read('token').trim() }) },
    ...(serviceAccount !== undefined && { serviceAccount }),
  };
}

/** Whose token it is, by its own word: only to be asked for by name at the API server, which knows better. */
function subjectOf(token: string): ServiceAccount | undefined {
  try {
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    const [, namespace, name] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(String(claims.sub)) ?? [];
    return namespace !== undefined && name !== undefined ? { namespace, name } : undefined;
  } catch {
    return undefined;
  }
}
