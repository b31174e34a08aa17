import type { MapEntry, MapNode, ReadError, ValueNode } from '../value-node.ts';
import { printGoNode, printGoScalar } from './print-go-value.ts';
import { type Resolved, resolveScalar, toJsonKey } from './resolve-scalar.ts';
import { YamlFailure } from './yaml-failure.ts';
import type { YamlAlias, YamlMapping, YamlNode, YamlScalar, YamlSequence } from './yaml-node.ts';

/** A document's value, and the keys that it sets twice. */
export interface Composed {
  readonly root: ValueNode;
  readonly duplicates: readonly ReadError[];
}

/** Resolves tags, aliases and merge keys, as go-yaml and the conversion to JSON after it do. */
export function compose(document: YamlNode): Composed {
  const composer = new Composer();
  const root = composer.compose(document);
  composer.check();
  return { root, duplicates: composer.duplicates };
}

/** go-yaml's limits on how much of a document may come from aliases (its billion-laughs guard). */
const MIN_ALIASED = 100;
const MIN_NODES = 1000;
const FEW_NODES = 400_000;
const MANY_NODES = 4_000_000;

/** As many keys set twice as are named. */
const MAX_DUPLICATES = 1000;

interface Slot {
  readonly key: Resolved;
  readonly range: { readonly start: number; readonly end: number };
  readonly value: ValueNode;
  readonly written: YamlNode;
}

class Composer {
  readonly duplicates: ReadError[] = [];
  readonly #open = new Set<YamlAlias>();
  #nodes = 0;
  #aliased = 0;
  #aliasDepth = 0;
  /** What the conversion to JSON refuses; it runs only when all of the YAML has been read. */
  #keyFailure: ReadError | undefined;
  #numberFailure: ReadError | undefined;

  compose(node: YamlNode): ValueNode {
    this.#count(node);
    if (node.kind === 'alias') return this.#composeAlias(node);
    if (node.kind === 'mapping') return this.#composeMapping(node);
    if (node.kind === 'sequence') return this.#composeSequence(node);
    return this.#toValue(resolveScalar(node), node);
  }

  check(): void {
    const failure = this.#keyFailure ?? this.#numberFailure;
    if (failure !== undefined) throw new ConversionFailure(failure);
  }

  #count(node: YamlNode): void {
    this.#nodes += 1;
    if (this.#aliasDepth > 0) this.#aliased += 1;
    if (this.#aliased <= MIN_ALIASED || this.#nodes <= MIN_NODES) return;
    if (this.#aliased / this.#nodes > allowedAliasRatio(this.#nodes)) {
      throw new YamlFailure('document contains excessive aliasing', node);
    }
  }

  #composeAlias(node: YamlAlias): ValueNode {
    this.#enter(node);
    const value = this.compose(node.target);
    this.#leave(node);
    return value;
  }

  #enter(node: YamlAlias): void {
    if (this.#open.has(node)) throw new YamlFailure(`anchor '${node.name}' value contains itself`, node);
    this.#open.add(node);
    this.#aliasDepth += 1;
  }

