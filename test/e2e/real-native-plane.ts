import { execFile } from 'node:child_process';
import { join } from 'node:path';
import type { Listed, NativeControlPlane, NativeSite, Resource } from './native-control-plane.ts';
import { CALL_MS, startApiserver } from './real-control-plane.ts';

/** Starts etcd and a kube-apiserver that accepts client certificates and asks our authorization webhook, and binds `dev` to a role. */
export async function startRealNativePlane(assets: string, site: NativeSite): Promise<NativeControlPlane> {
  const { serving, port } = site.apiserver;
  // In place of --authorization-mode, which kube-apiserver refuses beside it.
  const flags = { 'client-ca-file': site.clientCaFile, 'authorization-config': site.authorizationConfig };
  const { close } = await startApiserver(assets, { site, serving, port, flags });
  const kubectl = (kubeconfig: string, args: readonly string[]): Promise<Listed> =>
    runKubectl(join(assets, 'kubectl'), ['--kubeconfig', kubeconfig, ...args], site.directory);
  const asAdmin = async (...args: readonly string[]): Promise<void> => {
    const result = await kubectl(site.adminKubeconfig, args);
    if (result.kind === 'listed') return;
    await close();
    throw new Error(result.message);
  };
  // Nobody aggregates ClusterRoles such as `view` here.
  await asAdmin('create', 'clusterrole', 'namespace-reader', '--verb=list', '--resource=namespaces');
  await asAdmin('create', 'clusterrolebinding', 'dev', '--clusterrole=namespace-reader', '--group=dev');
  return {
    title: `kube-apiserver of ${assets}`,
    list: (kubeconfig, resource) => kubectl(kubeconfig, ['get', ...ARGUMENTS[resource]]),
    close,
  };
}

const ARGUMENTS: Readonly<Record<Resource, readonly string[]>> = {
  namespaces: ['namespaces'],
  services: ['services', '--all-namespaces'],
};

function runKubectl(program: string, args: readonly string[], directory: string): Promise<Listed> {
  const options = { env: { PATH: process.env['PATH'], HOME: directory }, timeout: CALL_MS };
  return new Promise((resolve) => {
    execFile(program, [...args, '--cache-dir', join(directory, 'cache')], options, (error, _, stderr) => {
      if (error === null) resolve({ kind: 'listed' });
      else resolve({ kind: stderr.includes('(Forbidden)') ? 'forbidden' : 'failed', message: stderr });
    });
  });
}
