import { randomBytes } from 'node:crypto';
import type { Authenticator } from '../../src/authenticator/authenticator.ts';
import { mintToken } from '../../src/credential/mint-token.ts';
import { type Identity, NOW } from '../pki.ts';
import { AUDIENCE, reviewOf, startWebhook } from './webhook.ts';

/** A server that decides with an authenticator, and a client that asks it as kube-apiserver does. */
export interface Reviewer {
  /** Posts a TokenReview of a token; gives its status. */
  review(token: string): Promise<unknown>;
  /** What the server has logged, line by line. */
  readonly log: readonly string[];
  close(): Promise<void>;
}

export async function startReviewer(authenticator: Authenticator): Promise<Reviewer> {
  const webhook = await startWebhook({ authenticator: () => authenticator });
  return {
    log: webhook.lines,
    async review(token) {
      const { text } = await webhook.send(reviewOf(token));
      return (JSON.parse(text) as { readonly status: unknown }).status;
    },
    close: () => webhook.close(),
  };
}

/** A token that presents a chain, signed with the leaf's key, or with another's. */
export function tokenOf(chain: readonly [Identity, ...Identity[]], signer: Identity = chain[0]): string {
  const iat = NOW / 1000;
  const claims = { aud: AUDIENCE, iat, exp: iat + 300, jti: randomBytes(16).toString('base64url') };
  const [leaf, ...others] = chain;
  const certificates = [leaf.certificate, ...others.map(({ certificate }) => certificate)] as const;
  const token = mintToken({ chain: certificates, key: signer.key, claims });
  if (token === undefined) throw new Error('the key signs no tokens');
  return token;
}
