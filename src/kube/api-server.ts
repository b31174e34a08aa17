import type { HttpsIdentity } from './json-request.ts';

/** An API server, and as whom to call it. */
export interface ApiServer {
  readonly url: URL;
  /** The credentials as they are now: tokens and certificates are read anew for each call, since they are rotated. */
  readonly identity: () => HttpsIdentity;
}

/** Where a service account is. */
export interface ServiceAccount {
  readonly namespace: string;
  readonly name: string;
}

export type FoundApiServer =
  | { readonly ok: true; readonly apiServer: ApiServer; readonly serviceAccount?: ServiceAccount }
  | { readonly ok: false; readonly error: string };
