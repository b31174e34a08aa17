import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildCertificate, buildCertificateRevocationList } from '../../src/x509/build.ts';
import { toPem } from '../../src/x509/pem.ts';
import type { CertificateTemplate } from '../../src/x509/build.ts';
import type { Certificate } from '../../src/x509/certificate.ts';
import {
  type CertificateRevocationList,
  findRollback,
  readCertificateRevocationLists,
} from '../../src/x509/crl.ts';
import { isCertificateRevocationLists } from '../../src/x509/crl-pem.ts';
import { createIntegerEncoder } from '../../src/x509/integer-encoder.ts';
import { keyedHash } from '../../src/x509/keyed-hash.ts';
import { parseCertificate } from '../../src/x509/parse-certificate.ts';
import { generateKey, type KeyKind, type KeyPair } from '../../src/x509/signing-key.ts';
import { boolean, element, extension, integer, objectIdentifier, sequence, time } from './der-writer.ts';
import { crlNumber, mintCrl, mintEntry, type OddCrl, reasonCode } from './mint-crl.ts';

const from = Date.UTC(2026, 0);
const until = Date.UTC(2027, 0);

interface Authority {
  readonly certificate: Certificate;
  readonly key: KeyPair['privateKey'];
}

async function mintAuthority(kind: KeyKind, template: Partial<CertificateTemplate> = {}): Promise<Authority> {
  const { privateKey, publicKey } = await generateKey(kind);
  const der = await buildCertificate({
    subject: [{ CN: 'my-ca' }],
    publicKey,
    issuer: { selfSignedBy: privateKey },
    notBefore: from,
    notAfter: until,
    isCA: true,
    ...template,
  });
  const result = parseCertificate(der);
  if (!result.ok) throw new Error(result.error);
  return { certificate: result.certificate, key: privateKey };
}

const authority = await mintAuthority('P-256');

function mint(crl: Partial<OddCrl>): Buffer {
  return mintCrl({ issuer: authority.certificate, key: authority.key, ...crl });
}

function readOne(contents: Uint8Array, issuers = [authority.certificate]): CertificateRevocationList {
  const result = readCertificateRevocationLists(contents, issuers);
  if (!result.ok) throw new Error(result.error);
  const [list] = result.lists;
  if (list === undefined || result.lists.length !== 1) throw new Error('not one list');
  return list;
}

function errorOf(contents: Uint8Array, issuers = [authority.certificate]): string {
  const result = readCertificateRevocationLists(contents, issuers);
  return result.ok ? 'no error' : result.error;
}

