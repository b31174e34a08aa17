import type { Mutant } from './mutant.ts';

/** Faults of CRLs and of revocation. */
export const revocationMutants: readonly Mutant[] = [
  {
    name: 'the signature of a CRL is not verified',
    changes: [
      {
        file: 'x509/crl.ts',
        find: 'verifySignature(signed, publicKey)',
        replace: '({ ...verifySignature(signed, publicKey), ok: true }) as SignatureVerdict',
      },
    ],
  },
  {
    name: 'the issuer of a CRL need not have cRLSign',
    changes: [
      {
        file: 'x509/crl.ts',
        find: 'isCA && (keyUsage === 0 || (keyUsage & KeyUsageBit.crlSign) !== 0)',
        replace: 'isCA',
      },
    ],
  },
  {
    name: 'the issuer of a CRL need not be a CA',
    changes: [{ file: 'x509/crl.ts', find: 'basicConstraints?.isCA ?? version < 3', replace: 'true' }],
  },
  {
    name: 'the two signature algorithms of a CRL may differ',
    changes: [
      { file: 'x509/crl.ts', find: '.equals(algorithm)) {', replace: '.equals(algorithm) && false) {' },
    ],
  },
  {
    name: 'a CRL needs no nextUpdate',
    changes: [
      {
        file: 'x509/crl.ts',
        find: 'if (!isTimeNext(fields)) {',
        replace:
          'if (!isTimeNext(fields)) return { issuer, thisUpdate, nextUpdate: Infinity, entries: Buffer.alloc(0) };\n  if (false) {',
      },
    ],
  },
  {
    name: 'a CRL may be older than the one that it replaces',
    changes: [
      {
        file: 'x509/crl.ts',
        find: 'if (ages.length > 0 && !ages.includes(undefined)) return ages[0];',
        replace: '',
      },
    ],
  },
  {
    name: 'a delta CRL is taken for a complete one',
    changes: [
      {
        file: 'x509/crl-extensions.ts',
        find: "throw new MalformedError('it is a delta CRL (RFC 5280 §5.2.4): give the complete CRL');",
        replace: 'return;',
      },
    ],
  },
  {
    name: 'an indirect or partial CRL is taken for a complete one',
    changes: [
      {
        file: 'x509/crl-extensions.ts',
        find: 'throw new MalformedError(describeDistributionPoint(value));',
        replace: 'return;',
      },
    ],
  },
  {
    name: 'unknown critical extensions of a CRL are ignored',
    changes: [
      {
        file: 'x509/crl-extensions.ts',
        find: 'if (critical && !harmlessExtensions.has(id)) {',
        replace: 'if (false) {',
      },
    ],
  },
  {
    name: 'unknown critical extensions of an entry are ignored',
    changes: [
      {
        file: 'x509/revoked-serials.ts',
        find: 'critical && !harmlessEntryExtensions.has(id)',
        replace: 'false',
      },
    ],
  },
  {
    name: 'an entry about a certificate of another issuer is taken for one of this issuer',
    changes: [
      {
        file: 'x509/revoked-serials.ts',
        find: 'id === EntryExtensionId.certificateIssuer',
        replace: 'false',
      },
    ],
  },
  {
    name: 'removeFromCRL revokes',
    changes: [
      { file: 'x509/revoked-serials.ts', find: 'if (reason === REMOVE_FROM_CRL) continue;', replace: '' },
    ],
  },
  {
    name: 'serial numbers are compared by their hash',
    changes: [
      {
        file: 'x509/serial-table.ts',
        find: 'if (der[offset + index - start] !== bytes[index]) return false;',
        replace: '',
      },
    ],
  },
  {
    name: 'an issuer is known by its name alone',
    changes: [
      {
        file: 'x509/path-trace.ts',
        find: 'Buffer.concat([subject.der, publicKey.spki])',
        replace: 'subject.der',
      },
    ],
  },
  {
    name: 'only the leaf is looked up',
    changes: [
      {
        file: 'x509/revocation.ts',
        find: 'of path.entries()) {',
        replace: 'of path.slice(0, 1).entries()) {',
      },
    ],
  },
  {
    name: 'the anchor is looked up',
    changes: [{ file: 'x509/path-trace.ts', find: 'issuer === undefined && index > 0', replace: 'false' }],
  },
  {
    name: 'a CRL never gets stale',
    changes: [
      {
        file: 'x509/revocation.ts',
        find: 'return thisUpdate <= at && at <= nextUpdate;',
        replace: 'return thisUpdate <= at;',
      },
    ],
  },
  {
    name: 'a CRL is in force before its time',
    changes: [
      {
        file: 'x509/revocation.ts',
        find: 'return thisUpdate <= at && at <= nextUpdate;',
        replace: 'return at <= nextUpdate;',
      },
    ],
  },
  {
    name: 'a stale CRL is as good as another where that is not allowed',
    changes: [{ file: 'x509/revocation.ts', find: "terms.onStale === 'Allow'", replace: 'true' }],
  },
  {
    name: 'revoked keys are not looked up',
    changes: [{ file: 'x509/revocation.ts', find: ' ?? revocations.publicKeys.get(publicKey)', replace: '' }],
  },
];
