import { constants, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { DerReader } from '../../src/x509/der.ts';
import { readAlgorithmIdentifier } from '../../src/x509/algorithm-identifier.ts';
import { parsePublicKey } from '../../src/x509/parse-public-key.ts';
import type { PublicKey } from '../../src/x509/public-key.ts';
import { type SignatureVerdict, verifySignature } from '../../src/x509/signature.ts';
import { type SignatureAlgorithm, toSignatureAlgorithm } from '../../src/x509/signature-algorithm.ts';
import { bitString, element, explicit, integer, objectIdentifier, sequence } from './der-writer.ts';

const NULL = element(0x05);
const SHA1 = '1.3.14.3.2.26';
const SHA256 = '2.16.840.1.101.3.4.2.1';
const SHA384 = '2.16.840.1.101.3.4.2.2';
const MGF1 = '1.2.840.113549.1.1.8';
const UNIMPLEMENTED = 'x509: cannot verify signature: algorithm unimplemented';

const signedBytes = Buffer.from('signed');
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ed25519 = generateKeyPairSync('ed25519');

function toKey(key: KeyObject): PublicKey {
  return parsePublicKey(key.export({ format: 'der', type: 'spki' }));
}

function algorithm(id: string, ...parameters: readonly Buffer[]): SignatureAlgorithm {
  const fields = Buffer.concat([objectIdentifier(id), ...parameters]);
  return toSignatureAlgorithm(readAlgorithmIdentifier(new DerReader(fields)));
}

function pss(
  hash: string,
  saltLength: bigint,
  more: {
    readonly hashParameters?: Buffer;
    readonly maskHash?: string;
    readonly mask?: string;
    readonly trailer?: bigint;
  } = {},
): SignatureAlgorithm {
  const of = (id: string): Buffer => sequence(objectIdentifier(id), more.hashParameters ?? NULL);
  const mask = sequence(objectIdentifier(more.mask ?? MGF1), of(more.maskHash ?? hash));
  const trailer = more.trailer === undefined ? [] : [explicit(3, integer(more.trailer))];
  const parameters = sequence(
    explicit(0, of(hash)),
    explicit(1, mask),
    explicit(2, integer(saltLength)),
    ...trailer,
  );
  return algorithm('1.2.840.113549.1.1.10', parameters);
}

describe('a signature algorithm', () => {
  it.each([
    ['1.2.840.113549.1.1.11', { kind: 'rsa', hash: 'sha256' }],
    ['1.2.840.113549.1.1.12', { kind: 'rsa', hash: 'sha384' }],
    ['1.2.840.113549.1.1.13', { kind: 'rsa', hash: 'sha512' }],
    ['1.2.840.10045.4.3.2', { kind: 'ecdsa', hash: 'sha256' }],
    ['1.2.840.10045.4.3.3', { kind: 'ecdsa', hash: 'sha384' }],
    ['1.2.840.10045.4.3.4', { kind: 'ecdsa', hash: 'sha512' }],
    ['1.3.101.112', { kind: 'ed25519' }],
    ['1.2.840.113549.1.1.4', { kind: 'insecure', name: 'MD5-RSA' }],
    ['1.2.840.113549.1.1.5', { kind: 'insecure', name: 'SHA1-RSA' }],
    ['1.3.14.3.2.29', { kind: 'insecure', name: 'SHA1-RSA' }],
    ['1.2.840.10045.4.1', { kind: 'insecure', name: 'ECDSA-SHA1' }],
    ['1.2.840.10040.4.3', { kind: 'insecure', name: 'DSA-SHA1' }],
    ['2.16.840.1.101.3.4.3.2', { kind: 'unknown' }],
    ['1.2.840.113549.1.1.14', { kind: 'unknown' }],
    ['1.2.840.10045.4.3.1', { kind: 'unknown' }],
    ['1.2.840.113549.1.1.10', { kind: 'unknown' }],
  ])('%s is known, refused or unknown as Go has it', (id, expected) => {
    expect(algorithm(id)).toEqual(expected);
  });

  it('has parameters that are not looked at, except with Ed25519, which has none', () => {
    expect(algorithm('1.2.840.113549.1.1.11', integer(5n))).toEqual({ kind: 'rsa', hash: 'sha256' });
    expect(algorithm('1.2.840.10045.4.3.2', NULL)).toEqual({ kind: 'ecdsa', hash: 'sha256' });
    expect(algorithm('1.3.101.112', NULL)).toEqual({ kind: 'unknown' });
  });

  it.each([
    ['SHA-256 and its salt', pss(SHA256, 32n)],
    ['hash parameters that are absent', pss(SHA256, 32n, { hashParameters: Buffer.alloc(0) })],
    ['the one trailer written out', pss(SHA256, 32n, { trailer: 1n })],
  ])('RSASSA-PSS may have %s', (_, found) => {
    expect(found).toEqual({ kind: 'rsa-pss', hash: 'sha256' });
  });

  it.each([
    ['another salt length', pss(SHA256, 20n)],
    ['another hash for the mask', pss(SHA256, 32n, { maskHash: SHA384 })],
    ['another mask', pss(SHA256, 32n, { mask: '1.2.3' })],
    ['another trailer', pss(SHA256, 32n, { trailer: 2n })],
    ['parameters of the hash', pss(SHA256, 32n, { hashParameters: integer(1n) })],
    ['SHA-1', pss(SHA1, 20n)],
    ['empty parameters, which mean SHA-1', algorithm('1.2.840.113549.1.1.10', sequence())],
    ['NULL parameters', algorithm('1.2.840.113549.1.1.10', NULL)],
  ])('RSASSA-PSS may not have %s', (_, found) => {
    expect(found).toEqual({ kind: 'unknown' });
  });
});

describe('a signature', () => {
  const pssOptions = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
  const cases: readonly [string, SignatureAlgorithm, KeyObject, Buffer][] = [
    ['RSA', algorithm('1.2.840.113549.1.1.11'), rsa.publicKey, sign('sha256', signedBytes, rsa.privateKey)],
    [
      'RSA-PSS',
      pss(SHA256, 32n),
      rsa.publicKey,
      sign('sha256', signedBytes, { key: rsa.privateKey, ...pssOptions }),
    ],
    ['ECDSA', algorithm('1.2.840.10045.4.3.2'), ec.publicKey, sign('sha256', signedBytes, ec.privateKey)],
    ['Ed25519', algorithm('1.3.101.112'), ed25519.publicKey, sign(null, signedBytes, ed25519.privateKey)],
  ];

  it.each(cases)('by %s verifies, and no other does', (_, signatureAlgorithm, key, signature) => {
    const signed = { signedBytes, signatureAlgorithm, signature };
    expect(verifySignature(signed, toKey(key))).toEqual({ ok: true });
    const spoiled = Buffer.from(signature);
    spoiled.writeUInt8(spoiled.readUInt8(20) ^ 1, 20);
    const failed = { ok: false, error: expect.stringMatching(/verification (error|failure)$/) };
    expect(verifySignature({ ...signed, signature: spoiled }, toKey(key))).toEqual(failed);
    expect(verifySignature({ ...signed, signature: signature.subarray(1) }, toKey(key))).toEqual(failed);
    expect(verifySignature({ ...signed, signature: Buffer.alloc(0) }, toKey(key))).toEqual(failed);
    expect(verifySignature({ ...signed, signedBytes: Buffer.from('other') }, toKey(key))).toEqual(failed);
  });

  it('by RSA-PSS with another salt than it declares does not verify', () => {
    const options = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 20 };
    const signature = sign('sha256', signedBytes, { key: rsa.privateKey, ...options });
    const signed = { signedBytes, signatureAlgorithm: pss(SHA256, 32n), signature };
    expect(verifySignature(signed, toKey(rsa.publicKey))).toEqual({
      ok: false,
      error: 'crypto/rsa: verification error',
    });
  });

  it.each([
    ['padded', (r: Buffer, s: Buffer) => sequence(element(0x02, Buffer.of(0, 0), r), element(0x02, s))],
    [
      'with octets after it',
      (r: Buffer, s: Buffer) => Buffer.concat([sequence(element(0x02, r), element(0x02, s)), Buffer.of(0)]),
    ],
    ['of zeros', () => sequence(integer(0n), integer(0n))],
  ])('by ECDSA does not verify %s', (_, write) => {
    const [r, s] = readEcdsa(sign('sha256', signedBytes, ec.privateKey));
    const signed = {
      signedBytes,
      signatureAlgorithm: algorithm('1.2.840.10045.4.3.2'),
      signature: write(r, s),
    };
    expect(verifySignature(signed, toKey(ec.publicKey))).toEqual({
      ok: false,
      error: 'x509: ECDSA verification failure',
    });
  });

  function readEcdsa(signature: Buffer): readonly [Buffer, Buffer] {
    const fields = new DerReader(signature).read(0x30, 'bad');
    return [fields.readContents(0x02, 'bad'), fields.readContents(0x02, 'bad')];
  }

  it.each([
    [
      'an insecure algorithm',
      algorithm('1.2.840.113549.1.1.5'),
      rsa.publicKey,
      'x509: cannot verify signature: insecure algorithm SHA1-RSA',
    ],
    ['an unknown algorithm', algorithm('1.2.3'), rsa.publicKey, UNIMPLEMENTED],
    ['a key for agreement', algorithm('1.3.101.112'), generateKeyPairSync('x25519').publicKey, UNIMPLEMENTED],
    [
      'an RSA key',
      algorithm('1.2.840.10045.4.3.2'),
      rsa.publicKey,
      'x509: signature algorithm specifies an ECDSA public key, but have public key of type *rsa.PublicKey',
    ],
    [
      'an EC key',
      algorithm('1.2.840.113549.1.1.11'),
      ec.publicKey,
      'x509: signature algorithm specifies an RSA public key, but have public key of type *ecdsa.PublicKey',
    ],
    [
      'an Ed25519 key',
      algorithm('1.2.840.10045.4.3.2'),
      ed25519.publicKey,
      'x509: signature algorithm specifies an ECDSA public key, but have public key of type ed25519.PublicKey',
    ],
  ])('is not verified by %s', (_, signatureAlgorithm, key, error) => {
    const signed = { signedBytes, signatureAlgorithm, signature: Buffer.alloc(64) };
    expect(verifySignature(signed, toKey(key))).toEqual({ ok: false, error });
  });
});

