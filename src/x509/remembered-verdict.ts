import type { Certificate } from './certificate.ts';
import type { PathRequirements, PathVerdict } from './path.ts';

/** A verdict on a chain that verified, with everything that it rests on. */
export interface RememberedVerdict {
  readonly verdict: PathVerdict;
  /** The fingerprints of what was presented, in its order. */
  readonly chain: readonly string[];
  readonly generation: string;
  readonly handledExtensions: ReadonlySet<string>;
  readonly maxSignatureChecks: number;
  readonly steadyTime: SteadyTime;
}

/**
 * The time around an instant in which no certificate begins or ends to be valid, so that a verdict of that instant is
 * that of any other: from the latest beginning until the earliest end, after the latest end, and before the earliest
 * beginning to come.
 */
interface SteadyTime {
  readonly from: number;
  readonly until: number;
  readonly after: number;
  readonly before: number;
}

/** Puts a verdict down with what it rests on: the presented chain, and the requirements with all their anchors. */
export function rememberVerdict(
  verdict: PathVerdict,
  chain: readonly Certificate[],
  requirements: PathRequirements,
): RememberedVerdict {
  const { anchors, at, handledExtensions, maxSignatureChecks } = requirements;
  return {
    verdict,
    chain: chain.map(({ fingerprint }) => fingerprint),
    generation: anchors.generation,
    handledExtensions,
    maxSignatureChecks,
    steadyTime: findSteadyTime([...chain, ...anchors.anchors], at),
  };
}

/** Whether a verification of this chain would have that very verdict. */
export function isStillTrue(
  { chain: remembered, generation, handledExtensions, maxSignatureChecks, steadyTime }: RememberedVerdict,
  chain: readonly Certificate[],
  requirements: PathRequirements,
): boolean {
  return (
    generation === requirements.anchors.generation &&
    maxSignatureChecks === requirements.maxSignatureChecks &&
    isSameSet(handledExtensions, requirements.handledExtensions) &&
    isWithin(steadyTime, requirements.at) &&
    remembered.length === chain.length &&
    remembered.every((fingerprint, index) => fingerprint === chain[index]?.fingerprint)
  );
}

function isSameSet(first: ReadonlySet<string>, second: ReadonlySet<string>): boolean {
  return first === second || (first.size === second.size && [...first].every((item) => second.has(item)));
}

function isWithin({ from, until, after, before }: SteadyTime, at: number): boolean {
  return at >= from && at <= until && at > after && at < before;
}

function findSteadyTime(certificates: readonly Certificate[], at: number): SteadyTime {
  const bounds = { from: -Infinity, until: Infinity, after: -Infinity, before: Infinity };
  for (const { notBefore, notAfter } of certificates) {
    if (at < notBefore) bounds.before = Math.min(bounds.before, notBefore);
    else bounds.from = Math.max(bounds.from, notBefore);
    if (at > notAfter) bounds.after = Math.max(bounds.after, notAfter);
    else bounds.until = Math.min(bounds.until, notAfter);
  }
  return bounds;
}
