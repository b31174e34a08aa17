import { CelError, noSuchOverload } from '../error.ts';
import { InputList, InputMap } from '../input-value.ts';
import { type Overload, overload } from '../overload.ts';
import {
  type CelList,
  CelMap,
  type CelResult,
  type CelValue,
  Duration,
  Optional,
  Timestamp,
  Uint,
} from '../value.ts';

const planned = { evaluate: (): CelResult => noSuchOverload() };

/** What optionals bring with them; selections, `or` and `orValue` are the planner's. */
export const optionalOverloads: readonly Overload[] = [
  overload('select_optional_field', '_?._(dyn, string) -> optional_type(<V>)', planned),
  overload('list_optindex_optional_int', '_[?_](list(<V>), int) -> optional_type(<V>)', planned),
  overload(
    'optional_list_optindex_optional_int',
    '_[?_](optional_type(list(<V>)), int) -> optional_type(<V>)',
    planned,
  ),
  overload('map_optindex_optional_value', '_[?_](map(<K>, <V>), <K>) -> optional_type(<V>)', planned),
  overload(
    'optional_map_optindex_optional_value',
    '_[?_](optional_type(map(<K>, <V>)), <K>) -> optional_type(<V>)',
    planned,
  ),
  overload('optional_list_index_int', '_[_](optional_type(list(<V>)), int) -> optional_type(<V>)', planned),
  overload(
    'optional_map_index_value',
    '_[_](optional_type(map(<K>, <V>)), <K>) -> optional_type(<V>)',
    planned,
  ),
  overload(
    'optional_or_optional',
    '<optional_type(<V>)>.or(optional_type(<V>)) -> optional_type(<V>)',
    planned,
  ),
  overload('optional_orValue_value', '<optional_type(<V>)>.orValue(<V>) -> <V>', planned),
  overload('optional_none', 'optional.none() -> optional_type(<V>)', { evaluate: () => Optional.none }),
  overload('optional_of', 'optional.of(<V>) -> optional_type(<V>)', {
    evaluate: (value: CelValue) => new Optional(value),
  }),
  overload('optional_ofNonZeroValue', 'optional.ofNonZeroValue(<V>) -> optional_type(<V>)', {
    evaluate: (value: CelValue) => (isZero(value) ? Optional.none : new Optional(value)),
  }),
  overload('optional_hasValue', '<optional_type(<V>)>.hasValue() -> bool', {
    evaluate: ({ value }: Optional) => value !== undefined,
  }),
  overload('optional_value', '<optional_type(<V>)>.value() -> <V>', {
    evaluate: ({ value }: Optional) => value ?? new CelError('optional.none() dereference'),
  }),
  overload('list_first', '<list(<V>)>.first() -> optional_type(<V>)', {
    evaluate: (list: CelList) => new Optional(list[0]),
  }),
  overload('list_last', '<list(<V>)>.last() -> optional_type(<V>)', {
    evaluate: (list: CelList) => new Optional(list.at(-1)),
  }),
  overload('optional_unwrap', 'optional.unwrap(list(optional_type(<V>))) -> list(<V>)', { evaluate: unwrap }),
  overload('optional_unwrapOpt', '<list(optional_type(<V>))>.unwrapOpt() -> list(<V>)', { evaluate: unwrap }),
];

function unwrap(list: CelList): CelResult {
  const values: CelValue[] = [];
  for (const element of list) {
    if (!(element instanceof Optional)) return new CelError('value is not optional');
    if (element.value !== undefined) values.push(element.value);
  }
  return values;
}

/** Go's time.Time is zero at the beginning of year 1, which is not the epoch. */
const ZERO_TIME = -62_135_596_800;

/** Values of Kubernetes' and the libraries' own types, and lists and maps from outside, are never zero. */
function isZero(value: CelValue): boolean {
  if (value === null || value === false || value === 0n || value === 0 || value === '') return true;
  if (Array.isArray(value)) return value.length === 0 && !(value instanceof InputList);
  if (value instanceof CelMap) return value.size === 0 && !(value instanceof InputMap);
  if (value instanceof Uint) return value.value === 0n;
  if (value instanceof Uint8Array) return value.length === 0;
  if (value instanceof Duration) return value.nanos === 0n;
  return value instanceof Timestamp && value.seconds === ZERO_TIME && value.nanos === 0;
}