describe('a CRL is read', () => {
  const kinds: KeyKind[] = ['P-256', 'P-384', 'P-521', 'Ed25519', 'RSA-2048'];
  it.each(kinds)('that a builder made, signed by a key of kind %s', async (kind) => {
    const { certificate, key } = await mintAuthority(kind);
    const crl = await buildCertificateRevocationList({
      issuer: { certificate: certificate.der, key },
      thisUpdate: from,
      nextUpdate: until,
      number: 7n,
      entries: [
        { serialNumber: 1n, revocationDate: from },
        { serialNumber: 1n << 100n, revocationDate: from, reason: 'keyCompromise' },
      ],
    });
    const list = readOne(crl, [certificate]);
    expect(list).toMatchObject({ issuer: certificate, number: 7n, thisUpdate: from, nextUpdate: until });
    expect(list.fingerprint).toMatch(/^[0-9a-f]{64}$/);
    expect(list.revoked.size).toBe(2);
    expect(list.revoked.find(1n)).toBe('unspecified');
    expect(list.revoked.find(1n << 100n)).toBe('keyCompromise');
    expect(list.revoked.find(2n)).toBeUndefined();
  });

  it('from PEM, several in one file and with text around them', () => {
    const pem = [1n, 2n].map(
      (serial) => `Revoked:\n${toPem(mint({ entries: [mintEntry(serial)] }), 'X509 CRL')}`,
    );
    const result = readCertificateRevocationLists(Buffer.from(pem.join('\n')), [authority.certificate]);
    const found = result.ok ? result.lists.map(({ revoked }) => [revoked.find(1n), revoked.find(2n)]) : [];
    expect(found).toEqual([
      ['unspecified', undefined],
      [undefined, 'unspecified'],
    ]);
  });

  it('of version 1', () => {
    const list = readOne(mint({ version: 'absent', entries: [mintEntry(5n)] }));
    expect(list.number).toBeUndefined();
    expect(list.revoked.find(5n)).toBe('unspecified');
  });

  it('without entries, and with an empty list of them', () => {
    expect(readOne(mint({})).revoked.size).toBe(0);
    expect(readOne(mint({ entries: [Buffer.alloc(0)] })).revoked.find(0n)).toBeUndefined();
  });

  it('with dates past 2049', () => {
    const nextUpdate = Date.UTC(2099, 11, 31, 23, 59, 59);
    expect(readOne(mint({ nextUpdate })).nextUpdate).toBe(nextUpdate);
  });

  it('with serial numbers of any sign and size, each found as itself alone', () => {
    const huge = (1n << 1200n) + 1n;
    const serials = [
      0n,
      1n,
      127n,
      128n,
      255n,
      256n,
      -1n,
      -128n,
      -129n,
      1n << 159n,
      -(1n << 159n),
      huge,
      -huge,
    ];
    const { revoked } = readOne(mint({ entries: serials.map((serial) => mintEntry(serial)) }));
    expect(revoked.size).toBe(serials.length);
    for (const serial of serials) expect(revoked.find(serial)).toBe('unspecified');
    for (const serial of [2n, -2n, 129n, -127n, 1n << 160n, huge - 1n, huge << 1n]) {
      expect(revoked.find(serial)).toBeUndefined();
    }
  });

  it('with each reason there is', () => {
    const codes = [0, 1, 2, 3, 4, 5, 6, 8, 9, 10];
    const { revoked } = readOne(
      mint({ entries: codes.map((code) => mintEntry(BigInt(code), reasonCode(code))) }),
    );
    expect(codes.map((code) => revoked.find(BigInt(code)))).toEqual([
      'unspecified',
      'keyCompromise',
      'cACompromise',
      'affiliationChanged',
      'superseded',
      'cessationOfOperation',
      'certificateHold',
      undefined, // removeFromCRL
      'privilegeWithdrawn',
      'aACompromise',
    ]);
  });

  it('and an entry that removes a certificate does not undo one that revokes it', () => {
    const entries = [
      mintEntry(1n, reasonCode(8)),
      mintEntry(1n, reasonCode(1)),
      mintEntry(1n, reasonCode(8)),
    ];
    expect(readOne(mint({ entries })).revoked.find(1n)).toBe('keyCompromise');
  });

  it('with extensions that change nothing about who is revoked', () => {
    const entry = mintEntry(
      1n,
      extension('2.5.29.24', element(0x18, Buffer.from('20260101000000Z'))),
      extension('2.5.29.23', objectIdentifier('1.2.840.10040.2.1'), 'critical'),
      extension('1.2.3.4', Buffer.alloc(0)),
    );
    const extensions = [
      extension('2.5.29.35', sequence(element(0x80, Buffer.from('id')))),
      extension('2.5.29.18', sequence()),
      extension('1.2.3.4', Buffer.alloc(0)),
    ];
    expect(readOne(mint({ entries: [entry], extensions })).revoked.find(1n)).toBe('unspecified');
  });

  it('whoever of several namesakes signed it', async () => {
    const namesakes = await Promise.all([
      mintAuthority('P-256'),
      mintAuthority('P-256', { keyUsages: ['keyCertSign'] }),
    ]);
    const issuers = [...namesakes.map(({ certificate }) => certificate), authority.certificate];
    expect(readOne(mint({}), issuers).issuer).toBe(authority.certificate);
  });

  it('by a CA that has no key usage extension', async () => {
    const { certificate, key } = await mintAuthority('P-256', { keyUsages: [] });
    expect(readOne(mintCrl({ issuer: certificate, key }), [certificate]).issuer).toBe(certificate);
  });
});

