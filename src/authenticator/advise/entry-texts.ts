import { examine } from '../../cel/analysis/examined-expression.ts';
import { type TextConstants, textConstants } from '../../cel/analysis/text-constants.ts';
import { environments } from '../../cel/environment.ts';
import type { Entry } from '../authenticator.ts';

/** More texts than these of a kind are not tried. */
const MAX_TEXTS = 24;

/** The texts that an entry's rules and mappings tell certificates and users apart by. */
export function entryTexts(entry: Entry): TextConstants {
  const user = entry.userRules.map(({ expression }) => examine(expression, environments.user));
  const mapping = entry.mapping.kind === 'claims' ? entry.mapping : undefined;
  const programs = [
    mapping?.username,
    mapping?.groups,
    mapping?.uid,
    ...(mapping?.extra ?? []).map(({ program }) => program),
  ];
  const expressions = [...entry.certificateRules, ...programs.filter((program) => program !== undefined)];
  const certificate = expressions.map(({ expression }) => examine(expression, environments.cert));
  const constants = [...user, ...certificate].filter((examined) => examined !== undefined).map(textConstants);
  const all = (pick: (of: TextConstants) => readonly string[]): readonly string[] =>
    [...new Set(constants.flatMap(pick))].slice(0, MAX_TEXTS);
  return {
    literals: all(({ literals }) => literals),
    prefixes: all(({ prefixes }) => prefixes),
    suffixes: all(({ suffixes }) => suffixes),
    samples: all(({ samples }) => samples),
  };
}
