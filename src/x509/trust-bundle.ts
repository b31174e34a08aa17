import { hash } from 'node:crypto';
import type { Certificate } from './certificate.ts';
import { type CertificatePool, createCertificatePool } from './certificate-pool.ts';
import { parsePemCertificates } from './pem.ts';

/** What paths may end in. Anchors need not be self-signed, nor authorities: a leaf may be one. */
export interface TrustBundle {
  /** In the order of the text, each once. */
  readonly anchors: readonly Certificate[];
  /** A hash of the anchors: the same for the same anchors in the same order, whatever stood between them. */
  readonly generation: string;
  /** PEM blocks that are no certificates, have headers, or are not well formed: their certificates are missing here. */
  readonly skippedBlocks: number;
  readonly pool: CertificatePool;
}

export type TrustBundleResult =
  | { readonly ok: true; readonly bundle: TrustBundle }
  | { readonly ok: false; readonly error: string };

/**
 * Parses anchors from PEM, as kube-apiserver reads `--client-ca-file`: one certificate that does not parse refuses
 * all of them.
 */
export function parseTrustBundle(pem: string): TrustBundleResult {
  const result = parsePemCertificates(pem);
  if (!result.ok) return result;
  return { ok: true, bundle: { ...toTrustBundle(result.certificates), skippedBlocks: result.skippedBlocks } };
}

/** A bundle of certificates that are at hand. */
export function toTrustBundle(certificates: readonly Certificate[]): TrustBundle {
  const pool = createCertificatePool(certificates);
  const anchors = pool.certificates;
  const generation = hash('sha256', anchors.map(({ fingerprint }) => fingerprint).join('\n'), 'hex');
  return { anchors, generation, skippedBlocks: 0, pool };
}

/** Parses a presented chain from PEM, leaf first. */
export function parseChain(
  pem: string,
):
  | { readonly ok: true; readonly chain: readonly Certificate[] }
  | { readonly ok: false; readonly error: string } {
  const result = parsePemCertificates(pem);
  return result.ok ? { ok: true, chain: result.certificates } : result;
}