describe('a CRL is refused', () => {
  const issuingDistributionPoint = (...fields: Buffer[]): Buffer[] => [
    extension('2.5.29.28', sequence(...fields), 'critical'),
  ];
  const yes = Buffer.of(0xff);
  const refused: [string, Partial<OddCrl>, string][] = [
    [
      'that is a delta',
      { extensions: [extension('2.5.29.27', integer(1n), 'critical')] },
      'it is a delta CRL (RFC 5280 §5.2.4): give the complete CRL',
    ],
    [
      'that is indirect',
      { extensions: issuingDistributionPoint(element(0x84, yes)) },
      'it is an indirect CRL (RFC 5280 §5.2.5): give a CRL of each issuer',
    ],
    [
      'that covers user certificates alone',
      { extensions: issuingDistributionPoint(element(0x81, yes)) },
      "it covers only a part of its issuer's certificates (issuing distribution point, RFC 5280 §5.2.5): give the complete CRL",
    ],
    [
      'of one distribution point',
      {
        extensions: issuingDistributionPoint(
          element(0xa0, element(0xa0, element(0x86, Buffer.from('http://x/crl')))),
        ),
      },
      "it covers only a part of its issuer's certificates (issuing distribution point, RFC 5280 §5.2.5): give the complete CRL",
    ],
    [
      'with an unknown critical extension',
      { extensions: [extension('1.2.3.4', Buffer.alloc(0), 'critical')] },
      'its critical extension 1.2.3.4 is not understood',
    ],
    [
      'with the same extension twice',
      { extensions: [crlNumber(1n), crlNumber(1n)] },
      'extension 2.5.29.20 is there twice',
    ],
    [
      'with a critical number',
      { extensions: [extension('2.5.29.20', integer(1n), 'critical')] },
      'its CRL number is critical, which RFC 5280 §5.2.3 forbids',
    ],
    [
      'with a negative number',
      { extensions: [crlNumber(-1n)] },
      'malformed CRL number: an INTEGER from 0 up, of at most 20 octets',
    ],
    [
      'with a number of 21 octets',
      { extensions: [crlNumber(1n << 160n)] },
      'malformed CRL number: an INTEGER from 0 up, of at most 20 octets',
    ],
    [
      'with an entry of another issuer',
      { entries: [mintEntry(1n), mintEntry(2n, extension('2.5.29.29', sequence(), 'critical'))] },
      'entry 1: it is about a certificate of another issuer: indirect CRLs are not supported',
    ],
    [
      'with an unknown critical extension of an entry',
      { entries: [mintEntry(1n, extension('1.2.3.4', Buffer.alloc(0), 'critical'))] },
      'entry 0: its critical extension 1.2.3.4 is not understood',
    ],
    [
      'with a reason that does not exist',
      { entries: [mintEntry(1n, reasonCode(7))] },
      'entry 0: malformed reason code: RFC 5280 §5.3.1 has 0 to 6 and 8 to 10',
    ],
    [
      'with two reasons',
      { entries: [mintEntry(1n, reasonCode(1), reasonCode(2))] },
      'entry 0: it has more than one reason code',
    ],
    [
      'with an entry that has more fields',
      { entries: [sequence(integer(1n), time(from), sequence(reasonCode(1)), integer(1n))] },
      'entry 0: something follows its last field',
    ],
    [
      'with a serial number that is padded',
      { entries: [sequence(Buffer.from('02020001', 'hex'), time(from))] },
      'entry 0: malformed serial number',
    ],
    ...['2601010000Z', '26010100000Z', '260101000000+0000', '26010100000xZ', '20260101000000Z'].map(
      (date): [string, Partial<OddCrl>, string] => [
        `with a date of an entry like ${date}`,
        { entries: [sequence(integer(1n), element(0x17, Buffer.from(date)))] },
        'entry 0: malformed revocation date',
      ],
    ),
    [
      'with an entry that has no date',
      { entries: [sequence(integer(1n))] },
      'entry 0: malformed revocation date',
    ],
    ['with an entry that is no SEQUENCE', { entries: [integer(1n)] }, 'entry 0: malformed'],
    [
      'of version 1 with extensions',
      { version: 'absent', extensions: [crlNumber(1n)] },
      'a CRL of version 1 has no extensions (RFC 5280 §5.1.2.1)',
    ],
    [
      'of version 1 with extensions of an entry',
      { version: 'absent', entries: [mintEntry(1n, reasonCode(1))] },
      'entry 0: a CRL of version 1 has no extensions (RFC 5280 §5.1.2.1)',
    ],
    ['of version 3', { version: integer(2n) }, 'its version is neither 1 nor 2'],
    ['that names version 1', { version: integer(0n) }, 'its version is neither 1 nor 2'],
    [
      'without nextUpdate',
      { nextUpdate: 'absent' },
      'it has no nextUpdate (RFC 5280 §5.1.2.5): nobody could tell when it is out of date',
    ],
    [
      'that is out of date before it begins',
      { nextUpdate: from - 1000 },
      'its nextUpdate 2025-12-31T23:59:59.000Z is before its thisUpdate 2026-01-01T00:00:00.000Z',
    ],
    [
      'with two signature algorithms',
      { outerAlgorithm: sequence(objectIdentifier('1.2.840.10045.4.3.3')) },
      'malformed CRL: its two signature algorithms differ (RFC 5280 §5.1.1.2)',
    ],
    ['with more fields', { afterFields: boolean(true) }, 'malformed CRL: something follows its last field'],
  ];
  it.each(refused)('%s', (_, crl, error) => {
    expect(errorOf(mint(crl))).toBe(error);
  });

  it('of an issuer that is not known', () => {
    expect(errorOf(mint({}), [])).toBe(
      'its issuer "my-ca" is not among the anchors: give that CA\'s certificate as issuerFile',
    );
  });

  it("that only bears its issuer's name", async () => {
    const stranger = await mintAuthority('P-256');
    expect(errorOf(mint({ key: stranger.key }))).toBe(
      'it is not signed by its issuer "my-ca": x509: ECDSA verification failure',
    );
  });

  const mayNotSign: [string, Partial<CertificateTemplate>][] = [
    ['whose key usage lacks cRLSign', { keyUsages: ['keyCertSign'] }],
    ['that is no CA', { isCA: false, keyUsages: ['cRLSign'] }],
  ];
  it.each(mayNotSign)('by an issuer %s', async (_, template) => {
    const { certificate, key } = await mintAuthority('P-256', template);
    expect(errorOf(mintCrl({ issuer: certificate, key }), [certificate])).toBe(
      'its issuer "my-ca" may not sign CRLs: that takes a CA whose key usage, if it has one, includes cRLSign',
    );
  });

  it('with any bit of what is signed changed', () => {
    const crl = mint({ entries: [mintEntry(1n)], extensions: [crlNumber(1n)] });
    const accepted = Array.from({ length: 8 * (crl.length - 80) }, (_, bit) => bit).filter((bit) => {
      const changed = Buffer.from(crl);
      changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      return readCertificateRevocationLists(changed, [authority.certificate]).ok;
    });
    expect(accepted).toEqual([]);
  });

  it('cut off anywhere, or with something after it', () => {
    const crl = mint({ entries: [mintEntry(1n)] });
    for (let length = 0; length < crl.length; length += 1) {
      expect(readCertificateRevocationLists(crl.subarray(0, length), [authority.certificate]).ok).toBe(false);
    }
    expect(errorOf(Buffer.concat([crl, Buffer.of(0)]))).toBe(
      'malformed CRL: something follows its last field',
    );
  });

  const files: [string, string, string][] = [
    ['of nothing', '', 'neither a CRL in DER nor a PEM block "X509 CRL"'],
    [
      'of another PEM block',
      '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
      'PEM block "CERTIFICATE" among CRLs: only "X509 CRL" blocks belong here',
    ],
    [
      'of a PEM block that does not end',
      '-----BEGIN X509 CRL-----\nAAAA\n',
      'PEM block "X509 CRL" without its END line',
    ],
    ['of a PEM line that does not end', '-----BEGIN X509 CRL', 'PEM block whose BEGIN line does not end'],
  ];
  it.each(files)('in a file %s', (_, text, error) => {
    expect(errorOf(Buffer.from(text))).toBe(error);
  });

  it('by its place in the file where there are several', () => {
    const pem = toPem(mint({}), 'X509 CRL') + toPem(mint({ version: integer(2n) }), 'X509 CRL');
    expect(errorOf(Buffer.from(pem))).toBe('CRL 2 of 2: its version is neither 1 nor 2');
  });
});

