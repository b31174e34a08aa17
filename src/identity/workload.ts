import { isNamespaceName, isObjectName, isObjectUid } from './object-name.ts';
import type { MappingRefusal, MappingRefusalCode } from './mapping-refusal.ts';

/** A Kubernetes object, by its name and by the UID that tells it from earlier ones of that name. */
export interface ObjectIdentity {
  readonly name: string;
  readonly uid: string;
}

/** Who a workload's certificate is for: a service account, and what else of where it runs the profile can say. */
export interface Workload {
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly namespaceUID?: string;
  readonly serviceAccountUID?: string;
  readonly pod?: ObjectIdentity;
  readonly node?: ObjectIdentity;
}

/** A workload, or why there is none. */
export type WorkloadResult =
  | { readonly ok: true; readonly workload: Workload }
  | { readonly ok: false; readonly refusal: MappingRefusal };

const USERNAME_PREFIX = 'system:serviceaccount:';

/** The workload's name as a Kubernetes user. */
export function toUsername({ namespace, serviceAccount }: Workload): string {
  return `${USERNAME_PREFIX}${namespace}:${serviceAccount}`;
}

/** Whether a text claims to be a service account's name, well formed or not. */
export function isServiceAccountClaim(text: string): boolean {
  return text.startsWith(USERNAME_PREFIX);
}

/** The namespace and the service account of a username: two parts after the prefix, neither looked at. */
export function splitUsername(username: string): Workload | undefined {
  if (!isServiceAccountClaim(username)) return undefined;
  const [namespace, serviceAccount, ...rest] = username.slice(USERNAME_PREFIX.length).split(':');
  if (namespace === undefined || serviceAccount === undefined || rest.length > 0) return undefined;
  return { namespace, serviceAccount };
}

/** The workload, if Kubernetes could have objects of these names and UIDs. */
export function checkWorkload(workload: Workload): WorkloadResult {
  const { namespace, serviceAccount, namespaceUID, serviceAccountUID, pod, node } = workload;
  const refusal =
    findNamespaceFault(namespace) ??
    findNameFault('mapping/service-account', serviceAccount) ??
    findNameFault('mapping/pod', pod?.name) ??
    findNameFault('mapping/node', node?.name) ??
    findUidFault([namespaceUID, serviceAccountUID, pod?.uid, node?.uid]);
  return refusal === undefined ? { ok: true, workload } : { ok: false, refusal };
}

function findNamespaceFault(name: string): MappingRefusal | undefined {
  return isNamespaceName(name) ? undefined : { code: 'mapping/namespace', value: name };
}

function findNameFault(code: MappingRefusalCode, name: string | undefined): MappingRefusal | undefined {
  return name === undefined || isObjectName(name) ? undefined : { code, value: name };
}

function findUidFault(uids: readonly (string | undefined)[]): MappingRefusal | undefined {
  const value = uids.find((uid) => uid !== undefined && !isObjectUid(uid));
  return value === undefined ? undefined : { code: 'mapping/uid', value };
}
