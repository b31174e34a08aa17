import type { Certificate } from '../x509/certificate.ts';
import { parseCertificate } from '../x509/parse-certificate.ts';
import { parseChain } from '../x509/trust-bundle.ts';

/** Certificates as they are presented: leaf first. */
export type Chain = readonly [Certificate, ...Certificate[]];

/** A chain, or why the bytes hold none; `none` tells a file without any certificate from a bad one. */
export type ChainResult =
  | { readonly ok: true; readonly chain: Chain }
  | { readonly ok: false; readonly error: string; readonly none?: true };

/** What DER begins with: a SEQUENCE. */
const SEQUENCE = 0x30;

/** Reads a file's certificates: PEM, leaf first, or the DER of one. */
export function readCertificates(bytes: Buffer): ChainResult {
  if (bytes[0] === SEQUENCE) {
    const parsed = parseCertificate(bytes);
    return parsed.ok ? { ok: true, chain: [parsed.certificate] } : parsed;
  }
  const text = bytes.toString('utf8');
  // Go's reader, which is kube-apiserver's and kubectl's, wants the first block at the beginning of a line.
  if (text.startsWith('\uFEFF'))
    return { ok: false, error: 'it begins with a byte order mark: save it without' };
  if (!text.includes('-----BEGIN CERTIFICATE-----')) {
    return { ok: false, error: 'no certificate in it', none: true };
  }
  const parsed = parseChain(text);
  if (!parsed.ok) return parsed;
  const [leaf, ...others] = parsed.chain;
  return leaf === undefined
    ? { ok: false, error: 'no certificate in it', none: true }
    : { ok: true, chain: [leaf, ...others] };
}
