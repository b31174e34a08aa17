import { createHash } from 'node:crypto';
import { createRecencyCache } from '../x509/recency-cache.ts';
import { type Admission, admit, type Presented, type SessionService } from './admit.ts';
import type { StrangerLane } from './stranger-lane.ts';

/**
 * Admits clients of a front door: at once whoever was admitted lately with the same certificates, or shows none; the others in their turn, since
 * their chains may cost many signature checks. `full`: too many wait; nothing where the client has gone meanwhile.
 */
export type Reception = (
  presented: Presented,
  isGone: () => boolean,
) => Promise<Admission | 'full' | undefined>;

/** Holders in use at a time, as many as a server of this kind sees. */
const CAPACITY = 2048;

/** A reception whose strangers share a lane with those of other doors. */
export function createReception(service: SessionService, strangers: StrangerLane): Reception {
  const admitted = createRecencyCache<string, true>(CAPACITY);
  return async (presented, isGone) => {
    const { certificates } = presented;
    const holder = digestOf(certificates);
    if (certificates.length === 0 || admitted.get(holder) === true) return admit(presented, service);
    const turn = strangers.run(() => (isGone() ? undefined : admit(presented, service)));
    if (turn === undefined) return 'full';
    const admission = await turn;
    if (admission?.kind === 'admitted') admitted.set(holder, true);
    return admission;
  };
}

/** Of all the certificates: with others beside it, a leaf that is known may cost as much as any. */
function digestOf(certificates: readonly Buffer[]): string {
  const digest = createHash('sha256');
  // Each is DER, which says where it ends.
  for (const certificate of certificates) digest.update(certificate);
  return digest.digest('base64');
}
