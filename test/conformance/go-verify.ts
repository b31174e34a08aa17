import type { Certificate } from '../../src/x509/certificate.ts';
import { parseCertificate } from '../../src/x509/parse-certificate.ts';
import { verifyPath } from '../../src/x509/path.ts';
import { describePathRefusal } from '../../src/x509/path-refusal.ts';
import { toTrustBundle } from '../../src/x509/trust-bundle.ts';

/** kube-apiserver's number, which is Go's. */
export const GO_SIGNATURE_CHECKS = 100;

/** Certificates as DER, and the instant in RFC 3339. */
export interface ChainToVerify {
  readonly roots: readonly Buffer[];
  readonly intermediates: readonly Buffer[];
  readonly leaf: Buffer;
  readonly time: string;
}

export type ChainOutcome =
  | { readonly ok: true; readonly paths: number }
  | { readonly ok: false; readonly error: string };

function parseAll(ders: readonly Buffer[]): readonly Certificate[] {
  return ders.flatMap((der) => {
    const result = parseCertificate(der);
    return result.ok ? result.certificate : [];
  });
}

/** Verifies as the foreign harnesses do with Go: a root or intermediate that does not parse is left out, a leaf is refused. */
export function verifyChain(chain: ChainToVerify): ChainOutcome {
  const leaf = parseCertificate(chain.leaf);
  if (!leaf.ok) return leaf;
  const verdict = verifyPath([leaf.certificate, ...parseAll(chain.intermediates)], {
    anchors: toTrustBundle(parseAll(chain.roots)),
    at: toInstant(chain.time),
    maxSignatureChecks: GO_SIGNATURE_CHECKS,
    handledExtensions: new Set(),
  });
  return verdict.kind === 'verified'
    ? { ok: true, paths: verdict.paths.length }
    : { ok: false, error: describePathRefusal(verdict.refusal) };
}

/** An RFC 3339 time in milliseconds, with whatever fraction it has: `Date.parse` stops at three digits. */
export function toInstant(time: string): number {
  const fraction = /\.\d+/.exec(time)?.[0] ?? '';
  return Date.parse(time.replace(fraction, '')) + Number(`0${fraction || '.0'}`) * 1000;
}