describe('a file is taken for CRLs', () => {
  const files: [string, Buffer, boolean][] = [
    ['in DER', Buffer.from('308201', 'hex'), true],
    ['in PEM', Buffer.from('# text\n-----BEGIN X509 CRL-----\n'), true],
    ['but not a YAML document', Buffer.from('kind: RevocationList\n'), false],
    ['but not a YAML document that starts with the digit of a SEQUENCE', Buffer.from('0: x\n'), false],
    ['but not an empty one', Buffer.alloc(0), false],
  ];
  it.each(files)('%s', (_, contents, expected) => {
    expect(isCertificateRevocationLists(contents)).toBe(expected);
  });
});

describe('a CRL that is to take the place of another', () => {
  const inForce = readOne(mint({ thisUpdate: from + 5000, extensions: [crlNumber(10n)] }));
  const candidates: [string, Partial<OddCrl>, string | undefined][] = [
    ['may have a higher number', { extensions: [crlNumber(11n)] }, undefined],
    ['may have the same number', { extensions: [crlNumber(10n)] }, undefined],
    [
      'may not have a lower number, however new it is',
      { thisUpdate: until, nextUpdate: until, extensions: [crlNumber(9n)] },
      'its CRL number 9 is lower than 10, the number of the CRL in force',
    ],
    ['may be as new where it has no number', { thisUpdate: from + 5000 }, undefined],
    [
      'may not be older where it has no number',
      { thisUpdate: from + 4000 },
      'its thisUpdate 2026-01-01T00:00:04.000Z is before 2026-01-01T00:00:05.000Z, that of the CRL in force',
    ],
  ];
  it.each(candidates)('%s', (_, crl, expected) => {
    expect(findRollback([readOne(mint(crl))], [inForce])).toBe(expected);
  });

  it('may stand beside an older one of the same file', () => {
    const older = readOne(mint({ extensions: [crlNumber(9n)] }));
    expect(findRollback([older, inForce], [older, inForce])).toBeUndefined();
    expect(findRollback([older], [older, inForce])).toMatch(/^its CRL number 9 is lower than 10/);
  });

  it('is compared with those of its own issuer alone', async () => {
    const { certificate, key } = await mintAuthority('P-256');
    const other = readOne(mintCrl({ issuer: certificate, key, extensions: [crlNumber(1n)] }), [certificate]);
    expect(findRollback([other], [inForce])).toBeUndefined();
    expect(findRollback([], [inForce])).toBeUndefined();
  });
});

