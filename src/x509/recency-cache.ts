/** A map of bounded size that forgets what was not asked for the longest. */
export interface RecencyCache<Key, Value> {
  get(key: Key): Value | undefined;
  set(key: Key, value: Value): void;
}

/** Makes an empty cache for as many entries; with a size of 0 it keeps nothing. */
export function createRecencyCache<Key, Value>(size: number): RecencyCache<Key, Value> {
  // A Map lists its keys in the order of their setting, so the first is the one that was asked for the longest ago. An entry keeps the
  // key that it came with: that of a look-up may be part of a request, which would live as long as it.
  const entries = new Map<Key, { readonly key: Key; readonly value: Value }>();
  return {
    get(key) {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      entries.delete(entry.key);
      entries.set(entry.key, entry);
      return entry.value;
    },
    set(key, value) {
      entries.delete(key);
      entries.set(key, { key, value });
      if (entries.size <= size) return;
      for (const oldest of entries.keys()) {
        entries.delete(oldest);
        return;
      }
    },
  };
}
