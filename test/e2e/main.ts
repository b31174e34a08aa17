import { runFlow } from './flow.ts';
import { runNativeFlow } from './native-flow.ts';
import { findAssets, minorVersionOf, startRealControlPlane } from './real-control-plane.ts';
import { startRealNativePlane } from './real-native-plane.ts';
import { startRecordedControlPlane } from './recorded-control-plane.ts';
import { startRecordedNativePlane } from './recorded-native-plane.ts';

/*
 * `npm run e2e`: the way of a login from kubectl to kube-apiserver's audit log, and the end of a native certificate. KUBEBUILDER_ASSETS names a directory with etcd,
 * kube-apiserver and kubectl, as `setup-envtest use -p path` prints it.
 */

const tell = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const assets = findAssets(process.env['KUBEBUILDER_ASSETS']);
if (assets === undefined) {
  tell('KUBEBUILDER_ASSETS is not set: skipped against a real kube-apiserver');
  await runFlow(startRecordedControlPlane, tell);
  await runNativeFlow(startRecordedNativePlane, tell);
} else {
  await runFlow((site) => startRealControlPlane(assets, site), tell);
  // Earlier ones give a user of a client certificate no credential id.
  if (minorVersionOf(assets) >= 32) await runNativeFlow((site) => startRealNativePlane(assets, site), tell);
  else tell('kube-apiserver before 1.32 tells no webhook which certificate a user came with: skipped');
}
