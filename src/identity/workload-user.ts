import type { Certificate } from '../x509/certificate.ts';
import { CREDENTIAL_ID, credentialId } from './kubernetes-user.ts';
import type { UserInfo } from './user-info.ts';
import { type ObjectIdentity, toUsername, type Workload } from './workload.ts';

const GROUP = 'system:serviceaccounts';

/**
 * The workload as the user that its service account's token would make (`ServiceAccountInfo.UserInfo` upstream): pod and node in
 * `extra` where the certificate names them, and the certificate's fingerprint as credential id.
 */
export function toWorkloadUser(workload: Workload, leaf: Certificate): UserInfo {
  return {
    username: toUsername(workload),
    uid: workload.serviceAccountUID ?? '',
    groups: [GROUP, `${GROUP}:${workload.namespace}`],
    extra: new Map([
      ...extraOf('pod', workload.pod),
      ...extraOf('node', workload.node),
      [CREDENTIAL_ID, [credentialId(leaf)]],
    ]),
  };
}

function extraOf(kind: 'pod' | 'node', object: ObjectIdentity | undefined): [string, string[]][] {
  if (object === undefined) return [];
  return [
    [`authentication.kubernetes.io/${kind}-name`, [object.name]],
    [`authentication.kubernetes.io/${kind}-uid`, [object.uid]],
  ];
}
