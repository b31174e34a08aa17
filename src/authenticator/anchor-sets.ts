import type { TrustBundle } from '../x509/trust-bundle.ts';
import type { Entry } from './authenticator.ts';

/** Anchors of an entry: its issuer's, or a federated trust domain's. */
export interface AnchorSet {
  readonly entry: Entry;
  /** Of the issuer or the trust domain that they are for. */
  readonly path: string;
  readonly bundle: TrustBundle;
  readonly anchorsOf: Entry['anchorsOf'];
}

/** All anchors that entries trust; the server's once for each entry without its own. */
export function anchorSetsOf(entries: readonly Entry[]): readonly AnchorSet[] {
  return entries.flatMap((entry) => {
    const { index, anchors, anchorsOf, mapping } = entry;
    const federated = mapping.kind === 'workload' ? mapping.federated : [];
    return [
      { entry, path: `x509[${index}].issuer`, bundle: anchors, anchorsOf },
      ...federated.map(({ anchors: bundle }, domain) => {
        const path = `x509[${index}].workload.federatedTrustDomains[${domain}]`;
        return { entry, path, bundle, anchorsOf: 'entry' as const };
      }),
    ];
  });
}

/** The sets, of those with the same anchors the first. */
export function distinctAnchorSets(sets: readonly AnchorSet[]): readonly AnchorSet[] {
  const seen = new Set<string>();
  return sets.filter(({ bundle, anchorsOf }) => {
    const key = `${anchorsOf} ${bundle.generation} ${bundle.skippedBlocks}`;
    return !seen.has(key) && seen.add(key);
  });
}
