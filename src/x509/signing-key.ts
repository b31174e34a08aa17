import { createPublicKey, generateKeyPair, webcrypto } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { promisify } from 'node:util';

/** The kinds of key that are generated here. */
export type KeyKind = 'P-256' | 'P-384' | 'P-521' | 'Ed25519' | 'RSA-2048' | 'RSA-3072' | 'RSA-4096';

/** A private key and its public key. */
export interface KeyPair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** Parameters of a WebCrypto key and of a signature by it. */
interface SigningAlgorithm {
  readonly name: string;
  readonly namedCurve?: string;
  readonly hash?: string;
}

/** A private key as WebCrypto takes it, with the algorithm that it signs with. */
export interface SigningKey {
  readonly key: webcrypto.CryptoKey;
  readonly algorithm: SigningAlgorithm;
}

const generate = promisify(generateKeyPair);

/** Generates a key pair; RSA keys have the public exponent 65537. */
export function generateKey(kind: KeyKind): Promise<KeyPair> {
  if (kind === 'Ed25519') return generate('ed25519');
  if (!kind.startsWith('RSA-')) return generate('ec', { namedCurve: kind });
  return generate('rsa', { modulusLength: Number(kind.slice('RSA-'.length)) });
}

/**
 * Makes a private key ready to sign certificates: ECDSA with the hash of its curve's strength, RSA with PKCS #1 v1.5 and
 * SHA-256, or Ed25519.
 *
 * @throws RangeError for a key of another kind.
 */
export async function toSigningKey(privateKey: KeyObject): Promise<SigningKey> {
  const algorithm = signingAlgorithm(privateKey);
  const pkcs8 = privateKey.export({ format: 'der', type: 'pkcs8' });
  const key = await webcrypto.subtle.importKey('pkcs8', pkcs8, algorithm, true, ['sign']);
  return { key, algorithm };
}

/** The WebCrypto pair of a private key; its public half can be exported. */
export async function toCryptoKeyPair(privateKey: KeyObject): Promise<webcrypto.CryptoKeyPair> {
  const { key, algorithm } = await toSigningKey(privateKey);
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  const publicKey = await webcrypto.subtle.importKey('spki', spki, algorithm, true, ['verify']);
  return { privateKey: key, publicKey };
}

const ecdsaAlgorithms: Readonly<Record<string, SigningAlgorithm>> = {
  prime256v1: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  secp384r1: { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' },
  secp521r1: { name: 'ECDSA', namedCurve: 'P-521', hash: 'SHA-512' },
};

function signingAlgorithm(key: KeyObject): SigningAlgorithm {
  const type = key.asymmetricKeyType ?? key.type;
  if (type === 'rsa') return { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  if (type === 'ed25519') return { name: 'Ed25519' };
  const curve = key.asymmetricKeyDetails?.namedCurve ?? '';
  const ecdsa = ecdsaAlgorithms[curve];
  if (ecdsa === undefined) {
    throw new RangeError(
      `cannot sign with a key of type ${type} ${curve}: give RSA, P-256, P-384, P-521 or Ed25519`,
    );
  }
  return ecdsa;
}
