import type { AlgorithmIdentifier } from './algorithm-identifier.ts';
import { readAlgorithmIdentifier } from './algorithm-identifier.ts';
import { constructedContextTag, DerReader, MalformedError, Tag } from './der.ts';

/**
 * A signature algorithm of Go's crypto/x509. `insecure` ones are known and refused, `unknown` ones are not
 * implemented; both with the name that Go gives them.
 */
export type SignatureAlgorithm =
  | { readonly kind: 'rsa' | 'rsa-pss' | 'ecdsa'; readonly hash: 'sha256' | 'sha384' | 'sha512' }
  | { readonly kind: 'ed25519' }
  | { readonly kind: 'insecure'; readonly name: string }
  | { readonly kind: 'unknown' };

const RSA_PSS = '1.2.840.113549.1.1.10';
const ED25519 = '1.3.101.112';
const MGF1 = '1.2.840.113549.1.1.8';
const UNKNOWN: SignatureAlgorithm = { kind: 'unknown' };
const NULL = Buffer.from([Tag.null, 0]);

const ALGORITHMS: ReadonlyMap<string, SignatureAlgorithm> = new Map<string, SignatureAlgorithm>([
  ['1.2.840.113549.1.1.4', { kind: 'insecure', name: 'MD5-RSA' }],
  ['1.2.840.113549.1.1.5', { kind: 'insecure', name: 'SHA1-RSA' }],
  ['1.3.14.3.2.29', { kind: 'insecure', name: 'SHA1-RSA' }],
  ['1.2.840.113549.1.1.11', { kind: 'rsa', hash: 'sha256' }],
  ['1.2.840.113549.1.1.12', { kind: 'rsa', hash: 'sha384' }],
  ['1.2.840.113549.1.1.13', { kind: 'rsa', hash: 'sha512' }],
  ['1.2.840.10040.4.3', { kind: 'insecure', name: 'DSA-SHA1' }],
  ['1.2.840.10045.4.1', { kind: 'insecure', name: 'ECDSA-SHA1' }],
  ['1.2.840.10045.4.3.2', { kind: 'ecdsa', hash: 'sha256' }],
  ['1.2.840.10045.4.3.3', { kind: 'ecdsa', hash: 'sha384' }],
  ['1.2.840.10045.4.3.4', { kind: 'ecdsa', hash: 'sha512' }],
]);

/** The hashes of RSASSA-PSS, with the one salt length that Go takes for each: the hash's own. */
const PSS_HASHES: ReadonlyMap<
  string,
  { readonly hash: 'sha256' | 'sha384' | 'sha512'; readonly saltLength: number }
> = new Map([
  ['2.16.840.1.101.3.4.2.1', { hash: 'sha256', saltLength: 32 }],
  ['2.16.840.1.101.3.4.2.2', { hash: 'sha384', saltLength: 48 }],
  ['2.16.840.1.101.3.4.2.3', { hash: 'sha512', saltLength: 64 }],
]);

/** What an AlgorithmIdentifier names. Parameters are looked at only where they carry something, as Go does. */
export function toSignatureAlgorithm(identifier: AlgorithmIdentifier): SignatureAlgorithm {
  if (identifier.id === ED25519) {
    // RFC 8410 §3: the parameters are absent.
    return identifier.parameters.length === 0 ? { kind: 'ed25519' } : UNKNOWN;
  }
  if (identifier.id !== RSA_PSS) return ALGORITHMS.get(identifier.id) ?? UNKNOWN;
  try {
    return toPssAlgorithm(new DerReader(identifier.parameters));
  } catch (error) {
    if (error instanceof MalformedError) return UNKNOWN;
    throw error;
  }
}

/** RFC 4055 §3.1: one hash for message and mask, a salt as long as it, and the one trailer there is. */
function toPssAlgorithm(parameters: DerReader): SignatureAlgorithm {
  const failure = 'malformed RSASSA-PSS parameters';
  const fields = parameters.read(Tag.sequence, failure);
  const explicit = (tag: number): DerReader => fields.read(constructedContextTag(tag), failure);
  const hash = readAlgorithmIdentifier(explicit(0).read(Tag.sequence, failure));
  const maskGeneration = readAlgorithmIdentifier(explicit(1).read(Tag.sequence, failure));
  const maskHash = readAlgorithmIdentifier(
    new DerReader(maskGeneration.parameters).read(Tag.sequence, failure),
  );
  const saltLength = explicit(2).readSmallInteger(failure);
  const trailer = fields.readOptional(constructedContextTag(3), failure)?.readSmallInteger(failure) ?? 1;
  const isUsual =
    isWithoutParameters(hash) &&
    isWithoutParameters(maskHash) &&
    maskGeneration.id === MGF1 &&
    maskHash.id === hash.id &&
    trailer === 1;
  const known = PSS_HASHES.get(hash.id);
  if (!isUsual || known?.saltLength !== saltLength) return UNKNOWN;
  return { kind: 'rsa-pss', hash: known.hash };
}

function isWithoutParameters(identifier: AlgorithmIdentifier): boolean {
  return identifier.parameters.length === 0 || identifier.parameters.equals(NULL);
}
