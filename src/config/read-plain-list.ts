import type { MapEntry, MapNode, TextPiece, TextRange, ValueNode } from './value-node.ts';
import { resolveScalar } from './yaml/resolve-scalar.ts';

/** The fields of a RevocationList and of its items; each is kept once, and not with every item. */
const KEYS: ReadonlyMap<string, string> = new Map(
  'apiVersion kind serials fingerprints publicKeys serial issuerName issuerKeyId sha256 reason'
    .split(' ')
    .map((key) => [key, key]),
);

/** What YAML has rules of its own for: line breaks but LF, tabs, control characters, a byte order mark, surrogates. */
const UNUSUAL = /[^\n -~\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]/;

/** A string in quotes that has no escape in it, or one or several words that need none. */
const STRING = `"([^"\\\\]*)"|'([^']*)'|([A-Za-z0-9][\\w./-]*(?: [\\w./-]+)*)`;
const COMMENT = ' *(?: #.*)?$';

const NOTHING = /^ *(?:#.*)?$/;
const FIELD = new RegExp(`^( *)(- )?(\\w+):(?: +(?:${STRING}|(\\[\\])))?${COMMENT}`);
const BRACES = new RegExp(`^( *)- \\{(.*)\\}${COMMENT}`);
const FIELD_IN_BRACES = new RegExp(` *(\\w+): +(?:${STRING}) *(,|$)`, 'y');

/**
 * Reads a long RevocationList a line at a time, in a tenth of the time and memory that YAML takes: one that is laid out as `revoke`
 * writes it, or with an item in braces on each line. The value is what `readYaml` makes of the text, but for the places in it.
 * Undefined for every other text, be it right or wrong: it is `readYaml` that knows.
 */
export function readPlainList(text: string): MapNode | undefined {
  if (UNUSUAL.test(text)) return undefined;
  const reader = new PlainReader();
  for (let start = 0; start < text.length; ) {
    const found = text.indexOf('\n', start);
    const end = found === -1 ? text.length : found;
    if (!reader.takes(text.slice(start, end))) return undefined;
    start = end + 1;
  }
  return reader.finish();
}

/** A map while it is read. */
interface GrowingMap extends Omit<MapNode, 'entries'> {
  entries: readonly MapEntry[];
}

interface GrowingList {
  readonly items: ValueNode[];
  /** Of its first item; undefined before there is one. */
  indent: number | undefined;
}

/** What was read so far. Each method says whether it understands what it is given. */
class PlainReader {
  readonly #root: GrowingMap = emptyMap();
  #list: GrowingList | undefined;
  /** The item that further lines may add to. */
  #item: GrowingMap | undefined;

  takes(line: string): boolean {
    if (NOTHING.test(line)) return true;
    const field = FIELD.exec(line);
    if (field !== null) return this.#takesField(field);
    const [, indent = '', fields] = BRACES.exec(line) ?? [];
    return fields !== undefined && this.#takesBraces(indent.length, fields);
  }

  finish(): MapNode | undefined {
    return this.#isBare() || this.#root.entries.length === 0 ? undefined : this.#root;
  }

  /** A key that nothing follows is a list only where items do. */
  #isBare(): boolean {
    return this.#list !== undefined && this.#list.indent === undefined;
  }

  #takesField([, indent = '', dash, key = '', double, single, plain, none]: RegExpExecArray): boolean {
    const map = dash === undefined ? this.#mapAt(indent.length) : this.#openItem(indent.length);
    if (map === undefined) return false;
    const text = double ?? single ?? plain;
    if (text !== undefined) return takesString(map, key, { text, isPlain: plain !== undefined });
    if (map !== this.#root) return false;
    const items: ValueNode[] = [];
    if (none === undefined) this.#list = { items, indent: undefined };
    return takesValue(map, key, { kind: 'list', items, start: 0, end: 0 });
  }

  /** The map that a field belongs to which has no dash before it. */
  #mapAt(indent: number): GrowingMap | undefined {
    if (indent > 0) return indent === (this.#list?.indent ?? 0) + 2 ? this.#item : undefined;
    if (this.#isBare()) return undefined;
    this.#list = undefined;
    this.#item = undefined;
    return this.#root;
  }

  #takesBraces(indent: number, fields: string): boolean {
    const item = this.#openItem(indent);
    if (item === undefined) return false;
    this.#item = undefined;
    FIELD_IN_BRACES.lastIndex = 0;
    while (FIELD_IN_BRACES.lastIndex < fields.length) {
      const [, key = '', double, single, plain, separator] = FIELD_IN_BRACES.exec(fields) ?? [];
      const text = double ?? single ?? plain;
      if (text === undefined || !takesString(item, key, { text, isPlain: plain !== undefined })) return false;
      if (separator === '') return true;
    }
    return false;
  }

  #openItem(indent: number): GrowingMap | undefined {
    const list = this.#list;
    if (list === undefined || indent !== (list.indent ?? indent)) return undefined;
    const item = emptyMap();
    list.indent = indent;
    list.items.push(item);
    this.#item = item;
    return item;
  }
}

function takesString(
  map: GrowingMap,
  key: string,
  { text, isPlain }: { readonly text: string; readonly isPlain: boolean },
): boolean {
  // Some words are numbers or booleans to YAML.
  if (isPlain && resolveScalar(toScalar(text)).type !== 'string') return false;
  return takesValue(map, key, { kind: 'string', value: text, pieces: NO_PIECES, start: 0, end: 0 });
}

function takesValue(map: GrowingMap, name: string, value: ValueNode): boolean {
  const key = KEYS.get(name);
  if (key === undefined || map.entries.some((entry) => entry.key === key)) return false;
  // Not pushed: that would make room for sixteen more.
  map.entries = [...map.entries, { key, keyRange: NOWHERE, value }];
  return true;
}

const NOWHERE: TextRange = { start: 0, end: 0 };
const NO_PIECES: readonly TextPiece[] = [];

function emptyMap(): GrowingMap {
  return { kind: 'map', entries: [], start: 0, end: 0 };
}

function toScalar(value: string): Parameters<typeof resolveScalar>[0] {
  return { kind: 'scalar', tag: '', isImplicit: true, value, pieces: NO_PIECES, line: 0, start: 0, end: 0 };
}