describe('many serial numbers', () => {
  let list: CertificateRevocationList;
  const serials = Array.from({ length: 20_000 }, () => BigInt(`0x${randomBytes(16).toString('hex')}`));
  beforeAll(() => {
    list = readOne(
      mint({ entries: serials.map((serial, index) => mintEntry(serial, reasonCode(index % 7))) }),
    );
  });

  it('are all found with their reasons, and no others', () => {
    const expected = [
      'unspecified',
      'keyCompromise',
      'cACompromise',
      'affiliationChanged',
      'superseded',
      'cessationOfOperation',
      'certificateHold',
    ];
    const wrong = serials.filter((serial, index) => list.revoked.find(serial) !== expected[index % 7]);
    const others = serials.filter((serial) => list.revoked.find(serial + 1n) !== undefined);
    expect(list.revoked.size).toBe(serials.length);
    expect([wrong, others]).toEqual([[], []]);
  });
});

describe('the hash of serial numbers', () => {
  // HalfSipHash-1-3 of the first n bytes of 00 01 02 … under the key 00 01 … 07, as the Linux kernel tests it.
  const vectors = [
    '5814c896',
    'e7e864ca',
    'bc4b0e30',
    '01539939',
    '7e059ea6',
    '88e3d89b',
    'a0080b65',
    '9d38d9d6',
    '577999b1',
  ];
  it.each(vectors.map((hash, length) => ({ hash, length })))(
    'of $length bytes is that of its authors',
    ({ hash, length }) => {
      const bytes = Uint8Array.from({ length }, (_, index) => index);
      const word = keyedHash([0x03020100, 0x07060504], { bytes, start: 0, end: length });
      expect((word >>> 0).toString(16).padStart(8, '0')).toBe(hash);
    },
  );
});

describe('an INTEGER is encoded', () => {
  const integers: [bigint, string][] = [
    [0n, '020100'],
    [127n, '02017f'],
    [128n, '02020080'],
    [256n, '02020100'],
    [-1n, '0201ff'],
    [-128n, '020180'],
    [-129n, '0202ff7f'],
    [-256n, '0202ff00'],
    [1n << 1016n, `02818001${'00'.repeat(127)}`],
    [1n << 2048n, `0282010101${'00'.repeat(256)}`],
  ];
  it.each(integers)('%s', (value, hex) => {
    const { bytes, start, end } = createIntegerEncoder(257)(value) ?? {
      bytes: Buffer.alloc(0),
      start: 0,
      end: 0,
    };
    expect(Buffer.from(bytes.subarray(start, end)).toString('hex')).toBe(hex);
  });

  it('only where it fits', () => {
    const encode = createIntegerEncoder(8);
    const values = [
      (1n << 63n) - 1n,
      1n << 63n,
      -(1n << 63n),
      -(1n << 63n) - 1n,
      1n << 64n,
      (1n << 64n) - 1n,
    ];
    expect(values.map((value) => encode(value) !== undefined)).toEqual([
      true,
      false,
      true,
      false,
      false,
      false,
    ]);
  });
});
