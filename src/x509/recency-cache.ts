/** A map of bounded size that forgets what was not asked for the longest. */
export interface RecencyCache<Key, Value> {
  get(key: Key): Value | undefined;
  set(key: Key, value: Value): void;
}

/** Makes an empty cache for as many entries; with a size of 0 it keeps nothing. */
export function createRecencyCache<Key, Value>(size: number): RecencyCache<Key, Value> {
  // A Map lists its keys in the order of their setting, so the first is the one that was asked for the longest ago.
  const entries = new Map<Key, Value>();
  return {
    get(key) {
      const value = entries.get(key);
      if (value !== undefined) {
        entries.delete(key);
        entries.set(key, value);
      }
      return value;
    },
    set(key, value) {
      entries.delete(key);
      entries.set(key, value);
      if (entries.size <= size) return;
      for (const oldest of entries.keys()) {
        entries.delete(oldest);
        return;
      }
    },
  };
}
