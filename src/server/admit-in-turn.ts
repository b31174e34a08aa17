import { hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { admit, type Admission, type Presented, type SessionService } from './admit.ts';
import type { FrontGate } from './reply.ts';

/** Who asks, and what there is to answer from. */
export interface Asking {
  readonly request: IncomingMessage;
  readonly service: SessionService;
  readonly gate: FrontGate;
}

/**
 * Admits at once who was admitted lately. Anybody can present certificates that cost many signature checks, so the others wait for each
 * other, and for the strangers of every other port. Nothing where too many wait already, or the client has gone meanwhile.
 */
export async function admitInTurn(
  presented: Presented,
  { request, service, gate: { holders, strangers, metrics } }: Asking,
): Promise<Admission | undefined> {
  const holder = holderOf(presented);
  if (holders.knows(holder)) return admit(presented, service);
  const turn = strangers.run(() => (request.socket.destroyed ? undefined : admit(presented, service)));
  if (turn === undefined) metrics.rejections.inc({ reason: 'strangers' });
  const admission = await turn;
  if (admission?.kind === 'admitted') holders.remember(holder);
  return admission;
}

/** A chain, in a few bytes; no token's header looks like it. */
function holderOf({ certificates }: Presented): string {
  return `chain ${hash('sha256', Buffer.concat(certificates), 'base64')}`;
}
