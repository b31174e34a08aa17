import {
  KUBERNETES_VERSIONS,
  type KubernetesVersion,
  parseKubernetesVersion,
} from '../authenticator/advise/kubernetes-version.ts';
import { Failure } from './failure.ts';

/**
 * The version that `--target-kubernetes` names.
 *
 * @throws Failure for one that is not known.
 */
export function parseTarget(text: string): KubernetesVersion {
  const version = parseKubernetesVersion(text);
  if (version === undefined) {
    throw new Failure(`--target-kubernetes: ${text} is none of ${KUBERNETES_VERSIONS.join(', ')}`);
  }
  return version;
}
