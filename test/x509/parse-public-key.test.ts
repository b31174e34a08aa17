import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { MalformedError } from '../../src/x509/der.ts';
import { limits } from '../../src/x509/limits.ts';
import { parsePublicKey } from '../../src/x509/parse-public-key.ts';
import { bitString, element, integer, objectIdentifier, sequence } from './der-writer.ts';

const NULL = element(0x05);
const EC = '1.2.840.10045.2.1';
const P256 = '1.2.840.10045.3.1.7';
const RSA = '1.2.840.113549.1.1.1';

function spkiOf(key: KeyObject): Buffer {
  return key.export({ format: 'der', type: 'spki' });
}

function ec(curve: string, point: Buffer): Buffer {
  return sequence(sequence(objectIdentifier(EC), objectIdentifier(curve)), bitString(point));
}

function rsa(modulus: bigint, exponent: bigint, parameters: Buffer = NULL): Buffer {
  return sequence(
    sequence(objectIdentifier(RSA), parameters),
    bitString(sequence(integer(modulus), integer(exponent))),
  );
}

const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;
const point = spkiOf(p256).subarray(-65);
const [x, y] = [point.subarray(1, 33), point.subarray(33)];
const modulus = 2n ** 2047n + 1n;

describe('a public key', () => {
  it.each([
    ['P-224', generateKeyPairSync('ec', { namedCurve: 'P-224' }).publicKey],
    ['P-256', p256],
    ['P-384', generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey],
    ['P-521', generateKeyPairSync('ec', { namedCurve: 'P-521' }).publicKey],
  ])('of %s is imported as it is, once', (curve, key) => {
    const parsed = parsePublicKey(spkiOf(key));
    expect(parsed).toMatchObject({ algorithm: 'ECDSA', curve });
    if (!('keyObject' in parsed)) throw new Error('no key');
    expect(parsed.keyObject().equals(key)).toBe(true);
    expect(parsed.keyObject()).toBe(parsed.keyObject());
  });

  it.each([
    ['RSA', generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey, { bits: 2048, exponent: 65537n }],
    ['Ed25519', generateKeyPairSync('ed25519').publicKey, {}],
  ])('of %s is imported as it is', (algorithm, key, more) => {
    const parsed = parsePublicKey(spkiOf(key));
    expect(parsed).toMatchObject({ algorithm, ...more });
    if (!('keyObject' in parsed)) throw new Error('no key');
    expect(parsed.keyObject().equals(key)).toBe(true);
  });

  it.each([
    ['X25519', generateKeyPairSync('x25519').publicKey],
    ['DSA', generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 }).publicKey],
  ])('of %s parses and is nothing to verify with', (algorithm, key) => {
    const spki = spkiOf(key);
    expect(parsePublicKey(spki)).toEqual({ algorithm, spki });
  });

  it('of an unknown algorithm parses whatever it is', () => {
    const spki = sequence(sequence(objectIdentifier('1.3.101.113')), bitString(Buffer.alloc(57)));
    expect(parsePublicKey(spki)).toEqual({ algorithm: 'unknown', spki });
  });

  it.each([
    ['no bits', sequence(sequence(objectIdentifier(RSA), NULL)), 'x509: malformed subjectPublicKey'],
    ['no algorithm', sequence(bitString(point)), 'x509: malformed public key algorithm identifier'],
    ['an algorithm that is no OID', sequence(sequence(NULL), bitString(point)), 'x509: malformed OID'],
  ])('is refused with %s', (_, spki, error) => {
    expect(() => parsePublicKey(spki)).toThrow(new MalformedError(error));
  });
});

