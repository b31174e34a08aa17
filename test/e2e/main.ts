import { runFlow } from './flow.ts';
import { findAssets, startRealControlPlane } from './real-control-plane.ts';
import { startRecordedControlPlane } from './recorded-control-plane.ts';

/*
 * `npm run e2e`: the way of a login from kubectl to kube-apiserver's audit log. KUBEBUILDER_ASSETS names a directory with etcd, kube-apiserver and
 * kubectl, as `setup-envtest use -p path` prints it.
 */

const tell = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const assets = findAssets(process.env['KUBEBUILDER_ASSETS']);
if (assets === undefined) {
  tell('KUBEBUILDER_ASSETS is not set: skipped against a real kube-apiserver');
  await runFlow(startRecordedControlPlane, tell);
} else {
  await runFlow((site) => startRealControlPlane(assets, site), tell);
}
