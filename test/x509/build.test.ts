import 'reflect-metadata';
import { createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { Pkcs10CertificateRequest, PublicKey, X509Crl, X509CrlReason } from '@peculiar/x509';
import { describe, expect, it } from 'vitest';
import {
  buildCertificate,
  buildCertificateRequest,
  buildCertificateRevocationList,
} from '../../src/x509/build.ts';
import { toPem } from '../../src/x509/pem.ts';
import type { CertificateTemplate, Issuer } from '../../src/x509/build.ts';
import type { StructuredName } from '../../src/x509/build-name.ts';
import { generateKey } from '../../src/x509/signing-key.ts';
import type { KeyKind } from '../../src/x509/signing-key.ts';

const from = Date.UTC(2026, 0, 1);
const until = Date.UTC(2027, 0, 1);
const leafKey = await generateKey('P-256');

async function buildRoot(kind: KeyKind, subject: StructuredName = [{ CN: 'root' }]): Promise<Issuer> {
  const { publicKey, privateKey } = await generateKey(kind);
  const issuer = { selfSignedBy: privateKey };
  const certificate = await buildCertificate({
    subject,
    publicKey,
    issuer,
    notBefore: from,
    notAfter: until,
    isCA: true,
  });
  return { certificate, key: privateKey };
}

const root = await buildRoot('P-256');

function buildLeaf(template: Partial<CertificateTemplate>): Promise<Buffer> {
  return buildCertificate({
    subject: [{ CN: 'leaf' }],
    publicKey: leafKey.publicKey,
    issuer: root,
    notBefore: from,
    notAfter: until,
    ...template,
  });
}

function publicKeyDer(key: KeyObject): Buffer {
  return createPublicKey(key).export({ format: 'der', type: 'spki' });
}

/** The DER of an attribute whose value is a UTF8String, both short. */
function attribute(oid: string, value: string): string {
  const utf8 = Buffer.from(value);
  const string = Buffer.concat([Buffer.from([0x0c, utf8.length]), utf8]).toString('hex');
  const type = Buffer.from(oid, 'hex');
  const content = `06${type.length.toString(16).padStart(2, '0')}${oid}${string}`;
  return `30${(content.length / 2).toString(16).padStart(2, '0')}${content}`;
}

describe('a built certificate', () => {
  const kinds: KeyKind[] = ['P-256', 'P-384', 'P-521', 'Ed25519', 'RSA-2048', 'RSA-3072', 'RSA-4096'];
  it.each(kinds)('is signed by its issuer with a key of kind %s', async (kind) => {
    const issuer = await buildRoot(kind);
    const leaf = new X509Certificate(await buildLeaf({ issuer }));
    const parent = new X509Certificate(issuer.certificate);
    expect(leaf.verify(parent.publicKey)).toBe(true);
    expect(leaf.checkIssued(parent)).toBe(true);
    expect(parent.verify(parent.publicKey)).toBe(true);
  });

  it('has the validity of its template, also past 2049', async () => {
    const notAfter = Date.UTC(2077, 5, 1, 12, 30, 15);
    const certificate = new X509Certificate(await buildLeaf({ notAfter }));
    expect(Date.parse(certificate.validFrom)).toBe(from);
    expect(Date.parse(certificate.validTo)).toBe(notAfter);
  });

  it.each([1n, 0x7fn, 0x80n, 0xff00n, 1n << 158n])(
    'has the serial number %i of its template',
    async (serialNumber) => {
      const certificate = new X509Certificate(await buildLeaf({ serialNumber }));
      expect(BigInt(`0x${certificate.serialNumber}`)).toBe(serialNumber);
    },
  );

  it('has a serial number of its own where the template has none', async () => {
    const serials = await Promise.all(
      [1, 2].map(async () => new X509Certificate(await buildLeaf({})).serialNumber),
    );
    expect(new Set(serials).size).toBe(2);
    for (const serial of serials) expect(BigInt(`0x${serial}`)).toBeLessThan(1n << 127n);
  });

  it('says what a CA may do, and nothing about what a leaf may not', async () => {
    const ca = new X509Certificate(
      await buildLeaf({
        isCA: true,
        pathLength: 0,
        keyUsages: ['keyCertSign'],
        extKeyUsages: ['clientAuth'],
      }),
    );
    const leaf = new X509Certificate(await buildLeaf({ extKeyUsages: ['serverAuth', '1.2.3.4'] }));
    expect(ca.ca).toBe(true);
    expect(ca.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
    expect(leaf.ca).toBe(false);
    expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1', '1.2.3.4']);
  });

  it('has alternative names of each kind, taken as they are', async () => {
    const certificate = new X509Certificate(
      await buildLeaf({
        dnsSANs: ['a.example', 'b.example, DNS:c.example'],
        uriSANs: ['spiffe://cluster.local/ns/default/sa/web'],
        ipSANs: ['192.0.2.1', '2001:db8::1'],
        emailSANs: ['bob@example.org'],
      }),
    );
    expect(certificate.subjectAltName).toBe(
      'DNS:a.example, DNS:"b.example\\u002c DNS:c.example", email:bob@example.org, ' +
        'URI:spiffe://cluster.local/ns/default/sa/web, IP Address:192.0.2.1, IP Address:2001:DB8:0:0:0:0:0:1',
    );
  });

  it('has the raw extensions of its template, twice where they are given twice', async () => {
    const extension = { id: '1.3.6.1.4.1.57683.99', critical: true, value: Buffer.from('0c0161', 'hex') };
    const der = await buildLeaf({ extensions: [extension, extension] });
    const written = '06092b0601040183c253630101ff04030c0161';
    expect(der.toString('hex').split(written)).toHaveLength(3);
  });

  it('names its issuer by key identifiers unless it is told not to', async () => {
    const keyId = Buffer.from('c0ffee', 'hex');
    const withIds = await buildLeaf({ subjectKeyId: keyId, authorityKeyId: keyId });
    const without = await buildLeaf({ subjectKeyId: 'absent', authorityKeyId: 'absent' });
    expect(withIds.includes(Buffer.from('0403c0ffee', 'hex'))).toBe(true);
    expect(withIds.includes(Buffer.from('8003c0ffee', 'hex'))).toBe(true);
    expect(without.includes(Buffer.from('551d0e', 'hex'))).toBe(false);
    expect(without.includes(Buffer.from('551d23', 'hex'))).toBe(false);
  });
});

describe('the subject of a built certificate', () => {
  const exact: [string, StructuredName, string[]][] = [
    [
      'a comma and an equals sign',
      [{ CN: 'bob,O=system:masters' }],
      [attribute('550403', 'bob,O=system:masters')],
    ],
    ['a newline', [{ CN: 'bob\nO=system:masters' }], [attribute('550403', 'bob\nO=system:masters')]],
    ['quotes and backslashes', [{ CN: '"a\\,b"' }], [attribute('550403', '"a\\,b"')]],
    ['a leading number sign', [{ CN: '#0c00' }], [attribute('550403', '#0c00')]],
    ['an embedded NUL', [{ CN: 'admin\0.evil' }], [attribute('550403', 'admin\0.evil')]],
    ['characters outside ASCII', [{ O: 'Zürich 😀' }], [attribute('55040a', 'Zürich 😀')]],
    ['the empty string', [{ CN: '' }], [attribute('550403', '')]],
    [
      'several groups in their order',
      [{ O: 'b' }, { CN: 'x' }, { O: 'a' }],
      [attribute('55040a', 'b'), attribute('550403', 'x'), attribute('55040a', 'a')],
    ],
    [
      'the UID attribute of Kubernetes by its OID',
      [{ CN: 'x' }, { '1.3.6.1.4.1.57683.2': '1234' }],
      [attribute('550403', 'x'), attribute('2b0601040183c25302', '1234')],
    ],
  ];
  it.each(exact)('keeps %s', async (_, subject, attributes) => {
    const rdns = attributes
      .map((der) => `31${(der.length / 2).toString(16).padStart(2, '0')}${der}`)
      .join('');
    const der = await buildLeaf({ subject });
    const name = `30${(rdns.length / 2).toString(16).padStart(2, '0')}${rdns}`;
    expect(der.toString('hex')).toContain(name);
  });

  it('has one RDN for attributes that stand together', async () => {
    const der = await buildLeaf({ subject: [{ CN: 'bob', O: 'system:masters' }] });
    const attributes = attribute('550403', 'bob') + attribute('55040a', 'system:masters');
    expect(der.toString('hex')).toContain(`31${(attributes.length / 2).toString(16)}${attributes}`);
  });

  it('has values of any type where their DER is given', async () => {
    const bmpString = Buffer.from('1e040061006200', 'hex');
    const der = await buildLeaf({ subject: [{ CN: bmpString.subarray(0, 6) }] });
    expect(der.toString('hex')).toContain('06035504031e0400610062');
  });

  it('may be empty, and then the alternative names are critical', async () => {
    const der = await buildLeaf({ subject: [], uriSANs: ['spiffe://td/x'] });
    expect(der.toString('hex')).toContain('0603551d110101ff04');
    expect(new X509Certificate(der).subject).toBeFalsy();
  });
});

describe('a template that X.509 cannot express is refused', () => {
  const refused: [string, Partial<CertificateTemplate>, RegExp][] = [
    ['a serial number of zero', { serialNumber: 0n }, /serial number 0 is not positive/],
    ['a negative serial number', { serialNumber: -5n }, /serial number -5 is not positive/],
    ['an unknown attribute type', { subject: [{ commonName: 'x' }] }, /unknown attribute type "commonName"/],
    ['an attribute type that hides a name', { subject: [{ 'CN=x, O': 'y' }] }, /unknown attribute type/],
    [
      'an attribute type that every object has',
      { subject: [{ constructor: 'y' }] },
      /unknown attribute type/,
    ],
    ['an empty RDN', { subject: [{}] }, /at least one attribute/],
    ['a path length on a leaf', { pathLength: 1 }, /pathLength is for a CA/],
    ['a time before 1950', { notBefore: Date.UTC(1949, 0) }, /outside the years 1950 to 9999/],
    ['a time that is none', { notAfter: Number.NaN }, /outside the years 1950 to 9999/],
  ];
  it.each(refused)('%s', async (_, template, message) => {
    await expect(buildLeaf(template)).rejects.toThrow(message);
  });

  it('a key that is not for signing', async () => {
    const { privateKey } = generateKeyPairSync('x25519');
    const issuer = { certificate: root.certificate, key: privateKey };
    await expect(buildLeaf({ issuer })).rejects.toThrow(/cannot sign with a key of type x25519/);
  });
});

describe('a built certificate request', () => {
  it.each<KeyKind>(['P-256', 'P-384', 'Ed25519', 'RSA-2048'])(
    'is signed by its own key of kind %s',
    async (kind) => {
      const { privateKey } = await generateKey(kind);
      const der = await buildCertificateRequest({
        subject: [{ CN: 'bob,O=x' }],
        key: privateKey,
        uriSANs: ['spiffe://td/x'],
      });
      const request = new Pkcs10CertificateRequest(der);
      expect(await request.verify()).toBe(true);
      expect(request.subjectName.getField('CN')).toEqual(['bob,O=x']);
      expect(request.extensions.map(({ type }) => type)).toEqual(['2.5.29.17']);
      expect(Buffer.from(request.publicKey.rawData)).toEqual(
        createPublicKey(privateKey).export({ format: 'der', type: 'spki' }),
      );
    },
  );
});

describe('a built CRL', () => {
  it('is signed by its issuer and lists serials, dates and reasons', async () => {
    const der = await buildCertificateRevocationList({
      issuer: root,
      thisUpdate: from,
      nextUpdate: until,
      number: 255n,
      entries: [
        { serialNumber: 0x80n, revocationDate: from, reason: 'keyCompromise' },
        { serialNumber: 2n, revocationDate: from + 1000 },
      ],
    });
    const crl = new X509Crl(der);
    expect(crl.thisUpdate.getTime()).toBe(from);
    expect(crl.nextUpdate?.getTime()).toBe(until);
    expect(
      crl.entries.map((entry) => [entry.serialNumber, entry.revocationDate.getTime(), entry.reason]),
    ).toEqual([
      ['80', from, X509CrlReason.keyCompromise],
      ['02', from + 1000, undefined],
    ]);
    expect(crl.extensions.map(({ type, critical }) => [type, critical])).toEqual([
      ['2.5.29.35', false],
      ['2.5.29.20', false],
    ]);
    expect(Buffer.from(crl.extensions[1]?.value ?? new ArrayBuffer(0)).toString('hex')).toBe('020200ff');
    expect(await crl.verify({ publicKey: new PublicKey(publicKeyDer(root.key)) })).toBe(true);
  });
});

describe('PEM', () => {
  it('is read back to the same bytes', () => {
    const pem = toPem(root.certificate, 'CERTIFICATE');
    expect(pem).toMatch(/^-----BEGIN CERTIFICATE-----\n([\w+/=]{1,64}\n)+-----END CERTIFICATE-----\n$/);
    expect(new X509Certificate(pem).raw).toEqual(root.certificate);
  });
});
