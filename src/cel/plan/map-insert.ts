import { CelError, noSuchOverload, unhashable } from '../error.ts';
import type { Step } from '../frame.ts';
import { printKey } from './qualifier.ts';
import { CelMap, type CelResult, type CelValue, type MapKey, toMapKey } from '../value.ts';

/** A map that grows while a comprehension makes it. Nothing else can hold it until the comprehension is done. */
export class GrowingMap extends CelMap {
  readonly #entries: Map<MapKey, CelValue>;

  constructor() {
    const entries = new Map<MapKey, CelValue>();
    super(entries);
    this.#entries = entries;
  }

  /** Adds an entry; the error of a key that is there already. */
  insert(key: CelValue, value: CelValue): CelError | undefined {
    if (key instanceof Uint8Array) throw unhashable();
    if (this.has(key)) return new CelError(`insert failed: key ${printKey(key)} already exists`);
    this.#entries.set(toMapKey(key), value);
    return undefined;
  }
}

/** `cel.@mapInsert(accumulator, key, value)`, which transformMap makes. */
export function planInsertEntry(read: Step, key: Step, value: Step): Step {
  return (frame) => {
    const map = read(frame);
    frame.charge(1);
    if (map instanceof CelError) return map;
    const at = key(frame);
    if (at instanceof CelError) return at;
    const found = value(frame);
    frame.charge(1);
    if (found instanceof CelError) return found;
    return (map as GrowingMap).insert(at, found) ?? map;
  };
}

/** `cel.@mapInsert(accumulator, map)`, which transformMapEntry makes: every entry of the map. */
export function planInsertAll(read: Step, added: Step): Step {
  return (frame) => {
    const map = read(frame);
    frame.charge(1);
    const entries = added(frame);
    frame.charge(1);
    if (map instanceof CelError) return map;
    if (entries instanceof CelError) return entries;
    if (!(entries instanceof CelMap)) return noSuchOverload('cel.@mapInsert');
    return insertAll(map as GrowingMap, entries);
  };
}

function insertAll(map: GrowingMap, entries: CelMap): CelResult {
  for (const [key, value] of entries.pairs()) {
    const problem = map.insert(key, value);
    if (problem !== undefined) return problem;
  }
  return map;
}
