import { toUserInput } from '../../cel/input.ts';
import type { UserInfo } from '../../identity/user-info.ts';
import type { NativePolicy } from '../native-policy.ts';
import { judgeRules } from '../rules.ts';
import type { Finding } from './advice.ts';

/** Users without whom a cluster stands still, as kubeadm's certificates make them. */
const WITNESSES: readonly UserInfo[] = [
  witness('system:node:node-1', ['system:nodes']),
  witness('system:kube-controller-manager', []),
  witness('system:kube-scheduler', []),
];

function witness(username: string, groups: readonly string[]): UserInfo {
  const id = `X509SHA256=${'0'.repeat(64)}`;
  const extra = new Map([['authentication.kubernetes.io/credential-id', [id]]]);
  return { username, uid: '', groups: [...groups, 'system:authenticated'], extra };
}

/** The user rules that deny who keeps the cluster running. */
export function findStoppingRules({
  userRules,
  evaluationFailurePolicy: policy,
}: NativePolicy): readonly Finding[] {
  return userRules.flatMap((rule, index) => {
    const denied = WITNESSES.filter((user) => {
      const verdict = judgeRules({ stage: 'user', rules: [rule], policy, input: toUserInput(user) });
      return verdict.refusal !== undefined;
    });
    if (denied.length === 0) return [];
    const path = `userValidationRules[${index}].expression`;
    const names = denied.map(({ username }) => username).join(', ');
    return [{ path, message: `${path}: denies ${names}, whose certificates kube-apiserver asks about too` }];
  });
}
