import type { Certificate } from './certificate.ts';
import { createRecencyCache } from './recency-cache.ts';

/** Parsed certificates, to be found by their bytes. */
export interface KnownCertificates {
  /** The certificate of exactly these bytes, if it is kept. */
  find(der: Uint8Array): Certificate | undefined;
  /** Keeps a certificate, as `find` will give it; of equal ones the first. */
  keepLeaf(leaf: Certificate): void;
  keepAuthority(authority: Certificate): void;
}

/** How many certificates of each role are kept; leaves never drive out authorities. */
export interface KnownCertificatesLimits {
  readonly leaves: number;
  readonly authorities: number;
}

export function createKnownCertificates(limits: KnownCertificatesLimits): KnownCertificates {
  const leaves = createRecencyCache<string, Certificate>(limits.leaves);
  const authorities = createRecencyCache<string, Certificate>(limits.authorities);
  return {
    find(der) {
      const key = toKey(der);
      return leaves.get(key) ?? authorities.get(key);
    },
    keepLeaf(leaf) {
      const key = toKey(leaf.der);
      leaves.set(key, leaves.get(key) ?? leaf);
    },
    keepAuthority(authority) {
      const key = toKey(authority.der);
      authorities.set(key, authorities.get(key) ?? authority);
    },
  };
}

/**
 * The bytes themselves, one a character: comparing them is cheaper than hashing them, and no two certificates share a
 * key.
 */
function toKey(der: Uint8Array): string {
  return Buffer.from(der.buffer, der.byteOffset, der.length).toString('latin1');
}
