import type { Identity } from '../pki.ts';
import type { Site } from './control-plane.ts';

/** What `kubectl get` of a resource comes to. */
export type Listed =
  | { readonly kind: 'listed' }
  | { readonly kind: 'forbidden' | 'failed'; readonly message: string };

/** What its people may list: all of `dev` namespaces, by RBAC; nodes services, by the Node authorizer. */
export type Resource = 'namespaces' | 'services';

/** A control plane whose kube-apiserver accepts client certificates itself, and asks our authorization webhook. */
export interface NativeControlPlane {
  /** What it is, in a few words. */
  readonly title: string;
  /** `kubectl get` of a resource of all namespaces, with a kubeconfig that has a client certificate. */
  list(kubeconfig: string, resource: Resource): Promise<Listed>;
  close(): Promise<void>;
}

/** What a native control plane needs to know of the place where it runs. */
export interface NativeSite extends Pick<Site, 'directory' | 'write'> {
  /** Where kube-apiserver is to listen, and with what. */
  readonly apiserver: { readonly port: number; readonly serving: Identity };
  /** For its `--client-ca-file`. */
  readonly clientCaFile: string;
  /** The AuthorizationConfiguration that `compile` wrote. */
  readonly authorizationConfig: string;
  /** The kubeconfig of a `system:masters` certificate. */
  readonly adminKubeconfig: string;
}
