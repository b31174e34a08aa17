/** Why a part of an expression may fail when it is evaluated. */
export type FailureKind =
  | 'missing-key'
  | 'out-of-range'
  | 'conversion'
  | 'division-by-zero'
  | 'overflow'
  | 'no-value'
  | 'empty-list'
  | 'invalid-argument'
  | 'unknown-type';

/**
 * The overloads that fail for some arguments of their types, by cel-go's id, and how. Every other one has a value for all of
 * them; a test holds the table against what the functions do. Those that operators have are `failure-sites`' own to judge.
 */
export const PARTIAL_FUNCTIONS: ReadonlyMap<string, FailureKind> = new Map<string, FailureKind>([
  ...kind('division-by-zero', ['divide_int64', 'divide_uint64', 'modulo_int64', 'modulo_uint64']),
  ...kind('overflow', [
    'negate_int64',
    'add_int64',
    'add_uint64',
    'subtract_int64',
    'subtract_uint64',
    'multiply_int64',
    'multiply_uint64',
    'add_duration_duration',
    'add_duration_timestamp',
    'add_timestamp_duration',
    'subtract_duration_duration',
    'subtract_timestamp_duration',
    'subtract_timestamp_timestamp',
    'list_int_sum_int',
    'list_uint_sum_uint',
    'list_duration_sum_duration',
  ]),
  ...kind('no-value', ['optional_value']),
  ...kind('conversion', [
    'string_to_bool',
    'bytes_to_string',
    'string_to_double',
    'string_to_duration',
    'double_to_int64',
    'string_to_int64',
    'uint64_to_int64',
    'int64_to_timestamp',
    'string_to_timestamp',
    'double_to_uint64',
    'int64_to_uint64',
    'string_to_uint64',
    'string_to_ip',
    'ip_is_canonical',
    'string_to_cidr',
    'cidr_contains_ip_string',
    'cidr_contains_cidr_string',
    'string_to_url',
    'string_to_quantity',
    'quantity_get_int',
    'string_to_semver',
    'string_bool_to_semver',
  ]),
  ...kind('out-of-range', [
    'index_list',
    'string_char_at_int',
    'string_index_of_string_int',
    'string_last_index_of_string_int',
    'string_substring_int',
    'string_substring_int_int',
    'list_slice',
  ]),
  ...kind('missing-key', ['index_map']),
  ...kind(
    'empty-list',
    ['int', 'uint', 'double', 'bool', 'duration', 'timestamp', 'string', 'bytes'].flatMap((type) => [
      `list_${type}_max_${type}`,
      `list_${type}_min_${type}`,
    ]),
  ),
  ...kind('invalid-argument', [
    'timestamp_to_year_with_tz',
    'timestamp_to_month_with_tz',
    'timestamp_to_day_of_year_with_tz',
    'timestamp_to_day_of_month_with_tz',
    'timestamp_to_day_of_month_1_based_with_tz',
    'timestamp_to_day_of_week_with_tz',
    'timestamp_to_hours_with_tz',
    'timestamp_to_minutes_with_tz',
    'timestamp_to_seconds_tz',
    'timestamp_to_milliseconds_with_tz',
    'string_format',
    'matches',
    'matches_string',
    'string_find_string',
    'string_find_all_string',
    'string_find_all_string_int',
    'list_flatten_int',
    'lists_range',
    '@mapInsert_map_key_value',
    '@mapInsert_map_map',
  ]),
]);

function kind(name: FailureKind, ids: readonly string[]): readonly (readonly [string, FailureKind])[] {
  return ids.map((id) => [id, name] as const);
}

/** Functions that take a value of any type, so that one whose type is not known is no risk. */
export const TAKES_ANYTHING: ReadonlySet<string> = new Set([
  'type',
  'dyn',
  'optional.of',
  'optional.ofNonZeroValue',
  '_==_',
  '_!=_',
  '_?_:_',
  'orValue',
  'or',
  'hasValue',
]);
