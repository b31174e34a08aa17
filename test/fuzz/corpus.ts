import { createPublicKey, type KeyObject, sign } from 'node:crypto';
import { buildCertificate, type CertificateTemplate } from '../../src/x509/build.ts';
import { generateKey, type KeyKind } from '../../src/x509/signing-key.ts';
import { bitString, element, integer, objectIdentifier, sequence } from '../x509/der-writer.ts';
import { toBytes, toTree } from './der-tree.ts';

const VALIDITY = { notBefore: Date.UTC(2026, 0), notAfter: Date.UTC(2027, 0) };

/** When the corpus is used: all of it is valid then. */
export const NOW: number = Date.UTC(2026, 6);

/** The signature checks that a token's chain may cost. */
export const MAX_SIGNATURE_CHECKS = 16;

/** A certificate and its key. */
export interface Sample {
  readonly der: Buffer;
  readonly key: KeyObject;
}

/** What mutations start from. All issuers have P-256 keys, so that a changed certificate can be signed again. */
export interface Corpus {
  readonly root: Sample;
  /** One key, certified twice by the root: without constraints, and with every kind of them. */
  readonly authorities: readonly Sample[];
  /** Under the authorities, with every kind of key and of extension. */
  readonly leaves: readonly Sample[];
  /** Authorities that certified each other in both directions, all of one name: a maze. */
  readonly maze: readonly Sample[];
  /** Under the first of them. */
  readonly mazeLeaf: Sample;
}

/** The AlgorithmIdentifier of what `signAgain` signs with. */
export const ecdsaWithSha256: Buffer = sequence(objectIdentifier('1.2.840.10045.4.3.2'));

/** Mints the corpus anew. */
export async function mintCorpus(): Promise<Corpus> {
  const root = await mint({ subject: [{ CN: 'root' }], isCA: true });
  const authority = await mint({ subject: [{ CN: 'my-ca' }], isCA: true }, root);
  const constrained = await certify(authority.key, root, {
    subject: [{ CN: 'my-ca' }],
    extensions: constraints(),
  });
  const maze = await mintMaze(root);
  const [entrance = root] = maze;
  return {
    root,
    authorities: [authority, constrained],
    leaves: await mintLeaves(authority),
    maze,
    mazeLeaf: await mint({ extKeyUsages: ['clientAuth'], authorityKeyId: 'absent' }, entrance),
  };
}

/** Signs the first element of a certificate or a CRL anew, whatever it has become. */
export function signAgain(der: Buffer, key: KeyObject): Buffer {
  const { contents } = toTree(der) ?? {};
  const [signed] = Buffer.isBuffer(contents) || contents === undefined ? [] : contents;
  if (signed === undefined) return der;
  const bytes = toBytes(signed);
  return sequence(bytes, ecdsaWithSha256, bitString(sign('sha256', bytes, key)));
}

async function mint(
  template: Partial<CertificateTemplate>,
  issuer?: Sample,
  kind: KeyKind = 'P-256',
): Promise<Sample> {
  const { privateKey, publicKey } = await generateKey(kind);
  const der = await buildCertificate({
    subject: [{ CN: 'bob' }, { O: 'dev' }, { O: 'ops' }],
    publicKey,
    issuer:
      issuer === undefined ? { selfSignedBy: privateKey } : { certificate: issuer.der, key: issuer.key },
    ...VALIDITY,
    ...template,
  });
  return { der, key: privateKey };
}

async function mintLeaves(authority: Sample): Promise<readonly Sample[]> {
  const kinds: KeyKind[] = ['P-256', 'P-384', 'P-521', 'Ed25519', 'RSA-2048'];
  const plain = await Promise.all(
    kinds.map((kind) => mint({ extKeyUsages: ['clientAuth'] }, authority, kind)),
  );
  const named = await mint(
    {
      subject: [
        { CN: 'bob', O: 'dev' },
        { CN: Buffer.from('1e0400610062', 'hex') },
        { '1.3.6.1.4.1.57683.2': '1' },
      ],
      isCA: false,
      keyUsages: ['digitalSignature'],
      extKeyUsages: ['clientAuth', 'any', '1.2.3.4'],
      dnsSANs: ['a.example', '*.b.example'],
      uriSANs: ['spiffe://cluster.local/ns/default/sa/web', 'https://u:p@[::1]:8/%41?q#f'],
      ipSANs: ['192.0.2.1', '2001:db8::1'],
      emailSANs: ['"a b"@example.org'],
      extensions: [
        { id: '1.3.6.1.5.5.7.1.1', critical: false, value: authorityInformation() },
        { id: '2.5.29.31', critical: false, value: distributionPoint() },
      ],
    },
    authority,
  );
  return [...plain, named];
}

/** Six authorities of one name; each certifies the key of each other. */
async function mintMaze(root: Sample): Promise<readonly Sample[]> {
  const subject = [{ CN: 'maze' }];
  const first = await Promise.all(
    [1, 2, 3, 4, 5, 6].map(() => mint({ subject, isCA: true, subjectKeyId: 'absent' }, root)),
  );
  const crossed = await Promise.all(
    first.flatMap((issuer) => first.map(({ key }) => certify(key, issuer, { subject }))),
  );
  return [...first, ...crossed];
}

/** Another certificate of an authority's key. */
async function certify(
  key: KeyObject,
  issuer: Sample,
  template: Pick<CertificateTemplate, 'subject' | 'extensions'>,
): Promise<Sample> {
  const der = await buildCertificate({
    publicKey: createPublicKey(key),
    issuer: { certificate: issuer.der, key: issuer.key },
    isCA: true,
    subjectKeyId: 'absent',
    authorityKeyId: 'absent',
    ...VALIDITY,
    ...template,
  });
  return { der, key };
}

function constraints(): NonNullable<CertificateTemplate['extensions']> {
  const subtrees = (number: number, ...names: Buffer[]): Buffer =>
    element(0xa0 | number, ...names.map((name) => sequence(name)));
  const name = (number: number, text: string): Buffer => element(0x80 | number, Buffer.from(text, 'latin1'));
  const permitted = [
    name(2, 'example'),
    name(2, ''),
    name(1, 'example.org'),
    name(6, 'cluster.local'),
    name(6, '.example'),
  ];
  const excluded = [
    name(2, 'bad.example'),
    name(7, '\xc0\0\x02\0\xff\xff\xff\0'),
    name(1, 'eve@example.org'),
  ];
  const policy = objectIdentifier('1.2.3.4');
  return [
    { id: '2.5.29.30', critical: true, value: sequence(subtrees(0, ...permitted), subtrees(1, ...excluded)) },
    {
      id: '2.5.29.32',
      critical: false,
      value: sequence(
        sequence(
          policy,
          sequence(sequence(objectIdentifier('1.3.6.1.5.5.7.2.1'), element(0x16, Buffer.from('http://x')))),
        ),
      ),
    },
    { id: '2.5.29.33', critical: true, value: sequence(sequence(policy, objectIdentifier('1.2.3.5'))) },
    {
      id: '2.5.29.36',
      critical: true,
      value: sequence(element(0x80, Buffer.of(3)), element(0x81, Buffer.of(2))),
    },
    { id: '2.5.29.54', critical: true, value: integer(4n) },
  ];
}

function authorityInformation(): Buffer {
  return sequence(
    sequence(objectIdentifier('1.3.6.1.5.5.7.48.1'), element(0x86, Buffer.from('http://ocsp'))),
  );
}

function distributionPoint(): Buffer {
  return sequence(sequence(element(0xa0, element(0xa0, element(0x86, Buffer.from('http://crl'))))));
}
