import { TOKEN_PREFIX } from '../credential/token.ts';
import { createRecencyCache } from '../x509/recency-cache.ts';

/** Certificates in use at a time, as many as a server of this kind sees; tokens' headers with them are a few MiB. */
const CAPACITY = 2048;

/** What is longer is not worth remembering: two certificates have some 2 KiB. */
const MAX_LENGTH = 8 * 1024;

/**
 * Remembers whose certificates were accepted lately, by a text that has the whole chain in it, such as a token's header. What they present
 * costs one signature check at most, whoever made it; anything else may cost many. Only who authenticated is remembered, so strangers fill
 * nothing.
 */
export class KnownHolders {
  readonly #holders = createRecencyCache<string, true>(CAPACITY);

  /** Whether this very chain was accepted lately. */
  knows(holder: string): boolean {
    return this.#holders.get(holder) === true;
  }

  /** Remembers who was accepted; forgets who was not seen for the longest time. */
  remember(holder: string): void {
    if (holder.length <= MAX_LENGTH) this.#holders.set(holder, true);
  }
}

/** The part of a token that holds the certificates. */
export function headerOf(token: string): string {
  return token.slice(TOKEN_PREFIX.length, token.indexOf('.', TOKEN_PREFIX.length));
}
