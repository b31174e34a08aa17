import type { UserInfo } from '../../identity/user-info.ts';
import type { Entry } from '../authenticator.ts';
import type { Advice, Finding } from './advice.ts';
import type { Subject } from './subject.ts';
import { type Claim, findWitness, isClaimed, type WitnessSearch } from './witness-search.ts';

const MASTERS: Claim = { kind: 'group', name: 'system:masters' };

/** Kubernetes' own names and groups that mean the most, and one that means nothing yet. */
const SYSTEM_CLAIMS: readonly Claim[] = [
  { kind: 'username', name: 'system:kube-controller-manager' },
  { kind: 'username', name: 'system:node:node-1' },
  { kind: 'username', name: 'system:serviceaccount:kube-system:default' },
  { kind: 'username', name: 'system:kube-scheduler' },
  { kind: 'username', name: 'system:apiserver' },
  { kind: 'username', name: 'system:admin' },
  { kind: 'group', name: 'system:nodes' },
  { kind: 'group', name: 'system:serviceaccounts' },
  { kind: 'group', name: 'system:authenticated' },
  { kind: 'group', name: 'system:monitoring' },
  { kind: 'group', name: 'system:example' },
];

/** An entry whose authority can make a cluster administrator. */
export const systemMasters: Advice = {
  id: 'identity/system-masters',
  severity: 'error',
  title: 'a certificate authority can assert system:masters',
  explanation:
    'Whoever can have the certificate authority of the entry sign for him can be a member of system:masters, to whom everything is allowed and from whom RBAC cannot take anything. Add a user rule such as `user.groups.all(g, !g.startsWith("system:"))`. The finding is a witness: a user whom the rules of the entry were evaluated on, and who passed them all.',
  find: (subject) =>
    searchesOf(subject).flatMap((search) => {
      const { entry } = search;
      const user = findWitness(search, MASTERS);
      if (user === undefined) return [];
      const message = `x509[${entry.index}]: its certificate authority can assert system:masters: the rules let ${describe(user)} pass`;
      return [toFinding(entry, message)];
    }),
};

/** An entry whose authority can take one of Kubernetes' own names. */
export const systemName: Advice = {
  id: 'identity/system-name',
  severity: 'warning',
  title: 'a certificate authority can assert a system: name',
  explanation:
    'Names and groups that begin with system: are those of Kubernetes itself: nodes, controllers, service accounts. An authority for people has no business with them; one for nodes or controllers should be kept to exactly those. Add user rules such as `!user.username.startsWith("system:")` and `user.groups.all(g, !g.startsWith("system:"))`, or say in a suppression why this authority may. Entries with a workload profile are not looked at: service accounts are what they are for. The finding is a witness: a user whom the rules of the entry were evaluated on, and who passed them all.',
  find: findSystemNames,
};

function searchesOf({ authenticator, texts, surroundings: { at } }: Subject): readonly WitnessSearch[] {
  return authenticator.entries.flatMap((entry) => {
    const own = texts.get(entry);
    return own === undefined ? [] : [{ entry, texts: own, at }];
  });
}

function findSystemNames(subject: Subject): readonly Finding[] {
  return searchesOf(subject).flatMap((search) => {
    const { entry } = search;
    // Who can be anything has been told so already.
    if (findWitness(search, MASTERS) !== undefined) return [];
    for (const claim of [...SYSTEM_CLAIMS, ...ownClaims(search)]) {
      const user = findWitness(search, claim);
      if (user === undefined || !isClaimed(claim, user)) continue;
      const what = claim.kind === 'group' ? `the group ${claim.name}` : `the name ${claim.name}`;
      const message = `x509[${entry.index}]: its certificate authority can assert ${what}: the rules let ${describe(user)} pass`;
      return [toFinding(entry, message)];
    }
    return [];
  });
}

/** Names that the entry's own rules speak of. */
function ownClaims({ texts }: WitnessSearch): readonly Claim[] {
  const names = texts.literals.filter((text) => text.startsWith('system:'));
  return names.flatMap((name) => [
    { kind: 'username', name } as const,
    { kind: 'username', name: `${name}x` } as const,
    { kind: 'group', name } as const,
    { kind: 'group', name: `${name}x` } as const,
  ]);
}

function describe({ username, groups }: UserInfo): string {
  return `${JSON.stringify(username)} with the groups ${JSON.stringify(groups)}`;
}

function toFinding({ index }: Entry, message: string): Finding {
  return { path: `x509[${index}]`, message };
}
