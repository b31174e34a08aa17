import { compileExpression } from '../compile.ts';
import { environments } from '../environment.ts';
import { toUserInput } from '../input.ts';
import { isMatch, regexSamples } from './regex-samples.ts';

/** Texts that one conversion or another does not take. */
const ODD_TEXTS: readonly string[] = [
  '',
  ' ',
  'x',
  '-',
  '-1',
  '+1',
  '01',
  '1.5',
  '1e400',
  '256.0.0.1',
  '10.0.0.1/33',
  '::ffff:10.0.0.1',
  '99999999999999999999',
  '2024-13-01T00:00:00Z',
  '9999999999999h',
];

/** As many samples as tell whether there is one. */
export const MAX_PATTERN_SAMPLES = 1;

/** Texts that match all of the patterns and that a conversion, `int` for one, still does not take. */
export function samplesOf(conversion: string, patterns: readonly string[], most: number): readonly string[] {
  const compilation = compileExpression(`${conversion}(user.username)`, environments.user, 'any');
  if (!compilation.ok) return [];
  const candidates = [...ODD_TEXTS, ...patterns.flatMap(regexSamples)];
  const found: string[] = [];
  for (const text of candidates) {
    if (found.length >= most) break;
    if (!patterns.every((pattern) => isMatch(pattern, text))) continue;
    const evaluation = compilation.program.evaluate(
      toUserInput({ username: text, uid: '', groups: [], extra: new Map() }),
    );
    if (evaluation.kind === 'error') found.push(text);
  }
  return found;
}
