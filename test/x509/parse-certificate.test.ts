import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { limits } from '../../src/x509/limits.ts';
import { parseCertificate } from '../../src/x509/parse-certificate.ts';
import {
  bitString,
  boolean,
  element,
  explicit,
  extension,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  time,
} from './der-writer.ts';
import {
  alternativeNames,
  attributeOf,
  authorityConstraints,
  authorityKeyId,
  entity,
  extendedKeyUsage,
  issue,
  keyUsage,
  NOW,
  name,
  parsed,
  parseError,
  type RawTemplate,
  subjectKeyId,
  YEAR,
} from './raw-certificate.ts';

const root = entity('root');
const leaf = entity('leaf');
const NULL = element(0x05);

function mint(template: RawTemplate = {}): Buffer {
  return issue(leaf, root, template);
}

function withExtension(...extensions: readonly Buffer[]): Buffer {
  return mint({ extensions });
}

describe('a certificate', () => {
  it('is read with all that it says', () => {
    const der = mint({
      serialNumber: integer(0xabcden),
      extensions: [
        keyUsage(0x80),
        extendedKeyUsage('1.3.6.1.5.5.7.3.2'),
        subjectKeyId(Buffer.of(1, 2)),
        authorityKeyId(Buffer.of(3)),
        alternativeNames(
          [2, 'a.example'],
          [1, 'a@b.example'],
          [6, 'spiffe://td/x'],
          [7, Buffer.of(10, 0, 0, 1)],
        ),
      ],
    });
    expect(parsed(der)).toMatchObject({
      der,
      fingerprint: createHash('sha256').update(der).digest('hex'),
      version: 3,
      serialNumber: 0xabcden,
      notBefore: NOW - YEAR,
      notAfter: NOW + YEAR,
      publicKey: { algorithm: 'ECDSA', curve: 'P-256' },
      keyUsage: 1,
      extKeyUsages: ['1.3.6.1.5.5.7.3.2'],
      subjectKeyId: Buffer.of(1, 2),
      authorityKeyId: Buffer.of(3),
      dnsNames: ['a.example'],
      emailAddresses: ['a@b.example'],
      uris: ['spiffe://td/x'],
      ipAddresses: [Buffer.of(10, 0, 0, 1)],
      unhandledCriticalExtensions: [],
      signatureAlgorithm: { kind: 'ecdsa', hash: 'sha256' },
    });
  });

  it('keeps its own copy of the bytes', () => {
    const der = Buffer.from(mint());
    const certificate = parsed(der);
    const before = certificate.der.toString('hex');
    der.fill(0);
    expect(certificate.der.toString('hex')).toBe(before);
  });

  it.each([
    ['trailing octets', Buffer.concat([mint(), Buffer.of(0)]), 'x509: trailing data'],
    ['octets missing', mint().subarray(0, -1), 'x509: malformed certificate'],
    ['nothing', Buffer.alloc(0), 'x509: malformed certificate'],
    ['an empty sequence', sequence(), 'x509: malformed tbs certificate'],
    ['no signature', sequence(sequence(), sequence()), 'x509: malformed serial number'],
    ['a signature that is no BIT STRING', mint({ signature: octetString() }), 'x509: malformed signature'],
    ['no issuer', mint({ issuer: integer(1n) }), 'x509: malformed issuer'],
    ['no validity', mint({ validity: integer(1n) }), 'x509: malformed validity'],
    ['half a validity', mint({ validity: sequence(time(NOW)) }), 'x509: unsupported time format'],
    ['no key', mint({ spki: integer(1n) }), 'x509: malformed spki'],
  ])('is refused with %s', (_, der, error) => {
    expect(parseError(der)).toBe(error);
  });

  it('may have elements after the signature that nobody reads', () => {
    expect(parsed(mint({ afterSignature: [integer(1n)] })).version).toBe(3);
  });

  it('is refused beyond a size that none in use has', () => {
    const der = mint({ subject: name('x'.repeat(limits.certificateBytes)) });
    expect(parseError(der)).toBe('x509: certificate of more than 131072 bytes');
  });
});

