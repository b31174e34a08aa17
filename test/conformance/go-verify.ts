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

/**
 * Verifies as the foreign harnesses do with Go: a root or intermediate that does not parse is left out, a leaf is
 * refused.
 */
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

/** What a double can tell apart at today's milliseconds, rounded up. */
const SMALLEST_STEP = 2 ** -11;

/**
 * An RFC 3339 time in milliseconds. `Date.parse` knows three digits of a fraction and a double three more; what is
 * beyond them is kept between its whole seconds, which are all that certificates have.
 */
export function toInstant(time: string): number {
  const fraction = /\.\d+/.exec(time)?.[0] ?? '';
  const whole = Date.parse(time.replace(fraction, ''));
  const milliseconds = Number(`0${fraction}`) * 1000;
  if (milliseconds === 0) return whole;
  return whole + Math.min(Math.max(milliseconds, SMALLEST_STEP), 1000 - SMALLEST_STEP);
}
