/** Numbers that look random and are the same again for the same seed. */
export interface Random {
  /** An integer from 0 up, below `limit`. */
  below(limit: number): number;
  pick<T>(list: readonly T[]): T;
  /** True once in `n` times. */
  oneIn(n: number): boolean;
  bytes(length: number): Buffer;
}

/** Mulberry32 (Tommy Ettinger's, in the public domain). */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let word = Math.imul(state ^ (state >>> 15), state | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return (word ^ (word >>> 14)) >>> 0;
  }
  const below = (limit: number): number => Math.floor((next() / 2 ** 32) * limit);
  return {
    below,
    pick<T>(list: readonly T[]): T {
      if (list.length === 0) throw new RangeError('nothing to pick from');
      return list[below(list.length)] as T;
    },
    oneIn: (n) => below(n) === 0,
    bytes: (length) => Buffer.from(Array.from({ length }, () => below(256))),
  };
}