describe('the version', () => {
  it.each([
    ['absent', Buffer.alloc(0), 1],
    ['0', explicit(0, integer(0n)), 1],
    ['1', explicit(0, integer(1n)), 2],
    ['2', explicit(0, integer(2n)), 3],
  ])('%s means that version', (_, version, number) => {
    expect(parsed(mint({ version })).version).toBe(number);
  });

  it.each([
    ['3', explicit(0, integer(3n)), 'x509: invalid version'],
    ['negative', explicit(0, integer(-1n)), 'x509: malformed version'],
    ['twice', explicit(0, integer(2n), integer(2n)), 'x509: malformed version'],
    ['no integer', explicit(0, NULL), 'x509: malformed version'],
  ])('is refused: %s', (_, version, error) => {
    expect(parseError(mint({ version }))).toBe(error);
  });

  it.each([
    ['1', 0n],
    ['2', 1n],
  ])('%s has no extensions, so they are not looked at', (_, number) => {
    const der = mint({ version: explicit(0, integer(number)), extensions: [integer(1n)] });
    expect(parsed(der).extensions).toEqual([]);
  });

  it('2 and 3 may have unique identifiers, which are passed over', () => {
    expect(
      parsed(mint({ afterSpki: [element(0x81, Buffer.of(0)), element(0x82, Buffer.of(0))] })).version,
    ).toBe(3);
  });
});

describe('the serial number', () => {
  it.each([
    ['zero', 0n],
    ['longer than 20 octets', 2n ** 200n],
  ])('may be %s', (_, serial) => {
    expect(parsed(mint({ serialNumber: integer(serial) })).serialNumber).toBe(serial);
  });

  it.each([
    ['negative', integer(-5n), 'x509: negative serial number'],
    ['empty', element(0x02), 'x509: malformed serial number'],
    ['padded', element(0x02, Buffer.of(0, 1)), 'x509: malformed serial number'],
    ['no integer', octetString(), 'x509: malformed serial number'],
  ])('is refused: %s', (_, serialNumber, error) => {
    expect(parseError(mint({ serialNumber }))).toBe(error);
  });
});

