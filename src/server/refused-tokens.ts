import { hash } from 'node:crypto';
import { isForeign } from '../credential/token.ts';
import type { TokenRefusal } from '../credential/token-refusal.ts';

/** How long a refusal is remembered: enough for a client that tries again and again, short beside any token's life. */
const MEMORY_MS = 10_000;

/** Refusals remembered at once: a few hundred KiB. */
const CAPACITY = 1024;

/** Refusals that hold for the token's bytes alone, whatever the time and the configuration. */
const TIMELESS: Readonly<Record<TokenRefusal['code'], boolean>> = {
  'token/malformed': true,
  'token/header': true,
  'token/chain': true,
  'token/algorithm': true,
  'token/claims': true,
  'token/lifetime': true,
  'token/expired': false,
  'token/issued-in-the-future': false,
};

interface Memory {
  readonly refusal: TokenRefusal;
  readonly since: number;
}

/**
 * Remembers for some seconds why a token was refused, so that presenting it again costs one hash. Holds digests, not
 * tokens. Times are milliseconds since the epoch; a clock that steps makes it forget.
 */
export class RefusedTokens {
  readonly #memories = new Map<string, Memory>();

  recall(token: string, at: number): TokenRefusal | undefined {
    // Foreign tokens may be megabytes long.
    if (this.#memories.size === 0 || isForeign(token)) return undefined;
    const digest = hash('sha256', token, 'base64');
    const memory = this.#memories.get(digest);
    if (memory === undefined) return undefined;
    const age = at - memory.since;
    if (age >= 0 && age < MEMORY_MS) return memory.refusal;
    this.#memories.delete(digest);
    return undefined;
  }

  /** Remembers a refusal, where it is one that lasts; forgets the oldest where there are too many. */
  remember(token: string, refusal: TokenRefusal, at: number): void {
    if (!TIMELESS[refusal.code]) return;
    this.#memories.set(hash('sha256', token, 'base64'), { refusal, since: at });
    if (this.#memories.size <= CAPACITY) return;
    for (const digest of this.#memories.keys()) {
      this.#memories.delete(digest);
      break;
    }
  }
}
