import type { Mutant } from './mutant.ts';

const CONSTRAINED = 'names: [...addresses, ...certificate.dnsNames.map(toDnsName), ...uris, ...mailboxes]';

/** Faults of name constraints. */
export const nameMutants: readonly Mutant[] = [
  {
    name: 'name constraints are ignored',
    changes: [
      {
        file: 'x509/name-constraints.ts',
        find: 'if (authorities.length === 0) return undefined;',
        replace: 'return undefined;',
      },
    ],
  },
  {
    name: 'name constraints are held against the leaf alone',
    changes: [
      {
        file: 'x509/name-constraints.ts',
        find: 'of path.entries()) {',
        replace: 'of path.slice(0, 1).entries()) {',
      },
    ],
  },
  {
    name: 'excluded names are ignored',
    changes: [
      {
        file: 'x509/name-constraints.ts',
        find: 'const constraint = authority.excluded(name);',
        replace: 'const constraint: string | undefined = undefined;',
      },
    ],
  },
  {
    name: 'permitted names are ignored',
    changes: [
      {
        file: 'x509/name-constraints.ts',
        find: 'if (authority.permittedKinds.has(name.kind) &&',
        replace: 'if (false &&',
      },
    ],
  },
  {
    name: 'a wildcard escapes what is excluded',
    changes: [
      {
        file: 'x509/name-constraints.ts',
        find: "tree.find(domain) ?? (domain.startsWith('*') ? tree.findUnderWildcard(domain) : undefined)",
        replace: 'tree.find(domain)',
      },
    ],
  },
  {
    name: 'domains are compared with their case',
    changes: [{ file: 'x509/domain-tree.ts', find: 'toLowerAscii(name).split', replace: 'name.split' }],
  },
  {
    name: 'domains are compared without regard to where a label begins',
    changes: [
      {
        file: 'x509/domain-tree.ts',
        find: 'node = node.children.get(label);',
        replace:
          'node = node.children.get(label) ?? [...node.children].find(([end]) => label.endsWith(end))?.[1];',
      },
    ],
  },
  {
    name: 'a leading dot covers the domain itself',
    changes: [
      {
        file: 'x509/domain-tree.ts',
        find: 'node.below !== undefined && index + 1 < labels.length',
        replace: 'node.below !== undefined',
      },
    ],
  },
  {
    name: 'addresses are not constrained',
    changes: [
      {
        file: 'x509/constrained-name.ts',
        find: CONSTRAINED,
        replace: CONSTRAINED.replace('...addresses, ', ''),
      },
    ],
  },
  {
    name: 'URIs are not constrained',
    changes: [
      { file: 'x509/constrained-name.ts', find: CONSTRAINED, replace: CONSTRAINED.replace('...uris, ', '') },
    ],
  },
  {
    name: 'email addresses are not constrained',
    changes: [
      {
        file: 'x509/constrained-name.ts',
        find: CONSTRAINED,
        replace: CONSTRAINED.replace(', ...mailboxes', ''),
      },
    ],
  },
  {
    name: 'a URI without a host is constrained like another',
    changes: [{ file: 'x509/constrained-name.ts', find: "if (host === '') {", replace: 'if (false) {' }],
  },
  {
    name: 'a URI of an address is constrained like another',
    changes: [
      {
        file: 'x509/constrained-name.ts',
        find: "if (isIpAddress(domain) || host.endsWith(']')) {",
        replace: 'if (false) {',
      },
    ],
  },
  {
    name: 'a DNS name that is none is constrained like another',
    changes: [
      {
        file: 'x509/constrained-name.ts',
        find: 'if (!isDomainName(domain)) throw',
        replace: 'if (false) throw',
      },
    ],
  },
  {
    name: 'critical constraints of an unknown kind are taken for understood',
    changes: [
      {
        file: 'x509/certificate-extensions.ts',
        find: 'return !fields.nameConstraints.hasUnsupported;',
        replace: 'return true;',
      },
    ],
  },
  {
    name: 'a netmask with holes is accepted',
    changes: [
      {
        file: 'x509/name-constraints-extension.ts',
        find: "if (bits.includes('01')) {",
        replace: 'if (false) {',
      },
    ],
  },
  {
    name: 'an address range of any length is accepted',
    changes: [
      {
        file: 'x509/name-constraints-extension.ts',
        find: 'if (contents.length !== 8 && contents.length !== 32) {',
        replace: 'if (false) {',
      },
    ],
  },
  {
    name: 'empty constraints are accepted',
    changes: [
      {
        file: 'x509/name-constraints-extension.ts',
        find: 'if (permitted?.isEmpty() !== false && excluded?.isEmpty() !== false) {',
        replace: 'if (false) {',
      },
    ],
  },
];
