import { hash } from 'node:crypto';
import type { Certificate } from './certificate.ts';
import {
  createIssuerVerdicts,
  type IssuanceCheck,
  type IssuerVerdicts,
  rememberingIssuance,
  verifyIssuance,
} from './issuance.ts';
import { createKnownCertificates, type KnownCertificates } from './known-certificates.ts';
import { limits } from './limits.ts';
import { parseCertificate, withoutNames } from './parse-certificate.ts';
import { type PathRequirements, type PathVerdict, type VerifiedPath, verifyPath } from './path.ts';
import type { PublicKey } from './public-key.ts';
import { isStillTrue, type RememberedVerdict, rememberVerdict } from './remembered-verdict.ts';

/** How much a verifier keeps, and how many certificates it takes at once. */
export interface PathVerifierLimits {
  readonly leaves: number;
  readonly authorities: number;
  readonly presentedCertificates: number;
}

/** What a verifier has done since it was made. */
export interface PathVerifierCounters {
  readonly certificatesParsed: number;
  /** Signatures of certificates that were verified. */
  readonly signatureChecks: number;
  /** Keys of authorities that were imported for them. */
  readonly keyImports: number;
  readonly pathHits: number;
  readonly pathMisses: number;
}

export type ChainResult =
  | { readonly ok: true; readonly chain: readonly Certificate[] }
  | { readonly ok: false; readonly index: number; readonly error: string };

/**
 * Verifies paths as `verifyPath` does, and remembers what it verified, never what it refused. So a certificate that
 * returns costs neither a parse nor an import nor a signature check, and a new one of an authority that is known
 * costs one signature check. Nothing that was not verified up to an anchor is kept: strangers fill no cache and evict
 * nobody.
 */
export interface PathVerifier {
  readonly counters: PathVerifierCounters;
  /**
   * Parses a presented chain, leaf first; gives the same object again for a certificate that was verified before. The error names nobody:
   * clients and logs are told it.
   */
  readonly readChain: (ders: readonly Uint8Array[]) => ChainResult;
  readonly verify: (chain: readonly Certificate[], requirements: PathRequirements) => PathVerdict;
  /** Begins to verify one chain against several bundles, which may cost so many signature checks together. */
  readonly begin: (chain: readonly Certificate[], maxSignatureChecks: number) => ChainVerification;
}

/** Verifies a chain against one bundle after another; no signature is checked twice, and all share one budget. */
export type ChainVerification = (requirements: Omit<PathRequirements, 'maxSignatureChecks'>) => PathVerdict;

/** A leaf takes about 10 kB with its key; a cluster has seldom more than some thousand of them in use at a time. */
const DEFAULT_LIMITS: PathVerifierLimits = {
  leaves: 4096,
  authorities: 512,
  presentedCertificates: limits.presentedCertificates,
};

/** A larger certificate is verified, but not kept, so that the caches are bounded in bytes, too. */
const MAX_KEPT_BYTES = 8192;

/**
 * One leaf is presented with one chain, to as many bundles as there are entries in a configuration; more of either is
 * unusual.
 */
const VERDICTS_OF_A_LEAF = 16;

/** Makes a verifier that remembers nothing yet. */
export function createPathVerifier(verifierLimits: PathVerifierLimits = DEFAULT_LIMITS): PathVerifier {
  const counters = { certificatesParsed: 0, signatureChecks: 0, keyImports: 0, pathHits: 0, pathMisses: 0 };
  const known = createKnownCertificates(verifierLimits);
  const checkIssuance = countingIssuance(counters);
  return {
    counters,
    readChain(ders) {
      const refusal = findExcess(ders, verifierLimits.presentedCertificates);
      if (refusal !== undefined) return refusal;
      return readChain(ders, (der) => {
        const certificate = known.find(hash('sha256', der, 'hex'))?.certificate;
        if (certificate !== undefined) return { ok: true, certificate };
        counters.certificatesParsed += 1;
        const parsed = parseCertificate(der);
        return parsed.ok ? parsed : { ok: false, error: withoutNames(parsed.error) };
      });
    },
    verify: (chain, requirements) => begin(chain, requirements.maxSignatureChecks)(requirements),
    begin,
  };

  function begin(chain: readonly Certificate[], maxSignatureChecks: number): ChainVerification {
    const fresh = createIssuerVerdicts();
    const verdictsOf = (child: Certificate): IssuerVerdicts =>
      known.find(child.fingerprint)?.issuers ?? fresh(child);
    const checkOnce = rememberingIssuance(checkIssuance, verdictsOf);
    const spentBefore = counters.signatureChecks;
    return (bundle) => {
      const left = maxSignatureChecks - (counters.signatureChecks - spentBefore);
      const requirements = { ...bundle, maxSignatureChecks: Math.max(0, left) };
      const remembered = recall(known, chain, requirements);
      if (remembered !== undefined) {
        counters.pathHits += 1;
        return remembered;
      }
      counters.pathMisses += 1;
      const verdict = verifyPath(chain, requirements, checkOnce);
      const isKept =
        verdict.kind === 'verified' && keepProven({ chain, paths: verdict.paths, known, issuersOf: fresh });
      if (isKept) remember(known, rememberVerdict(verdict, chain, requirements));
      return verdict;
    };
  }
}

