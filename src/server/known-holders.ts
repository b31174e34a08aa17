import { TOKEN_PREFIX } from '../credential/token.ts';

/** Certificates in use at a time, as many as a server of this kind sees; their headers are a few MiB. */
const CAPACITY = 2048;

/** A longer header is not worth remembering: two certificates have some 2 KiB. */
const MAX_HEADER = 8 * 1024;

/**
 * Remembers by whose certificates tokens were accepted lately. A token of theirs costs one signature check at most, whoever made
 * it; any other may cost many. Only who authenticated is remembered, so strangers fill nothing.
 */
export class KnownHolders {
  readonly #headers = new Set<string>();

  /** Whether a token has the very header, certificates included, of one that was accepted. */
  knows(token: string): boolean {
    const header = headerOf(token);
    if (!this.#headers.delete(header)) return false;
    this.#headers.add(header);
    return true;
  }

  /** Remembers the holder of a token that was accepted; forgets who was not seen for the longest time. */
  remember(token: string): void {
    const header = headerOf(token);
    if (header.length > MAX_HEADER) return;
    this.#headers.add(header);
    if (this.#headers.size <= CAPACITY) return;
    for (const oldest of this.#headers) {
      this.#headers.delete(oldest);
      break;
    }
  }
}

/** The part of a token that holds the certificates. */
function headerOf(token: string): string {
  return token.slice(TOKEN_PREFIX.length, token.indexOf('.', TOKEN_PREFIX.length));
}
