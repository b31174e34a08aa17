import { shortestFloat } from '../go-float.ts';
import { YamlFailure } from './yaml-failure.ts';
import type { YamlScalar } from './yaml-node.ts';

/** What a scalar is: go-yaml's Go types, as far as they differ in what becomes of them. */
export type Resolved =
  | { readonly type: 'null' }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'int'; readonly value: bigint }
  | { readonly type: 'uint64'; readonly value: bigint }
  | { readonly type: 'float64'; readonly value: number }
  | { readonly type: 'string'; readonly value: string; readonly isVerbatim: boolean };

const PREFIX = 'tag:yaml.org,2002:';
const RESOLVABLE = new Set(['str', 'bool', 'int', 'float', 'null', 'timestamp'].map((name) => PREFIX + name));
const BINARY = `${PREFIX}binary`;

/** YAML 1.1's own words: `yes` and `on` are booleans to kube-apiserver. */
const WORDS: ReadonlyMap<string, Resolved> = new Map([
  ...wordsFor('y Y yes Yes YES true True TRUE on On ON', { type: 'bool', value: true }),
  ...wordsFor('n N no No NO false False FALSE off Off OFF', { type: 'bool', value: false }),
  ...wordsFor('~ null Null NULL', { type: 'null' }),
  ...wordsFor('.nan .NaN .NAN', { type: 'float64', value: Number.NaN }),
  ...wordsFor('.inf .Inf .INF +.inf +.Inf +.INF', { type: 'float64', value: Number.POSITIVE_INFINITY }),
  ...wordsFor('-.inf -.Inf -.INF', { type: 'float64', value: Number.NEGATIVE_INFINITY }),
  ['', { type: 'null' }],
]);

const TYPE_TAGS: Readonly<Record<Resolved['type'], string>> = {
  null: 'null',
  bool: 'bool',
  int: 'int',
  uint64: 'int',
  float64: 'float',
  string: 'str',
};

const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;
const MAX_UINT64 = 2n ** 64n - 1n;

/** What a scalar is, by its tag or by its text (go-yaml's reading of YAML 1.1 §10.2). */
export function resolveScalar(node: YamlScalar): Resolved {
  if (node.tag === BINARY) return { type: 'string', value: decodeBinary(node), isVerbatim: false };
  if ((node.tag === '' && !node.isImplicit) || (node.tag !== '' && !RESOLVABLE.has(node.tag)))
    return asString(node);
  const wanted = node.tag.slice(PREFIX.length);
  if (wanted === 'str') return asString(node);
  if (wanted === 'timestamp') return asTimestamp(node);
  const resolved = resolvePlain(node);
  const found = TYPE_TAGS[resolved.type];
  if (node.tag === '' || wanted === found) return resolved;
  if (wanted === 'float' && resolved.type === 'int')
    return { type: 'float64', value: Number(resolved.value) };
  return mismatch(node, found);
}

function resolvePlain(node: YamlScalar): Resolved {
  return WORDS.get(node.value) ?? resolveNumber(node.value) ?? asString(node);
}

function resolveNumber(text: string): Resolved | undefined {
  if (text.startsWith('.')) return /^\.\d+([eE][-+]?\d+)?$/.test(text) ? toFloat(text) : undefined;
  if (!/^[-+0-9]/.test(text)) return undefined;
  const plain = text.replaceAll('_', '');
  const integer = toInteger(plain);
  if (integer !== undefined) return integer;
  return /^[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?$/.test(plain) ? toFloat(plain) : undefined;
}

/** Go's strconv.ParseInt and ParseUint with base 0: 0x, 0o, 0b and a leading 0 for octal. */
function toInteger(plain: string): Resolved | undefined {
  const match = /^([-+]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|[1-9]\d*|0)$/.exec(plain);
  if (match === null) return undefined;
  const [, sign = '', digits = ''] = match;
  const magnitude = BigInt(/^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits.toLowerCase());
  const value = sign === '-' ? -magnitude : magnitude;
  if (value >= MIN_INT64 && value <= MAX_INT64) return { type: 'int', value };
  return sign === '' && value <= MAX_UINT64 ? { type: 'uint64', value } : undefined;
}

function toFloat(text: string): Resolved | undefined {
  const value = Number(text);
  return Number.isFinite(value) ? { type: 'float64', value } : undefined;
}

function asString(node: YamlScalar): Resolved {
  return { type: 'string', value: node.value, isVerbatim: true };
}

/** A timestamp stays the string that it was written as; only a tag makes go-yaml insist on one. */
function asTimestamp(node: YamlScalar): Resolved {
  if (isTimestamp(node.value)) return asString(node);
  const resolved = resolvePlain(node);
  return mismatch(node, TYPE_TAGS[resolved.type]);
}

function isTimestamp(text: string): boolean {
  const match =
    /^(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:[Tt](\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d+)?(?:Z|[-+]\d\d:\d\d))|(?: +(\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d+)?))?$/.exec(
      text,
    );
  if (match === null) return false;
  const [year = 0, month = 0, day = 0, ...times] = match.slice(1).map((part) => Number(part ?? 0));
  const [hour, minute, second] = [0, 1, 2].map((index) => (times[index] ?? 0) + (times[index + 3] ?? 0));
  const daysInMonth = new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
  const isDate = month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth;
  return isDate && (hour ?? 0) < 24 && (minute ?? 0) < 60 && (second ?? 0) < 60;
}

function decodeBinary(node: YamlScalar): string {
  const text = node.value.replaceAll(/[\r\n]/g, '');
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) {
    throw new YamlFailure('!!binary value contains invalid base64 data', node);
  }
  return Buffer.from(text, 'base64').toString('utf8');
}

function mismatch(node: YamlScalar, found: string): never {
  const wanted = node.tag.slice(PREFIX.length);
  throw new YamlFailure(`cannot decode !!${found} \`${node.value}\` as a !!${wanted}`, node);
}

function wordsFor(words: string, resolved: Resolved): (readonly [string, Resolved])[] {
  return words.split(' ').map((word) => [word, resolved] as const);
}

/** A map key as the JSON key that Kubernetes' YAML reader makes of it; undefined for types that it refuses. */
export function toJsonKey(key: Resolved): string | undefined {
  if (key.type === 'null' || key.type === 'uint64') return undefined;
  return key.type === 'float64' ? floatKey(key.value) : String(key.value);
}

function floatKey(value: number): string {
  if (Number.isNaN(value)) return '.nan';
  if (!Number.isFinite(Math.fround(value))) return value > 0 ? '.inf' : '-.inf';
  return shortestFloat(value, 'float32');
}
