import { noSuchOverload } from './error.ts';
import { unescapeName } from './escape.ts';
import {
  type CelList,
  CelMap,
  type CelResult,
  type CelValue,
  type MapKey,
  type ObjectValue,
} from './value.ts';

/**
 * A map that came in from outside, such as `user.extra`. Index and selection read an escaped key (`a__dot__b`) as what it
 * stands for, and wrap what they find; `in` and iteration do neither. This is how kube-apiserver binds them.
 */
export class InputMap extends CelMap {
  override get(key: CelValue): CelValue | undefined {
    const found = super.get(typeof key === 'string' ? (unescapeName(key) ?? key) : key);
    return found === undefined ? undefined : wrapInput(found);
  }

  /** The map without what index and selection add. */
  get plain(): CelMap {
    return new CelMap(this.entries);
  }
}

/** A list that came in from outside; its elements are wrapped when they are indexed, and plain when they are iterated. */
export class InputList extends Array<CelValue> {
  readonly plain: CelList;

  constructor(plain: CelList) {
    super();
    this.plain = plain;
    for (const element of plain) this.push(wrapInput(element));
  }

  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }
}

const EMPTY_LIST: CelList = new InputList([]);

/** A value from outside as indexes and selections see it. Lists of plain values need no wrapper, unless they are empty. */
export function wrapInput(value: CelValue): CelValue {
  if (value instanceof CelMap) return value instanceof InputMap ? value : new InputMap(value.entries);
  if (!Array.isArray(value) || value instanceof InputList) return value;
  if (value.length === 0) return EMPTY_LIST;
  const first: CelValue = value[0] as CelValue;
  return typeof first === 'string' && value.every((element) => typeof element === 'string')
    ? value
    : new InputList(value as CelList);
}

/** A list from outside, as iteration sees it. */
export function plainList(list: CelList): CelList {
  return list instanceof InputList ? list.plain : list;
}

/** What a key selects of an object: a field, an error for what cannot name one, or nothing. */
export function findField(object: ObjectValue, key: CelValue): CelResult | undefined {
  if (typeof key !== 'string') return noSuchOverload();
  if (!key.includes('__')) return object.field(key);
  const name = unescapeName(key);
  return name === undefined ? undefined : object.field(name);
}

/** JSON as a value: objects are maps, numbers doubles. */
export function fromJson(json: unknown): CelValue {
  if (Array.isArray(json)) return json.map(fromJson);
  if (typeof json === 'object' && json !== null) {
    const entries = new Map<MapKey, CelValue>();
    for (const [key, value] of Object.entries(json)) entries.set(key, fromJson(value));
    return new CelMap(entries);
  }
  if (typeof json === 'string' || typeof json === 'number' || typeof json === 'boolean') return json;
  return null;
}