function recall(
  known: KnownCertificates,
  chain: readonly Certificate[],
  requirements: PathRequirements,
): PathVerdict | undefined {
  const leaf = chain[0] === undefined ? undefined : known.find(chain[0].fingerprint);
  return leaf?.verdicts.find((remembered) => isStillTrue(remembered, chain, requirements))?.verdict;
}

function remember(known: KnownCertificates, verdict: RememberedVerdict): void {
  const leaf = known.find(verdict.chain[0] ?? '');
  if (leaf !== undefined) leaf.verdicts = [verdict, ...leaf.verdicts].slice(0, VERDICTS_OF_A_LEAF);
}

/** Where a presented chain goes beyond what is taken at once. */
function findExcess(ders: readonly Uint8Array[], maxCertificates: number): ChainResult | undefined {
  let bytes = 0;
  for (const [index, der] of ders.entries()) {
    bytes += der.length;
    if (index >= maxCertificates) {
      return { ok: false, index, error: `x509: more than ${maxCertificates} certificates presented` };
    }
    if (bytes > limits.presentedBytes) {
      return {
        ok: false,
        index,
        error: `x509: more than ${limits.presentedBytes} bytes of certificates presented`,
      };
    }
  }
  return undefined;
}

function readChain(
  ders: readonly Uint8Array[],
  read: (der: Uint8Array) => ReturnType<typeof parseCertificate>,
): ChainResult {
  const chain: Certificate[] = [];
  for (const [index, der] of ders.entries()) {
    const result = read(der);
    if (!result.ok) return { ok: false, index, error: result.error };
    chain.push(result.certificate);
  }
  return { ok: true, chain };
}

/** A chain that verified, and where to keep what is proven of it. */
interface ProvenChain {
  readonly chain: readonly Certificate[];
  readonly paths: readonly VerifiedPath[];
  readonly known: KnownCertificates;
  readonly issuersOf: (certificate: Certificate) => IssuerVerdicts;
}

/**
 * Keeps the certificates of a presented chain that a verified path has; false where there are others, which anybody
 * can have added: such a chain is not worth remembering.
 */
function keepProven({ chain, paths, known, issuersOf }: ProvenChain): boolean {
  const proven = new Set<string>();
  for (const { certificates } of paths) for (const { fingerprint } of certificates) proven.add(fingerprint);
  let areAllKept = true;
  for (const [index, certificate] of chain.entries()) {
    const { fingerprint, der } = certificate;
    if (!proven.has(fingerprint) || der.length > MAX_KEPT_BYTES) areAllKept = false;
    else if (known.find(fingerprint) === undefined) {
      const role = index === 0 ? 'leaf' : 'authority';
      known.keep(role, { certificate, issuers: issuersOf(certificate), verdicts: [] });
    }
  }
  return areAllKept;
}

type MutableCounters = { -readonly [counter in keyof PathVerifierCounters]: number };

function countingIssuance(counters: MutableCounters): IssuanceCheck {
  const imported = new WeakSet<PublicKey>();
  return (child, parent) => {
    counters.signatureChecks += 1;
    if (!imported.has(parent.publicKey)) counters.keyImports += 1;
    imported.add(parent.publicKey);
    return verifyIssuance(child, parent);
  };
}