describe('the signature algorithm', () => {
  it('must be the same inside and outside of what is signed', () => {
    const outerAlgorithm = sequence(objectIdentifier('1.2.840.10045.4.3.3'));
    expect(parseError(mint({ outerAlgorithm }))).toBe(
      "x509: inner and outer signature algorithm identifiers don't match",
    );
  });

  it('must be the same in its parameters, too', () => {
    const outerAlgorithm = sequence(objectIdentifier('1.2.840.10045.4.3.2'), NULL);
    expect(parseError(mint({ outerAlgorithm }))).toMatch(/don't match/);
  });

  it('may be one that nobody knows: it verifies nothing', () => {
    const innerAlgorithm = sequence(objectIdentifier('1.2.3.4'));
    expect(parsed(mint({ innerAlgorithm })).signatureAlgorithm).toEqual({ kind: 'unknown' });
  });
});

describe('an extension', () => {
  it('may stand there once only', () => {
    expect(parseError(withExtension(extendedKeyUsage(), extendedKeyUsage()))).toBe(
      'x509: certificate contains duplicate extension with OID "2.5.29.37"',
    );
  });

  it.each([
    ['criticality that is no DER BOOLEAN', Buffer.of(0x01, 1, 1), 'critical'],
    ['a value that is no OCTET STRING', NULL, 'value'],
  ])('is refused with %s', (_, field, part) => {
    expect(parseError(withExtension(sequence(objectIdentifier('1.2.3'), field)))).toBe(
      `x509: malformed extension ${part} field`,
    );
  });

  it('may say that it is not critical', () => {
    const der = withExtension(sequence(objectIdentifier('1.2.3'), boolean(false), octetString()));
    expect(parsed(der).extensions).toEqual([{ id: '1.2.3', critical: false, value: Buffer.alloc(0) }]);
  });

  it.each([
    ['it is unknown', extension('1.2.3', NULL, 'critical'), ['1.2.3']],
    ['it is unknown but not critical', extension('1.2.3', NULL), []],
    [
      'it is a SAN without a name of a known kind',
      extension('2.5.29.17', sequence(element(0xa0)), 'critical'),
      ['2.5.29.17'],
    ],
    ['it is a SAN with one', extension('2.5.29.17', sequence(element(0xa0), element(0x82)), 'critical'), []],
    [
      'it constrains names of an unknown kind',
      extension('2.5.29.30', sequence(explicit(0, sequence(element(0xa4, sequence())))), 'critical'),
      ['2.5.29.30'],
    ],
    [
      'it is the Netscape one',
      extension('2.16.840.1.113730.1.1', NULL, 'critical'),
      ['2.16.840.1.113730.1.1'],
    ],
  ])('is unhandled where it is critical and %s', (_, der, unhandled) => {
    expect(parsed(withExtension(der)).unhandledCriticalExtensions).toEqual(unhandled);
  });

  it.each([
    ['2.5.29.14', octetString(), 'x509: subject key identifier incorrectly marked critical'],
    ['2.5.29.35', sequence(), 'x509: authority key identifier incorrectly marked critical'],
    ['1.3.6.1.5.5.7.1.1', sequence(), 'x509: authority info access incorrectly marked critical'],
  ])('%s must not be critical', (id, value, error) => {
    expect(parseError(withExtension(extension(id, value, 'critical')))).toBe(error);
  });

  it.each([
    ['keyUsage', extension('2.5.29.15', NULL), 'x509: invalid key usage'],
    ['basicConstraints', extension('2.5.29.19', NULL), 'x509: invalid basic constraints'],
    [
      'a negative path length',
      extension('2.5.29.19', sequence(boolean(true), integer(-1n))),
      'x509: invalid basic constraints',
    ],
    [
      'a path length beyond 63 bits',
      extension('2.5.29.19', sequence(boolean(true), integer(2n ** 63n))),
      'x509: invalid basic constraints',
    ],
    ['extKeyUsage', extension('2.5.29.37', sequence(NULL)), 'x509: invalid extended key usages'],
    ['subjectKeyIdentifier', extension('2.5.29.14', NULL), 'x509: invalid subject key identifier'],
    ['authorityKeyIdentifier', extension('2.5.29.35', NULL), 'x509: invalid authority key identifier'],
    ['subjectAltName', extension('2.5.29.17', NULL), 'x509: invalid subject alternative names'],
    [
      'a name of subjectAltName',
      extension('2.5.29.17', sequence(Buffer.of(0x82, 9))),
      'x509: invalid subject alternative name',
    ],
    ['crlDistributionPoints', extension('2.5.29.31', NULL), 'x509: invalid CRL distribution points'],
    ['a distribution point', extension('2.5.29.31', sequence(NULL)), 'x509: invalid CRL distribution point'],
    [
      'authorityInfoAccess',
      extension('1.3.6.1.5.5.7.1.1', sequence(NULL)),
      'x509: invalid authority info access',
    ],
    ['certificatePolicies', extension('2.5.29.32', NULL), 'x509: invalid certificate policies'],
    ['policyMappings', extension('2.5.29.33', NULL), 'x509: invalid policy mappings extension'],
    ['policyConstraints', extension('2.5.29.36', NULL), 'x509: invalid policy constraints extension'],
    ['inhibitAnyPolicy', extension('2.5.29.54', NULL), 'x509: invalid inhibit any policy extension'],
  ])('is refused where it is malformed: %s', (_, der, error) => {
    expect(parseError(withExtension(der))).toBe(error);
  });

  it('is refused with a policy named twice', () => {
    const policy = sequence(objectIdentifier('1.2.3'));
    expect(parseError(withExtension(extension('2.5.29.32', sequence(policy, policy))))).toBe(
      'x509: invalid certificate policies',
    );
  });

  it('may have octets after its value that nobody reads', () => {
    const value = Buffer.concat([sequence(boolean(true)), NULL]);
    expect(parsed(withExtension(extension('2.5.29.19', value))).basicConstraints).toEqual({ isCA: true });
  });

  it.each([
    ['policies', '2.5.29.32', (arc: number) => sequence(objectIdentifier(`1.2.3.${arc}`))],
    [
      'policy mappings',
      '2.5.29.33',
      (arc: number) => sequence(objectIdentifier(`1.2.3.${arc}`), objectIdentifier('1.2.4')),
    ],
  ])('is refused beyond as many %s as none in use has', (_, id, item) => {
    const many = Array.from({ length: limits.policies + 1 }, (_, arc) => item(arc));
    expect(parseError(withExtension(extension(id, sequence(...many))))).toMatch(/^x509: invalid .*polic/);
    expect(parsed(withExtension(extension(id, sequence(...many.slice(1))))).extensions).toHaveLength(1);
  });

  it('is refused with a policy that is no whole OID', () => {
    const policy = sequence(element(0x06, Buffer.of(0x2a, 0x80)));
    expect(parseError(withExtension(extension('2.5.29.32', sequence(policy))))).toBe(
      'x509: invalid certificate policies',
    );
  });

  it('may say where revocation lists and issuers are, which nobody asks', () => {
    const uri = element(0x86, Buffer.from('http://ca.example/'));
    const points = sequence(sequence(explicit(0, explicit(0, uri, element(0x82)))), sequence());
    const access = sequence(
      sequence(objectIdentifier('1.3.6.1.5.5.7.48.1'), uri),
      sequence(objectIdentifier('1.2.3')),
    );
    const der = withExtension(
      extension('2.5.29.31', points, 'critical'),
      extension('1.3.6.1.5.5.7.1.1', access),
    );
    expect(parsed(der).unhandledCriticalExtensions).toEqual([]);
  });

  it('is refused beyond as many as none in use has', () => {
    const many = Array.from({ length: limits.extensions + 1 }, (_, index) =>
      extension(`1.2.3.${index}`, NULL),
    );
    expect(parseError(withExtension(...many))).toBe('x509: more than 256 extensions');
    expect(parsed(withExtension(...many.slice(1))).extensions).toHaveLength(limits.extensions);
  });
});

describe('extensions say', () => {
  it.each([
    ['a CA', authorityConstraints(), { isCA: true }],
    ['a CA with a path length', authorityConstraints(0n), { isCA: true, maxPathLength: 0 }],
    ['none', extension('2.5.29.19', sequence()), { isCA: false }],
    [
      'none, and a path length',
      extension('2.5.29.19', sequence(integer(3n))),
      { isCA: false, maxPathLength: 3 },
    ],
  ])('whether the certificate is a CA: %s', (_, der, constraints) => {
    expect(parsed(withExtension(der)).basicConstraints).toEqual(constraints);
  });

  it.each([
    ['digitalSignature', keyUsage(0x80), 0x001],
    ['keyCertSign and cRLSign', keyUsage(0x06), 0x060],
    ['decipherOnly, the ninth bit', keyUsage(0, 0x80), 0x100],
    ['a tenth bit, which there is not', keyUsage(0, 0x40), 0],
    ['nothing', extension('2.5.29.15', element(0x03, Buffer.of(0))), 0],
  ])('what the key may do: %s', (_, der, bits) => {
    expect(parsed(withExtension(der)).keyUsage).toBe(bits);
  });

  it('nothing of an authority key id that is given by name and serial alone', () => {
    const der = withExtension(extension('2.5.29.35', sequence(element(0xa1), element(0x82, Buffer.of(1)))));
    expect(parsed(der).authorityKeyId).toHaveLength(0);
  });

  it('who the subject is by a name that is no string only where that is asked for', () => {
    const der = mint({ subject: sequence(element(0x31, attributeOf('2.5.4.3', boolean(true)))) });
    expect(parseError(der)).toBe(
      'x509: invalid RDNSequence: invalid attribute value: unsupported string type: 1',
    );
    expect(parseCertificate(der, 'any').ok).toBe(true);
  });
});

describe('a signature', () => {
  it('of unused bits is shifted to whole octets', () => {
    const der = mint({ signature: element(0x03, Buffer.of(4, 0xab, 0xc0)) });
    expect(parsed(der).signature.toString('hex')).toBe('0abc');
  });

  it('is over the tbsCertificate as it stands', () => {
    const { signedBytes, der } = parsed(mint({ signature: bitString(Buffer.of(1)) }));
    expect(der.includes(signedBytes)).toBe(true);
    expect(signedBytes[0]).toBe(0x30);
  });
});
