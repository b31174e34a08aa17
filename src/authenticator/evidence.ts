import type { Certificate } from '../x509/certificate.ts';
import type { JwsProof } from '../x509/jws.ts';

/**
 * How it is known that the caller holds the leaf's private key: `proved` by a TLS handshake with us, `signed` by a
 * signature that the decision checks, or `assumed`, where nobody holds anything yet (dry-run, replay) or a trusted
 * TLS terminator vouches for it.
 */
export type Possession =
  | { readonly kind: 'proved' }
  | { readonly kind: 'signed'; readonly proof: JwsProof }
  | { readonly kind: 'assumed' };

/** What a caller presented. */
export interface Evidence {
  /** As presented, leaf first; the rest in any order. */
  readonly chain: readonly [Certificate, ...Certificate[]];
  readonly possession: Possession;
  /** The peer's IP address in canonical text, no port, no zone; absent where it is not known. */
  readonly remoteAddress?: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}
