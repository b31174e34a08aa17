import type { Entry } from '../authenticator/authenticator.ts';
import type { Certificate } from '../x509/certificate.ts';

/** Anchors of one entry that have series of their own; those after them share one. */
const SHOWN_ANCHORS = 100;

/** The label of an entry's further anchors. */
export const OTHER_ANCHORS = 'other';

/** An anchor as a label: the first 16 hex digits of its fingerprint, as `compile` prints it whole. */
export function anchorLabel({ fingerprint }: Certificate): string {
  return fingerprint.slice(0, 16);
}

/** The anchors of an entry that have series of their own; those of its federated trust domains are among them. */
export function shownAnchors({ anchors, mapping }: Entry): readonly Certificate[] {
  const federated = mapping.kind === 'workload' ? mapping.federated : [];
  const all = [anchors, ...federated.map((domain) => domain.anchors)].flatMap((bundle) => bundle.anchors);
  return [...new Map(all.map((anchor) => [anchor.fingerprint, anchor])).values()].slice(0, SHOWN_ANCHORS);
}
