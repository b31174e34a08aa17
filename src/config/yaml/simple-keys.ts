import type { TextCursor } from './text-cursor.ts';
import { type Mark, scannerFailure } from './yaml-failure.ts';

/** A key without a `?` must be on one line and at most so long (YAML 1.1 §9.1.2). */
const MAX_KEY_LENGTH = 1024;

/** A token that a `:` may turn into a key. */
export interface SimpleKey {
  /** Its number in the stream of tokens. */
  readonly token: number;
  readonly mark: Mark;
  /** Whether it stands where only a key can stand. */
  readonly isRequired: boolean;
}

interface Level {
  /** The last token that was noted here: at first the bracket itself. */
  token: number;
  key: SimpleKey | undefined;
}

/** For each open pair of brackets, the token that a `:` may still turn into a key. */
export class SimpleKeys {
  readonly #levels: Level[] = [{ token: -1, key: undefined }];
  /** The levels of the tokens that are held back until it is known whether they are keys. */
  readonly #held = new Map<number, number>();

  /** Whether a token may still become a key, so that one must look further before it is handed out. */
  mayBeKey(token: number, cursor: TextCursor): boolean {
    const level = this.#levels[this.#held.get(token) ?? -1];
    return level !== undefined && this.#isPossible(level, cursor);
  }

  save(key: SimpleKey, cursor: TextCursor): void {
    this.forget(cursor);
    const level = this.#last();
    level.token = key.token;
    level.key = key;
    this.#held.set(key.token, this.#levels.length - 1);
  }

  /** Gives up the key of the innermost brackets; refused where there had to be one. */
  forget(cursor: TextCursor): void {
    const level = this.#last();
    if (level.key === undefined) return;
    if (level.key.isRequired) fail(level.key, cursor);
    level.key = undefined;
    this.#held.delete(level.token);
  }

  /** Takes the key that a `:` here belongs to. */
  take(cursor: TextCursor): SimpleKey | undefined {
    const level = this.#last();
    if (!this.#isPossible(level, cursor)) return undefined;
    const { key } = level;
    level.key = undefined;
    this.#held.delete(level.token);
    return key;
  }

  open(bracket: number): void {
    this.#levels.push({ token: bracket, key: undefined });
  }

  close(): void {
    const level = this.#levels.pop();
    // go-yaml lets go of the bracket itself here where nothing in it was noted: it is handed out, key or not.
    if (level !== undefined) this.#held.delete(level.token);
  }

  #last(): Level {
    const level = this.#levels.at(-1);
    if (level === undefined) throw new Error('the outermost level is never closed');
    return level;
  }

  #isPossible(level: Level, cursor: TextCursor): boolean {
    const { key } = level;
    if (key === undefined) return false;
    if (key.mark.line === cursor.line && key.mark.at + MAX_KEY_LENGTH >= cursor.at) return true;
    if (key.isRequired) fail(key, cursor);
    level.key = undefined;
    return false;
  }
}

function fail(key: SimpleKey, cursor: TextCursor): never {
  throw scannerFailure("could not find expected ':'", cursor.mark(), key.mark);
}
