import type { TokenAnswer } from './token-request.ts';

/** What keeping a token fresh needs from outside. Times are milliseconds. */
export interface TokenKeeping {
  readonly request: () => Promise<TokenAnswer>;
  /** Puts a token where it is read; may throw. */
  readonly write: (token: string) => void;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** From 0 to below 1, so that not all ask at once. */
  readonly random: () => number;
  readonly onEvent: (event: TokenEvent) => void;
}

export type TokenEvent =
  | { readonly kind: 'written'; readonly expiresAt: number; readonly renewInMs: number }
  | { readonly kind: 'failed'; readonly error: string; readonly retryInMs: number };

/** A token that was written, and in how many milliseconds to ask for the next; or why there is none. */
export type Renewal =
  | { readonly ok: true; readonly renewInMs: number }
  | { readonly ok: false; readonly error: string };

/** For who waits for one token: some four minutes in all. */
const ATTEMPTS = 10;
const FIRST_DELAY_MS = 1000;
const MAX_DELAY_MS = 60_000;

/** A wall clock that steps is noticed after so long. */
const NAP_MS = 30_000;

/** Gets a token and writes it, trying again ever more slowly, and so many times at most; not where the request itself is wrong. */
export async function renewToken(keeping: TokenKeeping, attempts: number = ATTEMPTS): Promise<Renewal> {
  let delay = FIRST_DELAY_MS;
  for (let attempt = 1; ; attempt += 1) {
    const result = await tryOnce(keeping);
    if (result.ok || result.isFinal || attempt === attempts) return result;
    const retryInMs = Math.round(delay * (0.8 + 0.4 * keeping.random()));
    keeping.onEvent({ kind: 'failed', error: result.error, retryInMs });
    await keeping.sleep(retryInMs);
    delay = Math.min(MAX_DELAY_MS, delay * 2);
  }
}

/**
 * Renews a token before 80 % of its life have passed, again and again, however long the API server is away. Ends where the request itself
 * is wrong.
 */
export async function keepToken(keeping: TokenKeeping): Promise<Renewal> {
  for (;;) {
    const renewal = await renewToken(keeping, Number.POSITIVE_INFINITY);
    if (!renewal.ok) return renewal;
    await waitToRenew(renewal.renewInMs, keeping);
  }
}

/** Until the time has passed by the timer or by the clock, whichever says so first. */
async function waitToRenew(renewInMs: number, { now, sleep }: TokenKeeping): Promise<void> {
  const renewAt = now() + renewInMs;
  for (let slept = 0; slept < renewInMs && now() < renewAt; ) {
    const nap = Math.min(NAP_MS, renewInMs - slept);
    await sleep(nap);
    slept += nap;
  }
}

type Try = Renewal & { readonly isFinal?: boolean };

async function tryOnce({ request, write, now, random, onEvent }: TokenKeeping): Promise<Try> {
  const answer = await request();
  if (!answer.ok) return answer;
  const lifeMs = answer.expiresAt - now();
  if (lifeMs <= 0)
    return {
      ok: false,
      error: `the token expired at ${new Date(answer.expiresAt).toISOString()} already: check the clock`,
    };
  try {
    write(answer.token);
  } catch (error) {
    return {
      ok: false,
      error: `cannot write the token: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
  const renewInMs = Math.round(lifeMs * (0.7 + 0.1 * random()));
  onEvent({ kind: 'written', expiresAt: answer.expiresAt, renewInMs });
  return { ok: true, renewInMs };
}