describe('a point on a curve', () => {
  it('would be taken by OpenSSL in every form, at infinity, too', () => {
    for (const form of [Buffer.of(0), Buffer.concat([Buffer.of(2 + ((y.at(-1) ?? 0) & 1)), x])]) {
      expect(createPublicKey({ key: ec(P256, form), format: 'der', type: 'spki' }).type).toBe('public');
    }
  });

  it.each([
    ['at infinity', ec(P256, Buffer.of(0)), 'ecdsa: invalid uncompressed public key'],
    ['compressed', ec(P256, Buffer.concat([Buffer.of(2), x])), 'ecdsa: invalid uncompressed public key'],
    ['hybrid', ec(P256, Buffer.concat([Buffer.of(6), x, y])), 'ecdsa: invalid uncompressed public key'],
    ['absent', ec(P256, Buffer.alloc(0)), 'ecdsa: invalid uncompressed public key'],
    ['one octet short', ec(P256, point.subarray(0, -1)), 'invalid P256 point encoding'],
    ['one octet long', ec(P256, Buffer.concat([point, Buffer.of(0)])), 'invalid P256 point encoding'],
    ['off the curve', ec(P256, Buffer.concat([Buffer.of(4), y, x])), 'P256 point not on curve'],
    ['0, 0', ec(P256, Buffer.concat([Buffer.of(4), Buffer.alloc(64)])), 'P256 point not on curve'],
    [
      'beyond the field',
      ec(P256, Buffer.concat([Buffer.of(4), Buffer.alloc(32, 0xff), y])),
      'invalid P256 element encoding',
    ],
    ['of another curve', ec('1.3.132.0.34', point), 'invalid P384 point encoding'],
    ['of secp256k1', ec('1.3.132.0.10', point), 'x509: unsupported elliptic curve'],
    ['of P-192', ec('1.2.840.10045.3.1.1', point), 'x509: unsupported elliptic curve'],
    [
      'of a curve given by its parameters',
      sequence(sequence(objectIdentifier(EC), sequence()), bitString(point)),
      'x509: invalid ECDSA parameters',
    ],
    [
      'of no curve',
      sequence(sequence(objectIdentifier(EC)), bitString(point)),
      'x509: invalid ECDSA parameters',
    ],
  ])('is refused %s', (_, spki, error) => {
    expect(() => parsePublicKey(spki)).toThrow(new MalformedError(error));
  });
});

describe('an RSA key', () => {
  it('may be one that verifies nothing: that is found where it is used', () => {
    expect(parsePublicKey(rsa(1n, 1n))).toMatchObject({ bits: 1, exponent: 1n, isModulusOdd: true });
    expect(parsePublicKey(rsa(2n ** 511n, 4n))).toMatchObject({ bits: 512, isModulusOdd: false });
    expect(parsePublicKey(rsa(modulus, 2n ** 40n + 1n))).toMatchObject({ exponent: 2n ** 40n + 1n });
  });

  it.each([
    ['without NULL parameters', rsa(modulus, 3n, Buffer.alloc(0)), 'x509: RSA key missing NULL parameters'],
    ['of modulus zero', rsa(0n, 3n), 'x509: RSA modulus is not a positive number'],
    ['of a negative modulus', rsa(-5n, 3n), 'x509: RSA modulus is not a positive number'],
    ['of exponent zero', rsa(modulus, 0n), 'x509: RSA public exponent is not a positive number'],
    ['of a negative exponent', rsa(modulus, -3n), 'x509: RSA public exponent is not a positive number'],
    ['of an exponent beyond 64 bits', rsa(modulus, 2n ** 64n + 1n), 'x509: invalid RSA public exponent'],
    [
      'of more bits than anybody uses',
      rsa(2n ** BigInt(limits.rsaModulusBits) + 1n, 3n),
      'x509: RSA modulus of more than 16384 bits',
    ],
    [
      'that is no sequence',
      sequence(sequence(objectIdentifier(RSA), NULL), bitString(NULL)),
      'x509: invalid RSA public key',
    ],
  ])('is refused %s', (_, spki, error) => {
    expect(() => parsePublicKey(spki)).toThrow(new MalformedError(error));
  });
});

describe('an Edwards or Montgomery key', () => {
  it.each([
    ['Ed25519 with parameters', '1.3.101.112', 32, NULL, 'x509: Ed25519 key encoded with illegal parameters'],
    ['Ed25519 of 31 octets', '1.3.101.112', 31, Buffer.alloc(0), 'x509: wrong Ed25519 public key size'],
    ['X25519 with parameters', '1.3.101.110', 32, NULL, 'x509: X25519 key encoded with illegal parameters'],
    ['X25519 of 33 octets', '1.3.101.110', 33, Buffer.alloc(0), 'crypto/ecdh: invalid public key'],
  ])('is refused: %s', (_, id, octets, parameters, error) => {
    const spki = sequence(sequence(objectIdentifier(id), parameters), bitString(Buffer.alloc(octets)));
    expect(() => parsePublicKey(spki)).toThrow(new MalformedError(error));
  });
});