describe('an RSA key verifies nothing', () => {
  function verdictOf(modulus: bigint, exponent: bigint): SignatureVerdict {
    const key = bitString(sequence(integer(modulus), integer(exponent)));
    const spki = sequence(sequence(objectIdentifier('1.2.840.113549.1.1.1'), NULL), key);
    const signed = {
      signedBytes,
      signatureAlgorithm: algorithm('1.2.840.113549.1.1.11'),
      signature: Buffer.alloc(256),
    };
    return verifySignature(signed, parsePublicKey(spki));
  }

  const modulus = 2n ** 2047n + 1n;

  it.each([
    [
      'of 1023 bits',
      2n ** 1022n + 1n,
      65537n,
      'crypto/rsa: 1023-bit keys are insecure (see https://go.dev/pkg/crypto/rsa#hdr-Minimum_key_size)',
    ],
    [
      'of more than 8192 bits',
      2n ** 8192n + 1n,
      65537n,
      'x509: RSA keys of more than 8192 bits verify nothing',
    ],
    ['with an even modulus', 2n ** 2047n, 65537n, 'crypto/rsa: public modulus is even'],
    [
      'with exponent 1, with which anybody signs',
      modulus,
      1n,
      'crypto/rsa: public exponent too small or negative',
    ],
    ['with an even exponent', modulus, 4n, 'crypto/rsa: public exponent is even'],
    ['with an exponent beyond 31 bits', modulus, 2n ** 31n + 1n, 'crypto/rsa: public exponent too large'],
  ])('%s', (_, n, e, error) => {
    expect(verdictOf(n, e)).toEqual({ ok: false, error });
  });

  it('but one of 1024 bits and exponent 3 may', () => {
    expect(verdictOf(2n ** 1023n + 1n, 3n)).toEqual({ ok: false, error: 'crypto/rsa: verification error' });
  });
});