  #leave(node: YamlAlias): void {
    this.#aliasDepth -= 1;
    this.#open.delete(node);
  }

  #composeSequence({ items, start, end }: YamlSequence): ValueNode {
    return { kind: 'list', items: items.map((item) => this.compose(item)), start, end };
  }

  #composeMapping(node: YamlMapping): MapNode {
    const slots = new Map<string, Slot>();
    this.#fill(slots, node);
    const { start, end } = node;
    return { kind: 'map', entries: this.#toEntries(slots), start, end };
  }

  /** Sets a mapping's keys, merged ones included, in the order written: the last one stays. */
  #fill(slots: Map<string, Slot>, node: YamlMapping): void {
    for (const { key, value } of node.pairs) {
      if (isMerge(key)) {
        this.#merge(slots, value);
      } else {
        const resolved = this.#composeKey(key);
        this.#set(slots, { key: resolved, range: key, value: this.compose(value), written: value });
      }
    }
  }

  #set(slots: Map<string, Slot>, slot: Slot): void {
    const identity = `${slot.key.type} ${'value' in slot.key ? slot.key.value : ''}`;
    if (slots.has(identity) && this.duplicates.length < MAX_DUPLICATES) {
      const message = `line ${slot.written.line + 1}: key ${printGoScalar(slot.key)} already set in map`;
      this.duplicates.push({ message, start: slot.range.start, end: slot.range.end });
    }
    slots.set(identity, slot);
  }

  #composeKey(key: YamlNode): Resolved {
    this.#count(key);
    if (key.kind === 'scalar') return resolveScalar(key);
    if (key.kind === 'alias') {
      this.#enter(key);
      const resolved = this.#composeKey(key.target);
      this.#leave(key);
      return resolved;
    }
    if (key.kind === 'mapping') this.#composeMapping(key);
    else this.#composeSequence(key);
    throw new YamlFailure(`invalid map key: ${printGoNode(key)}`, key);
  }

  #merge(slots: Map<string, Slot>, value: YamlNode): void {
    // Of a sequence the earlier ones take precedence, so they are set last.
    const sources = value.kind === 'sequence' ? [...value.items].reverse() : [value];
    for (const source of sources) {
      const target = source.kind === 'alias' ? source.target : source;
      if (target.kind !== 'mapping') {
        throw new YamlFailure('map merge requires map or sequence of maps as the value', source);
      }
      this.#count(source);
      if (source.kind === 'alias') {
        this.#enter(source);
        this.#count(target);
        this.#fill(slots, target);
        this.#leave(source);
      } else {
        this.#fill(slots, target);
      }
    }
  }

  #toEntries(slots: Map<string, Slot>): readonly MapEntry[] {
    const entries = new Map<string, MapEntry>();
    for (const { key, range, value, written } of slots.values()) {
      const jsonKey = toJsonKey(key);
      if (jsonKey === undefined) {
        const type = key.type === 'null' ? '%!s(<nil>)' : key.type;
        const message = `unsupported map key of type: ${type}, key: ${printGoScalar(key)}, value: ${printGoNode(written)}`;
        this.#keyFailure ??= { message, start: range.start, end: range.end };
      } else {
        entries.set(jsonKey, { key: jsonKey, keyRange: { start: range.start, end: range.end }, value });
      }
    }
    // Go's JSON encoder writes a map's keys in order, and the decoder meets them so.
    return [...entries.values()].sort((a, b) => compareUtf8(a.key, b.key));
  }

  #toValue(resolved: Resolved, node: YamlScalar): ValueNode {
    const { start, end, pieces } = node;
    if (resolved.type === 'null') return { kind: 'null', start, end };
    if (resolved.type === 'bool') return { kind: 'bool', value: resolved.value, start, end };
    if (resolved.type === 'string') {
      return { kind: 'string', value: resolved.value, pieces: resolved.isVerbatim ? pieces : [], start, end };
    }
    if (resolved.type === 'float64' && !Number.isFinite(resolved.value)) {
      this.#numberFailure ??= { message: `json: unsupported value: ${printGoScalar(resolved)}`, start, end };
    }
    return { kind: 'number', start, end };
  }
}

/** What cannot be said in JSON: a failure after the YAML was read, so without its prefix. */
export class ConversionFailure extends Error implements ReadError {
  override readonly name: string = 'ConversionFailure';
  readonly start: number;
  readonly end: number;

  constructor({ message, start, end }: ReadError) {
    super(message);
    this.start = start;
    this.end = end;
  }
}

function isMerge(key: YamlNode): boolean {
  if (key.kind !== 'scalar' || key.value !== '<<') return false;
  return key.isImplicit || key.tag === 'tag:yaml.org,2002:merge';
}

/** go-yaml allows 99 % of few nodes to come from aliases, and 10 % of many. */
function allowedAliasRatio(nodes: number): number {
  if (nodes <= FEW_NODES) return 0.99;
  if (nodes >= MANY_NODES) return 0.1;
  return 0.99 - 0.89 * ((nodes - FEW_NODES) / (MANY_NODES - FEW_NODES));
}

const SURROGATE = /[\ud800-\udfff]/;

function compareUtf8(a: string, b: string): number {
  // Only beyond the BMP have code units another order than UTF-8.
  if (SURROGATE.test(a) || SURROGATE.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a < b ? -1 : Number(a > b);
}
