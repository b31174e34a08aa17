import { createAddressSet } from './address-set.ts';
import type { Certificate } from './certificate.ts';
import { type ConstrainedName, constrainedNamesOf } from './constrained-name.ts';
import { createDomainTree, type DomainTree } from './domain-tree.ts';
import { createEmailSet } from './email-set.ts';
import { ExtensionId } from './extension.ts';
import { goQuote } from './go-text.ts';
import type { Subtrees } from './name-constraints-extension.ts';

/** Gives the constraint that covers a name. */
type Lookup = (name: ConstrainedName) => string | undefined;

/** A certificate with name constraints, and where in the path it stands. */
interface ConstrainingAuthority {
  readonly position: number;
  /** Kinds of name that have a permitted list; a name of another kind is permitted. */
  readonly permittedKinds: ReadonlySet<ConstrainedName['kind']>;
  readonly permitted: Lookup;
  readonly excluded: Lookup;
}

/**
 * Checks the SubjectAltNames of every certificate of a path against the name constraints of every one above it (RFC
 * 5280 §6.1.3 (b) and (c)), self-issued ones and the anchor included. Gives what is wrong with the first name that is
 * not allowed, in Go's words. The work is linear in the names and in the constraints.
 */
export function findForbiddenName(path: readonly Certificate[]): string | undefined {
  const authorities = path.flatMap(toConstrainingAuthority);
  if (authorities.length === 0) return undefined;
  for (const [position, certificate] of path.entries()) {
    const above = authorities.filter((authority) => authority.position > position);
    const forbidden = above.length === 0 ? undefined : findForbiddenNameOf(certificate, above);
    if (forbidden !== undefined) return forbidden;
  }
  return undefined;
}

function findForbiddenNameOf(
  certificate: Certificate,
  authorities: readonly ConstrainingAuthority[],
): string | undefined {
  if (!certificate.extensions.some(({ id }) => id === ExtensionId.subjectAlternativeName)) return undefined;
  const result = constrainedNamesOf(certificate);
  if (!result.ok) return result.error;
  for (const authority of authorities) {
    for (const name of result.names) {
      const objection = findObjection(authority, name);
      if (objection !== undefined) return objection;
    }
  }
  return undefined;
}

function findObjection(authority: ConstrainingAuthority, name: ConstrainedName): string | undefined {
  const subject = `${name.kind} ${goQuote(name.text)}`;
  if (authority.permittedKinds.has(name.kind) && authority.permitted(name) === undefined) {
    return `${subject} is not permitted by any constraint`;
  }
  const constraint = authority.excluded(name);
  return constraint === undefined ? undefined : `${subject} is excluded by constraint ${goQuote(constraint)}`;
}

function toConstrainingAuthority(
  { nameConstraints }: Certificate,
  position: number,
): readonly ConstrainingAuthority[] {
  if (nameConstraints === undefined) return [];
  const { permitted, excluded } = nameConstraints;
  const permittedKinds = new Set<ConstrainedName['kind']>();
  if (permitted.addressRanges.length > 0) permittedKinds.add('IP address');
  if (permitted.dnsDomains.length > 0) permittedKinds.add('DNS name');
  if (permitted.uriDomains.length > 0) permittedKinds.add('URI');
  if (permitted.emailAddresses.length > 0) permittedKinds.add('email address');
  return [
    {
      position,
      permittedKinds,
      permitted: createLookup(permitted, (tree, domain) => tree.find(domain)),
      excluded: createLookup(excluded, findExcluding),
    },
  ];
}

/** A wildcard is excluded where some name that it stands for is; it is permitted only where all are. */
function findExcluding(tree: DomainTree, domain: string): string | undefined {
  return tree.find(domain) ?? (domain.startsWith('*') ? tree.findUnderWildcard(domain) : undefined);
}

function createLookup(
  subtrees: Subtrees,
  findDomain: (tree: DomainTree, domain: string) => string | undefined,
): Lookup {
  const addresses = createAddressSet(subtrees.addressRanges);
  const dnsDomains = createDomainTree(subtrees.dnsDomains);
  const uriDomains = createDomainTree(subtrees.uriDomains);
  const emails = createEmailSet(subtrees.emailAddresses);
  return (name) => {
    switch (name.kind) {
      case 'IP address':
        return addresses.find(name.address);
      case 'DNS name':
        return findDomain(dnsDomains, name.domain);
      case 'URI':
        return findDomain(uriDomains, name.domain);
      case 'email address':
        return emails.find(name.mailbox) ?? findDomain(emails.domains, name.mailbox.domain);
    }
  };
}
