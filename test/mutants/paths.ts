import type { Mutant } from './mutant.ts';

const VALIDITY = 'const fault = findValidityFault(authority, at);';

const EXTENSIONS =
  "if (extensions.length > 0) return { code: 'path/unhandled-critical-extension', extensions };\n";
const OF_LEAF = `${EXTENSIONS}  return findValidityFault(leaf, at);`;
const OF_AUTHORITY = `${EXTENSIONS}  ${VALIDITY}`;

/**
 * Faults of path validation but for names. That a path length counts only where the certificate is a CA is no fault here: one that has
 * basic constraints and is none issues nothing. DSA signatures cannot be accepted by mistake: nothing here verifies any.
 */
export const pathMutants: readonly Mutant[] = [
  {
    name: 'an issuer need not have keyCertSign',
    changes: [
      {
        file: 'x509/issuance.ts',
        find: 'return isAuthority && (keyUsage === 0 || (keyUsage & KeyUsageBit.keyCertSign) !== 0);',
        replace: 'return isAuthority;',
      },
    ],
  },
  {
    name: 'an issuer of version 3 needs no basic constraints',
    changes: [
      {
        file: 'x509/issuance.ts',
        find: 'basicConstraints?.isCA ?? version < 3',
        replace: 'basicConstraints?.isCA ?? true',
      },
    ],
  },
  {
    name: 'an intermediate need not say that it is a CA',
    changes: [
      {
        file: 'x509/certificate-fault.ts',
        find: "role === 'anchor' || basicConstraints?.isCA === true",
        replace: 'true',
      },
    ],
  },
  {
    name: 'nobody need be a CA',
    changes: [
      { file: 'x509/issuance.ts', find: 'basicConstraints?.isCA ?? version < 3', replace: 'true' },
      {
        file: 'x509/certificate-fault.ts',
        find: "role === 'anchor' || basicConstraints?.isCA === true",
        replace: 'true',
      },
    ],
  },
  {
    name: 'path lengths are ignored',
    changes: [{ file: 'x509/certificate-fault.ts', find: 'intermediates > maxPathLength', replace: 'false' }],
  },
  {
    name: 'path lengths are off by one',
    changes: [
      {
        file: 'x509/certificate-fault.ts',
        find: 'intermediates > maxPathLength',
        replace: 'intermediates > maxPathLength + 1',
      },
    ],
  },
  {
    name: "the anchor's path length is ignored",
    changes: [
      {
        file: 'x509/certificate-fault.ts',
        find: 'intermediates > maxPathLength',
        replace: "role !== 'anchor' && intermediates > maxPathLength",
      },
    ],
  },
  {
    name: 'self-issued certificates do not count for path lengths',
    changes: [
      {
        file: 'x509/path-search.ts',
        find: 'intermediates: path.length - 1',
        replace:
          'intermediates: path.slice(1).filter(({ issuer, subject }) => !issuer.der.equals(subject.der)).length',
      },
    ],
  },
  {
    name: 'validity is not checked',
    changes: [
      { file: 'x509/certificate-fault.ts', find: 'if (at < notBefore) return', replace: 'if (false) return' },
      { file: 'x509/certificate-fault.ts', find: 'if (at > notAfter) return', replace: 'if (false) return' },
    ],
  },
  {
    name: 'notAfter is exclusive',
    changes: [
      {
        file: 'x509/certificate-fault.ts',
        find: 'if (at > notAfter) return',
        replace: 'if (at >= notAfter) return',
      },
    ],
  },
  {
    name: "the anchor's validity is not checked",
    changes: [
      {
        file: 'x509/certificate-fault.ts',
        find: VALIDITY,
        replace: "const fault = role === 'anchor' ? undefined : findValidityFault(authority, at);",
      },
    ],
  },
  {
    name: 'the instant is cut to whole seconds',
    changes: [
      {
        file: 'x509/certificate-fault.ts',
        find: 'const { notBefore, notAfter } = certificate;',
        replace: 'const { notBefore, notAfter } = certificate; at = Math.floor(at / 1000) * 1000;',
      },
    ],
  },
  {
    name: 'unknown critical extensions are ignored',
    changes: [
      { file: 'x509/certificate-fault.ts', find: OF_LEAF, replace: 'return findValidityFault(leaf, at);' },
      { file: 'x509/certificate-fault.ts', find: OF_AUTHORITY, replace: VALIDITY },
    ],
  },
  {
    name: 'unknown critical extensions of the anchor are ignored',
    changes: [
      {
        file: 'x509/certificate-fault.ts',
        find: OF_AUTHORITY,
        replace: OF_AUTHORITY.replace('if (', "if (role !== 'anchor' && "),
      },
    ],
  },
  {
    name: 'unknown critical extensions count on the leaf alone',
    changes: [{ file: 'x509/certificate-fault.ts', find: OF_AUTHORITY, replace: VALIDITY }],
  },
  {
    name: 'unknown critical extensions count on authorities alone',
    changes: [
      { file: 'x509/certificate-fault.ts', find: OF_LEAF, replace: 'return findValidityFault(leaf, at);' },
    ],
  },
  {
    name: 'extended key usages count on the leaf alone',
    changes: [
      {
        file: 'x509/extended-key-usage.ts',
        find: 'return path.every(',
        replace: 'return path.slice(0, 1).every(',
      },
    ],
  },
  {
    name: 'extended key usages are not checked',
    changes: [
      { file: 'x509/extended-key-usage.ts', find: 'extKeyUsages.length === 0 ||', replace: 'true ||' },
    ],
  },
  {
    name: 'anyExtendedKeyUsage is not honoured',
    changes: [
      {
        file: 'x509/extended-key-usage.ts',
        find: 'extKeyUsages.includes(ExtendedKeyUsage.any)',
        replace: 'false',
      },
    ],
  },
  {
    name: 'a certificate without extended key usages is refused',
    changes: [
      { file: 'x509/extended-key-usage.ts', find: 'extKeyUsages.length === 0 ||', replace: 'false ||' },
    ],
  },
  {
    name: 'names are compared as they read',
    changes: [
      {
        file: 'x509/certificate-pool.ts',
        find: "certificate.subject.der.toString('latin1')",
        replace: 'JSON.stringify(certificate.subject.attributes)',
      },
      {
        file: 'x509/certificate-pool.ts',
        find: "child.issuer.der.toString('latin1')",
        replace: 'JSON.stringify(child.issuer.attributes)',
      },
    ],
  },
  {
    name: 'RSA signatures with SHA-1 are accepted',
    changes: [
      {
        file: 'x509/signature-algorithm.ts',
        find: "['1.2.840.113549.1.1.5', { kind: 'insecure', name: 'SHA1-RSA' }]",
        replace: "['1.2.840.113549.1.1.5', { kind: 'rsa', hash: 'sha1' as 'sha256' }]",
      },
    ],
  },
  {
    name: 'ECDSA signatures with SHA-1 are accepted',
    changes: [
      {
        file: 'x509/signature-algorithm.ts',
        find: "{ kind: 'insecure', name: 'ECDSA-SHA1' }",
        replace: "{ kind: 'ecdsa', hash: 'sha1' as 'sha256' }",
      },
    ],
  },
  {
    name: 'RSA keys of less than 1024 bits are accepted',
    changes: [{ file: 'x509/rsa-key.ts', find: 'if (key.bits < MIN_BITS) {', replace: 'if (false) {' }],
  },
  {
    name: 'signatures are not verified',
    changes: [
      {
        file: 'x509/signature.ts',
        find: 'return isGenuine(signed, algorithm, key.keyObject()) ?',
        replace: 'return true ?',
      },
    ],
  },
  {
    name: 'signature checks are not bounded',
    changes: [
      { file: 'x509/path-search.ts', find: 'if (search.remainingChecks === 0) {', replace: 'if (false) {' },
    ],
  },
  {
    name: 'a certificate may come twice in a path',
    changes: [{ file: 'x509/path-search.ts', find: '!isInPath(candidate, path)', replace: 'true' }],
  },
  {
    name: 'policies are not validated',
    changes: [{ file: 'x509/path.ts', find: '!arePoliciesValid(candidate)', replace: 'false' }],
  },
  {
    name: 'only the first path is tried',
    changes: [
      {
        file: 'x509/path.ts',
        find: 'for (const candidate of candidates) {',
        replace: 'for (const candidate of candidates.slice(0, 1)) {',
      },
    ],
  },
  {
    name: 'only the first candidate is tried',
    changes: [
      {
        file: 'x509/path-search.ts',
        find: 'of pool.candidateIssuers(child)) {',
        replace: 'of pool.candidateIssuers(child).slice(0, 1)) {',
      },
    ],
  },
  {
    name: 'candidates of another key identifier are left out',
    changes: [
      {
        file: 'x509/certificate-pool.ts',
        find: 'return candidates.toSorted(',
        replace: 'return candidates.filter((candidate) => rank(candidate) < 2).toSorted(',
      },
    ],
  },
  {
    name: 'a single candidate of another key identifier is left out',
    changes: [
      {
        file: 'x509/certificate-pool.ts',
        find: 'sameName.length < 2 ? sameName :',
        replace:
          'sameName.length < 2 ? sameName.filter(({ subjectKeyId: id }) => [id, child.authorityKeyId].some(({ length }) => length === 0) || id.equals(child.authorityKeyId)) :',
      },
    ],
  },
  {
    name: 'a leaf that is an anchor is not accepted',
    changes: [
      { file: 'x509/path.ts', find: 'if (anchors.pool.has(leaf)) return', replace: 'if (false) return' },
    ],
  },
  {
    name: 'an anchor must be self-issued',
    changes: [
      {
        file: 'x509/path-search.ts',
        find: "else if (role === 'anchor') search.paths.push(extended);",
        replace:
          "else if (role === 'anchor') candidate.issuer.der.equals(candidate.subject.der) && search.paths.push(extended);",
      },
    ],
  },
  {
    name: 'a remembered path outlives its anchors',
    changes: [
      {
        file: 'x509/remembered-verdict.ts',
        find: 'generation === requirements.anchors.generation &&',
        replace: '',
      },
    ],
  },
  {
    name: 'a remembered path outlives its certificates',
    changes: [{ file: 'x509/remembered-verdict.ts', find: 'at <= until &&', replace: '' }],
  },
  {
    name: 'a remembered path handles whatever extension it was asked to handle once',
    changes: [
      {
        file: 'x509/remembered-verdict.ts',
        find: 'isSameSet(handledExtensions, requirements.handledExtensions) &&',
        replace: '',
      },
    ],
  },
  {
    name: 'a remembered path cost what it costs elsewhere',
    changes: [
      {
        file: 'x509/remembered-verdict.ts',
        find: 'maxSignatureChecks === requirements.maxSignatureChecks &&',
        replace: '',
      },
    ],
  },
];
