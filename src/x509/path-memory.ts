import type { Certificate } from './certificate.ts';
import type { PathRequirements, PathVerdict } from './path.ts';

/** A verdict that verified, with everything that it rests on. */
interface RememberedVerdict {
  readonly chain: readonly Certificate[];
  readonly generation: string;
  readonly handledExtensions: ReadonlySet<string>;
  readonly maxSignatureChecks: number;
  readonly steady: SteadyTime;
  readonly verdict: PathVerdict;
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

/** Verdicts on chains, by the identity of the certificates; they are kept as long as the leaf is. */
export interface PathMemory {
  recall(chain: readonly Certificate[], requirements: PathRequirements): PathVerdict | undefined;
  remember(chain: readonly Certificate[], requirements: PathRequirements, verdict: PathVerdict): void;
}

/**
 * One leaf is presented with one chain, to as many bundles as there are entries in a configuration; more of either is
 * unusual.
 */
const VERDICTS_OF_A_LEAF = 16;

export function createPathMemory(): PathMemory {
  const verdicts = new WeakMap<Certificate, readonly RememberedVerdict[]>();
  return {
    recall(chain, requirements) {
      const ofLeaf = chain[0] === undefined ? undefined : verdicts.get(chain[0]);
      return ofLeaf?.find((remembered) => isAnswer(remembered, chain, requirements))?.verdict;
    },
    remember(chain, requirements, verdict) {
      const [leaf] = chain;
      if (leaf === undefined) return;
      const { anchors, at, handledExtensions, maxSignatureChecks } = requirements;
      const steady = findSteadyTime([...chain, ...anchors.anchors], at);
      const { generation } = anchors;
      const latest = {
        chain: [...chain],
        generation,
        handledExtensions,
        maxSignatureChecks,
        steady,
        verdict,
      };
      verdicts.set(leaf, [latest, ...(verdicts.get(leaf) ?? [])].slice(0, VERDICTS_OF_A_LEAF));
    },
  };
}

function isAnswer(
  remembered: RememberedVerdict,
  chain: readonly Certificate[],
  requirements: PathRequirements,
): boolean {
  const { at, anchors, maxSignatureChecks, handledExtensions } = requirements;
  const { steady } = remembered;
  return (
    remembered.generation === anchors.generation &&
    remembered.maxSignatureChecks === maxSignatureChecks &&
    isSameSet(remembered.handledExtensions, handledExtensions) &&
    at >= steady.from &&
    at <= steady.until &&
    at > steady.after &&
    at < steady.before &&
    remembered.chain.length === chain.length &&
    remembered.chain.every((certificate, index) => certificate === chain[index])
  );
}

function isSameSet(first: ReadonlySet<string>, second: ReadonlySet<string>): boolean {
  return first === second || (first.size === second.size && [...first].every((item) => second.has(item)));
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
