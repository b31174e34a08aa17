import type { Callee } from './call-plan.ts';
import type { Frame } from '../frame.ts';
import type { CelResult, CelValue } from '../value.ts';

/** Texts so short are searched sooner than looked up. */
const SHORT = 64;

/** So many texts are remembered for one expression; rules that search more search again. */
const MAX_TEXTS = 1000;

/**
 * The function of a call whose regular expression is known, remembering for one evaluation what it gave for a text: a loop
 * that searches the same long texts again and again takes no longer than one that searches each once.
 */
export function rememberSearches(callee: Callee): Callee {
  const evaluate = (args: CelValue[], frame?: Frame): CelResult => {
    const [text] = args;
    if (frame === undefined || typeof text !== 'string' || text.length <= SHORT || args.length !== 2) {
      return callee.evaluate(args, frame);
    }
    const results = frame.searchesOf(callee);
    const known = results.get(text);
    if (known !== undefined) return known;
    const result = callee.evaluate(args, frame);
    if (results.size < MAX_TEXTS) results.set(text, result);
    return result;
  };
  return { ...callee, evaluate };
}
