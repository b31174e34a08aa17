import { createLocalJWKSet, errors, type JWTVerifyGetKey, type JWK, type LocalJWKSet } from 'jose';
import type { KeysAnswer } from '../kube/issuer-keys.ts';
import type { FileSource } from './file-source.ts';

/** The keys that callers' tokens are verified with. */
export interface CallerKeys {
  /** The key for a token. Rejects with jose's error, or with `KeysUnavailable` where there are no keys to look in. */
  readonly find: JWTVerifyGetKey;
  /** The key set in force: another object when the keys change. */
  readonly edition: () => unknown;
}

/** No key can be had now; which says nothing about the token. Why not is for the log: a caller may be anybody. */
export class KeysUnavailable extends Error {}

/** The keys of a JWKS file, reloaded when it changes. */
export function callerKeysSource(path: string): FileSource<LocalJWKSet> {
  return {
    name: 'caller-keys',
    firstFileStandsIn: 'never',
    load(read) {
      const keySet = parseKeySet(read(path).toString('utf8'));
      if (keySet.ok) return { kind: 'loaded', value: keySet.keySet, warnings: [] };
      return { kind: 'invalid', problem: `${path}: ${keySet.error}` };
    },
  };
}

type ParsedKeys =
  | { readonly ok: true; readonly keySet: LocalJWKSet }
  | { readonly ok: false; readonly error: string };

function parseKeySet(text: string): ParsedKeys {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, error: 'not JSON: expected a JSON Web Key Set' };
  }
  return toKeySet((value as { keys?: unknown } | null)?.keys);
}

/** Takes public keys alone: a private one in there has been published by mistake. */
function toKeySet(keys: unknown): ParsedKeys {
  if (!Array.isArray(keys) || keys.length === 0)
    return { ok: false, error: 'no JSON Web Key Set: expected keys, a list that is not empty' };
  for (const [index, key] of keys.entries()) {
    if (typeof key !== 'object' || key === null || typeof key.kty !== 'string')
      return { ok: false, error: `keys[${index}] is no JSON Web Key` };
    if ('d' in key || 'k' in key)
      return { ok: false, error: `keys[${index}] is a private or secret key: expected public keys` };
  }
  return { ok: true, keySet: createLocalJWKSet({ keys: keys as JWK[] }) };
}

/** Keys are asked for anew when they are older than this: as long as a key that was withdrawn stays good. */
const MAX_AGE_MS = 5 * 60_000;

/** Least time between two fetches, whatever unknown key ids a caller sends. */
const COOLDOWN_MS = 10_000;

/** Callers that wait for a fetch at a time: enough for an API server's first words with a new key, and few beside the requests in flight. */
const MAX_WAITING = 64;

/** Where an issuer's keys come from; `ticks` is a clock in milliseconds that never steps. */
export interface IssuerKeysOptions {
  readonly fetchKeys: () => Promise<KeysAnswer>;
  readonly ticks: () => number;
  /** Told of every fetch that failed. */
  readonly onFailure: (error: string) => void;
}

/**
 * The keys that an issuer publishes, fetched when they are first needed, again when they are old, and when a token names one
 * that is not among them. While they cannot be fetched the former ones stay good.
 */
export class IssuerKeys implements CallerKeys {
  readonly #options: IssuerKeysOptions;
  #keySet: LocalJWKSet | undefined;
  #text = '';
  #fetchedAt = Number.NEGATIVE_INFINITY;
  #triedAt = Number.NEGATIVE_INFINITY;
  #fetch: Promise<void> | undefined;
  #waiting = 0;

  constructor(options: IssuerKeysOptions) {
    this.#options = options;
  }

  edition = (): unknown => this.#keySet;

  find: JWTVerifyGetKey = async (header, token) => {
    if (this.#keySet === undefined) await this.#waitForKeys();
    else if (this.#options.ticks() - this.#fetchedAt > MAX_AGE_MS) void this.#refresh();
    const keySet = this.#keySet;
    if (keySet === undefined) throw new KeysUnavailable('there are none');
    try {
      return await keySet(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await this.#waitForKeys();
      if (this.#keySet === undefined || this.#keySet === keySet) throw error;
      return this.#keySet(header, token);
    }
  };

  async #waitForKeys(): Promise<void> {
    if (this.#waiting >= MAX_WAITING) throw new KeysUnavailable('too many callers wait for them');
    this.#waiting += 1;
    await this.#refresh().finally(() => (this.#waiting -= 1));
  }

  /** One fetch at a time, and none too soon after the last. */
  #refresh(): Promise<void> {
    this.#fetch ??= this.#load().finally(() => {
      this.#fetch = undefined;
    });
    return this.#fetch;
  }

  async #load(): Promise<void> {
    if (this.#options.ticks() - this.#triedAt < COOLDOWN_MS) return;
    this.#triedAt = this.#options.ticks();
    const answer = await this.#options.fetchKeys();
    const parsed = answer.ok ? toKeySet(answer.keySet.keys) : answer;
    if (!parsed.ok) {
      this.#options.onFailure(parsed.error);
      return;
    }
    this.#fetchedAt = this.#options.ticks();
    const text = JSON.stringify(parsed.keySet.jwks());
    if (text !== this.#text) this.#keySet = parsed.keySet;
    this.#text = text;
  }
}
