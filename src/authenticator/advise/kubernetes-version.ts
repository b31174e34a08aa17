/** The releases of Kubernetes that a file can be held against: those whose kube-apiserver reads one without a feature gate. */
export const KUBERNETES_VERSIONS = ['1.30', '1.31', '1.32', '1.33', '1.34', '1.35', '1.36', '1.37'] as const;

export type KubernetesVersion = (typeof KUBERNETES_VERSIONS)[number];

/** The version that a text names, with or without a `v` and a patch number. */
export function parseKubernetesVersion(text: string): KubernetesVersion | undefined {
  const minor = /^v?(1\.\d+)(?:\.\d+)?$/.exec(text)?.[1];
  return KUBERNETES_VERSIONS.find((version) => version === minor);
}

/** Whether a version is older than another. */
export function isBefore(version: KubernetesVersion, other: KubernetesVersion): boolean {
  return KUBERNETES_VERSIONS.indexOf(version) < KUBERNETES_VERSIONS.indexOf(other);
}
