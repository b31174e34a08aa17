import type { Mutant } from './mutant.ts';

/** Faults of parsing. */
export const parsingMutants: readonly Mutant[] = [
  {
    name: 'a length that is not the shortest is accepted',
    changes: [{ file: 'x509/der.ts', find: 'if (!isShortest) throw', replace: 'if (false) throw' }],
  },
  {
    name: 'an INTEGER with padding is accepted',
    changes: [{ file: 'x509/der.ts', find: 'if (isPadded) throw', replace: 'if (false) throw' }],
  },
  {
    name: 'a BOOLEAN that is neither 0 nor 255 is accepted',
    changes: [{ file: 'x509/der.ts', find: '(value !== 0 && value !== 0xff)', replace: 'false' }],
  },
  {
    name: 'data after the certificate is accepted',
    changes: [
      { file: 'x509/parse-certificate.ts', find: 'if (!input.isEmpty()) throw', replace: 'if (false) throw' },
    ],
  },
  {
    name: 'a version that does not exist is accepted',
    changes: [
      {
        file: 'x509/parse-certificate.ts',
        find: "throw new MalformedError('x509: invalid version')",
        replace: 'return 3',
      },
    ],
  },
  {
    name: 'a certificate of version 1 has extensions',
    changes: [{ file: 'x509/parse-certificate.ts', find: 'if (version === 1) return [];', replace: '' }],
  },
  {
    name: 'a certificate of version 2 has extensions',
    changes: [{ file: 'x509/parse-certificate.ts', find: 'if (version === 2) return [];', replace: '' }],
  },
  {
    name: 'a negative serial number is accepted',
    changes: [
      {
        file: 'x509/parse-certificate.ts',
        find: 'if (serialNumber < 0n) throw',
        replace: 'if (false) throw',
      },
    ],
  },
  {
    name: 'inner and outer signature algorithm may differ',
    changes: [
      { file: 'x509/parse-certificate.ts', find: 'if (!inner.equals(repeated)) {', replace: 'if (false) {' },
    ],
  },
  {
    name: 'the same extension may come twice',
    changes: [{ file: 'x509/extension.ts', find: 'if (seen.has(extension.id)) {', replace: 'if (false) {' }],
  },
  {
    name: 'a critical authority key identifier is accepted',
    changes: [
      {
        file: 'x509/key-identifier.ts',
        find: "if (extension.critical) {\n    throw new MalformedError('x509: authority",
        replace: "if (false) {\n    throw new MalformedError('x509: authority",
      },
    ],
  },
  {
    name: 'a critical subject key identifier is accepted',
    changes: [
      {
        file: 'x509/key-identifier.ts',
        find: "if (extension.critical) {\n    throw new MalformedError('x509: subject",
        replace: "if (false) {\n    throw new MalformedError('x509: subject",
      },
    ],
  },
  {
    name: 'critical authority information is accepted',
    changes: [
      {
        file: 'x509/unused-extension.ts',
        find: 'if (extension.critical) throw',
        replace: 'if (false) throw',
      },
    ],
  },
  {
    name: 'authority information is not read',
    changes: [
      { file: 'x509/unused-extension.ts', find: 'readObjectIdentifier(description, failure);', replace: '' },
    ],
  },
  {
    name: 'an address of any length is accepted',
    changes: [
      {
        file: 'x509/subject-alternative-name.ts',
        find: 'if (contents.length !== 4 && contents.length !== 16) {',
        replace: 'if (false) {',
      },
    ],
  },
  {
    name: 'a name that is not ASCII is accepted',
    changes: [
      {
        file: 'x509/subject-alternative-name.ts',
        find: 'if (!isAscii(contents)) throw',
        replace: 'if (false) throw',
      },
    ],
  },
  {
    name: 'a URI is not parsed',
    changes: [
      {
        file: 'x509/subject-alternative-name.ts',
        find: "checkedUri(toAscii(contents, 'x509: SAN uniformResourceIdentifier is malformed'))",
        replace: "toAscii(contents, 'x509: SAN uniformResourceIdentifier is malformed')",
      },
    ],
  },
  {
    name: 'a PrintableString may hold any character',
    changes: [
      {
        file: 'x509/attribute-value.ts',
        find: 'matching(read(), PRINTABLE,',
        replace: 'matching(read(), /^/,',
      },
    ],
  },
  {
    name: 'a UTF8String need not be UTF-8',
    changes: [
      { file: 'x509/attribute-value.ts', find: 'if (!isUtf8(bytes)) throw', replace: 'if (false) throw' },
    ],
  },
  {
    name: 'surrogates are accepted in a BMPString',
    changes: [
      {
        file: 'x509/attribute-value.ts',
        find: 'if (isSurrogate || isNoncharacter) throw',
        replace: 'if (isNoncharacter) throw',
      },
    ],
  },
  {
    name: 'an RSA key needs no NULL parameters',
    changes: [
      {
        file: 'x509/parse-public-key.ts',
        find: 'if (!algorithm.parameters.equals(NULL)) throw',
        replace: 'if (false) throw',
      },
    ],
  },
  {
    name: 'other curves are accepted',
    changes: [
      {
        file: 'x509/parse-public-key.ts',
        find: "if (curve === undefined) throw new MalformedError('x509: unsupported elliptic curve');",
        replace: "if (curve === undefined) return { algorithm: 'unknown', spki };",
      },
    ],
  },
  {
    name: 'explicit curve parameters are accepted',
    changes: [
      {
        file: 'x509/parse-public-key.ts',
        find: "const id = readObjectIdentifier(new DerReader(algorithm.parameters), 'x509: invalid ECDSA parameters');",
        replace: `const parameters = new DerReader(algorithm.parameters);
  const id = parameters.isNext(Tag.sequence) ? '1.2.840.10045.3.1.7' : readObjectIdentifier(parameters, '');`,
      },
    ],
  },
  {
    name: 'a hybrid point is accepted',
    changes: [
      {
        file: 'x509/elliptic-curve.ts',
        find: 'if (octets[0] !== UNCOMPRESSED) return',
        replace: 'if (false) return',
      },
    ],
  },
  {
    name: 'a point of any length is accepted',
    changes: [
      {
        file: 'x509/elliptic-curve.ts',
        find: 'if (octets[0] !== UNCOMPRESSED) return',
        replace: 'if (octets.length === 1) return',
      },
      {
        file: 'x509/elliptic-curve.ts',
        find: 'if (octets.length !== 1 + 2 * size) return',
        replace:
          'if (octets.length !== 1 + 2 * size) return { ok: true, point: { x: octets, y: octets } }; if (false) return',
      },
    ],
  },
  {
    name: 'a point need not be on its curve',
    changes: [{ file: 'x509/elliptic-curve.ts', find: 'return isOnCurve ?', replace: 'return true ?' }],
  },
];
