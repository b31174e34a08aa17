import { compare, contains } from '../equality.ts';
import { CelError, noSuchOverload, unhashable } from '../error.ts';
import { InputMap } from '../input-value.ts';
import { type CostRule, type Overload, overload } from '../overload.ts';
import { comparisonCost, sizeOf } from '../size.ts';
import { type CelList, type CelMap, type CelResult, type CelValue, TypeValue, typeNameOf } from '../value.ts';

type Order = '_<_' | '_<=_' | '_>_' | '_>=_';

const ORDERS: Readonly<Record<Order, { readonly id: string; readonly accepts: (order: number) => boolean }>> =
  {
    '_<_': { id: 'less', accepts: (order) => order < 0 },
    '_<=_': { id: 'less_equals', accepts: (order) => order <= 0 },
    '_>_': { id: 'greater', accepts: (order) => order > 0 },
    '_>=_': { id: 'greater_equals', accepts: (order) => order >= 0 },
  };

/** The pairs of types that have an order, as cel-go's ids name them, in its order of declaration. */
const ORDERED: readonly (readonly [string, string, string])[] = [
  ['bool', 'bool', 'bool'],
  ['int64', 'int', 'int'],
  ['int64_double', 'int', 'double'],
  ['int64_uint64', 'int', 'uint'],
  ['uint64', 'uint', 'uint'],
  ['uint64_double', 'uint', 'double'],
  ['uint64_int64', 'uint', 'int'],
  ['double', 'double', 'double'],
  ['double_int64', 'double', 'int'],
  ['double_uint64', 'double', 'uint'],
  ['string', 'string', 'string'],
  ['bytes', 'bytes', 'bytes'],
  ['timestamp', 'google.protobuf.Timestamp', 'google.protobuf.Timestamp'],
  ['duration', 'google.protobuf.Duration', 'google.protobuf.Duration'],
];

const bySize: CostRule = ([a, b]) => comparisonCost(a, b);

function ordering(name: Order): Overload[] {
  const { id, accepts } = ORDERS[name];
  const evaluate = (a: CelValue, b: CelValue): CelResult => {
    const order = compare(a, b);
    return order instanceof CelError ? order : accepts(order);
  };
  return ORDERED.map(([suffix, left, right]) =>
    overload(`${id}_${suffix}`, `${name}(${left}, ${right}) -> bool`, {
      evaluate,
      ...(suffix === 'string' || suffix === 'bytes' ? { cost: bySize } : {}),
    }),
  );
}

/** Maps from outside compare keys as texts, and hash nothing. */
function hasKey(key: CelValue, map: CelMap): CelResult {
  if (key instanceof Uint8Array && map.size > 0 && !(map instanceof InputMap)) throw unhashable();
  return map.has(key);
}

const size = { evaluate: (value: CelValue): CelResult => BigInt(sizeOf(value)) };

/** What the planner does itself; declared so that the checker knows it. */
const planned = { evaluate: (): CelResult => noSuchOverload() };

/** The operators and functions of the language itself, but for arithmetic and conversions. */
export const standardOverloads: readonly Overload[] = [
  overload('conditional', '_?_:_(bool, <A>, <A>) -> <A>', planned),
  overload('logical_and', '_&&_(bool, bool) -> bool', planned),
  overload('logical_or', '_||_(bool, bool) -> bool', planned),
  overload('equals', '_==_(<A>, <A>) -> bool', planned),
  overload('not_equals', '_!=_(<A>, <A>) -> bool', planned),
  overload('index_list', '_[_](list(<A>), int) -> <A>', planned),
  overload('index_map', '_[_](map(<A>, <B>), <A>) -> <B>', planned),
  overload('not_strictly_false', '@not_strictly_false(bool) -> bool', planned),
  overload('logical_not', '!_(bool) -> bool', { evaluate: (value: boolean) => !value }),
  overload('in_list', '@in(<A>, list(<A>)) -> bool', {
    evaluate: (value: CelValue, list: CelList) => contains(list, value),
    cost: ([, list]) => sizeOf(list),
  }),
  overload('in_map', '@in(<A>, map(<A>, <B>)) -> bool', {
    evaluate: hasKey,
  }),
  ...(Object.keys(ORDERS) as Order[]).flatMap(ordering),
  overload('size_bytes', 'size(bytes) -> int', size),
  overload('bytes_size', '<bytes>.size() -> int', size),
  overload('size_list', 'size(list(<A>)) -> int', size),
  overload('list_size', '<list(<A>)>.size() -> int', size),
  overload('size_map', 'size(map(<A>, <B>)) -> int', size),
  overload('map_size', '<map(<A>, <B>)>.size() -> int', size),
  overload('size_string', 'size(string) -> int', size),
  overload('string_size', '<string>.size() -> int', size),
  overload('type', 'type(<A>) -> type(<A>)', {
    evaluate: (value: CelValue) => new TypeValue(typeNameOf(value)),
  }),
  overload('to_dyn', 'dyn(<A>) -> dyn', { evaluate: (value: CelValue) => value }),
  overload('@mapInsert_map_key_value', 'cel.@mapInsert(map(<K>, <V>), <K>, <V>) -> map(<K>, <V>)', planned),
  overload('@mapInsert_map_map', 'cel.@mapInsert(map(<K>, <V>), map(<K>, <V>)) -> map(<K>, <V>)', planned),
];
