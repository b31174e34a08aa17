import { CelError } from '../error.ts';
import { type CostRule, type Overload, overload } from '../overload.ts';
import { PER_CHARACTER, sizeOf, traversal } from '../size.ts';
import type { CelList, CelResult } from '../value.ts';
import { toText } from './conversion.ts';
import { kubernetesTraversal } from './traversal-cost.ts';
import {
  charAt,
  indexOf,
  join,
  lastIndexBefore,
  lastIndexOf,
  lowerAscii,
  quoteLiteral,
  replace,
  split,
  substring,
  substringFrom,
  trim,
  upperAscii,
} from './string-slices.ts';
import { interpolate } from './string-format.ts';
import { withWorkLimit } from './work-limit.ts';

const walkFirst: CostRule = ([text]) => traversal(text);

/** Both are walked, and each place of the text may be tried. */
const walkBoth: CostRule = ([text, part]) => traversal(text) * traversal(part);

/** The text is walked and the result made. */
const walkTwice: CostRule = ([text]) => Math.ceil(sizeOf(text) * 2 * PER_CHARACTER);

const walkResult: CostRule = (_, result) => Math.ceil(sizeOf(result) * 2 * PER_CHARACTER);

const searchFirst: CostRule = ([text]) => kubernetesTraversal(text);

function joinStrings(list: CelList, separator: string): CelResult {
  const other = list.find((element) => typeof element !== 'string');
  if (other === undefined) return join(list as readonly string[], separator);
  const text = toText(other);
  return new CelError(`join: invalid input: ${typeof text === 'string' ? text : ''}`);
}

/** The functions on strings, but for regular expressions: the standard ones and cel-go's ext.Strings, version 2. */
export const stringOverloads: readonly Overload[] = [
  overload('contains_string', '<string>.contains(string) -> bool', {
    evaluate: (text: string, part: string) => text.includes(part),
    cost: walkBoth,
  }),
  overload('starts_with_string', '<string>.startsWith(string) -> bool', {
    evaluate: (text: string, prefix: string) => text.startsWith(prefix),
    cost: walkFirst,
  }),
  overload('ends_with_string', '<string>.endsWith(string) -> bool', {
    evaluate: (text: string, suffix: string) => text.endsWith(suffix),
    cost: walkFirst,
  }),
  overload('string_char_at_int', '<string>.charAt(int) -> string', { evaluate: charAt }),
  overload('string_index_of_string', '<string>.indexOf(string) -> int', {
    evaluate: (text: string, part: string) => indexOf(text, part, 0n),
    cost: searchFirst,
  }),
  overload('string_index_of_string_int', '<string>.indexOf(string, int) -> int', {
    evaluate: indexOf,
    cost: searchFirst,
  }),
  overload('string_last_index_of_string', '<string>.lastIndexOf(string) -> int', {
    evaluate: lastIndexOf,
    cost: searchFirst,
  }),
  overload('string_last_index_of_string_int', '<string>.lastIndexOf(string, int) -> int', {
    evaluate: lastIndexBefore,
    cost: searchFirst,
  }),
  overload('string_lower_ascii', '<string>.lowerAscii() -> string', {
    evaluate: lowerAscii,
    cost: walkFirst,
  }),
  overload('string_upper_ascii', '<string>.upperAscii() -> string', {
    evaluate: upperAscii,
    cost: walkFirst,
  }),
  overload('string_trim', '<string>.trim() -> string', { evaluate: trim, cost: walkFirst }),
  overload('string_replace_string_string', '<string>.replace(string, string) -> string', {
    evaluate: (text: string, old: string, replacement: string) => replace(text, [old, replacement], -1n),
    cost: withWorkLimit(walkTwice),
  }),
  overload('string_replace_string_string_int', '<string>.replace(string, string, int) -> string', {
    evaluate: (...[text, old, replacement, limit]: [string, string, string, bigint]) =>
      replace(text, [old, replacement], limit),
    cost: withWorkLimit(walkTwice),
  }),
  overload('string_split_string', '<string>.split(string) -> list(string)', {
    evaluate: (text: string, separator: string) => split(text, separator, -1n),
    cost: walkTwice,
  }),
  overload('string_split_string_int', '<string>.split(string, int) -> list(string)', {
    evaluate: split,
    cost: walkTwice,
  }),
  overload('string_substring_int', '<string>.substring(int) -> string', {
    evaluate: substringFrom,
    cost: walkFirst,
  }),
  overload('string_substring_int_int', '<string>.substring(int, int) -> string', {
    evaluate: substring,
    cost: walkFirst,
  }),
  overload('list_join', '<list(string)>.join() -> string', {
    evaluate: (list: CelList) => joinStrings(list, ''),
    cost: withWorkLimit(walkResult),
  }),
  overload('list_join_string', '<list(string)>.join(string) -> string', {
    evaluate: joinStrings,
    cost: withWorkLimit(walkResult),
  }),
  overload('string_format', '<string>.format(list(dyn)) -> string', {
    evaluate: interpolate,
    cost: withWorkLimit(walkFirst),
  }),
  overload('strings_quote', 'strings.quote(string) -> string', { evaluate: quoteLiteral, cost: walkFirst }),
];
