import { CelError } from '../error.ts';
import { type CostRule, type Overload, type PatternArgument, overload } from '../overload.ts';
import { matching, sizeOf } from '../size.ts';
import type { CelResult } from '../value.ts';
import { cachedRegex } from './regex-cache.ts';
import { compileRegex } from './regular-expression.ts';
import { withWorkLimit } from './work-limit.ts';

const searched: CostRule = withWorkLimit(([text, pattern]) => matching(text, sizeOf(pattern)));

const pattern: PatternArgument = {
  index: 1,
  problem: (text) => {
    const compiled = compileRegex(text);
    return compiled instanceof CelError ? compiled.message : undefined;
  },
};

function matches(text: string, patternText: string): CelResult {
  const regex = cachedRegex(patternText);
  return regex instanceof CelError ? regex : regex.test(text);
}

/** Kubernetes prefixes the error of its own functions. */
function illegal(error: CelError): CelError {
  return new CelError(`Illegal regex: ${error.message}`);
}

function find(text: string, patternText: string): CelResult {
  const regex = cachedRegex(patternText);
  return regex instanceof CelError ? illegal(regex) : regex.find(text);
}

function findAll(text: string, patternText: string, limit: bigint): CelResult {
  const regex = cachedRegex(patternText);
  return regex instanceof CelError ? illegal(regex) : regex.findAll(text, limit);
}

/** The functions that take an RE2 expression: the standard `matches`, Kubernetes' `find` and `findAll`. */
export const regexOverloads: readonly Overload[] = [
  // cel-go charges the global form 1.
  overload('matches', 'matches(string, string) -> bool', {
    evaluate: matches,
    cost: withWorkLimit(() => 1),
    pattern,
  }),
  overload('matches_string', '<string>.matches(string) -> bool', {
    evaluate: matches,
    cost: searched,
    pattern,
  }),
  overload('string_find_string', '<string>.find(string) -> string', {
    evaluate: find,
    cost: searched,
    pattern,
  }),
  overload('string_find_all_string', '<string>.findAll(string) -> list(string)', {
    evaluate: (text: string, patternText: string) => findAll(text, patternText, -1n),
    cost: searched,
    pattern,
  }),
  overload('string_find_all_string_int', '<string>.findAll(string, int) -> list(string)', {
    evaluate: findAll,
    cost: searched,
    pattern,
  }),
];
