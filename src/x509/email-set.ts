import { toLowerAscii } from './domain-name.ts';
import { createDomainTree, type DomainTree } from './domain-tree.ts';
import { type Mailbox, parseMailbox } from './mailbox.ts';

/** Email constraints: single mailboxes, and the domains of others. */
export interface EmailSet {
  readonly domains: DomainTree;
  /** The mailbox itself as a constraint: the local part must be the same, the domain but for case. */
  find(mailbox: Mailbox): string | undefined;
}

/** Makes a set of constraints that have parsed as such: with an @ a mailbox, without one a domain. */
export function createEmailSet(constraints: readonly string[]): EmailSet {
  const mailboxes = new Set<string>();
  for (const constraint of constraints) {
    const mailbox = constraint.includes('@') ? parseMailbox(constraint) : undefined;
    if (mailbox !== undefined) mailboxes.add(toKey(mailbox));
  }
  return {
    domains: createDomainTree(constraints.filter((constraint) => !constraint.includes('@'))),
    find(mailbox) {
      const key = toKey(mailbox);
      return mailboxes.has(key) ? key : undefined;
    },
  };
}

function toKey({ local, domain }: Mailbox): string {
  return `${local}@${toLowerAscii(domain)}`;
}
