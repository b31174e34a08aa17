import type { Entry, Rule } from '../../authenticator/authenticator.ts';
import type { Step } from '../../authenticator/decision.ts';
import type { FileResult } from './run-cases.ts';

/** What the cases of a configuration did not show; `what` names an entry or a rule, `gap` what is missing. */
export interface Gap {
  readonly config: string;
  readonly what: string;
  readonly gap: 'no case reached it' | 'never seen true' | 'never seen false';
}

/** The entries that took no case, and the rules that were not seen both true and false. Files of one configuration count together. */
export function findGaps(
  results: readonly FileResult[],
  configOf: (result: FileResult) => string,
): readonly Gap[] {
  const byConfig = new Map<string, FileResult[]>();
  for (const result of results) {
    const config = configOf(result);
    byConfig.set(config, [...(byConfig.get(config) ?? []), result]);
  }
  return [...byConfig].flatMap(([config, results]) => findGapsOf(results).map((gap) => ({ config, ...gap })));
}

function findGapsOf(results: readonly FileResult[]): readonly Omit<Gap, 'config'>[] {
  const seen = new Map<string, Set<Step['result']>>();
  const reached = new Set<number>();
  for (const { verdict } of results.flatMap(({ cases }) => cases)) {
    if (verdict.kind === 'refused' || verdict.decision.entry === undefined) continue;
    const { entry, steps } = verdict.decision;
    reached.add(entry.index);
    for (const { stage, index, result } of steps) {
      const key = `${entry.index} ${stage} ${index}`;
      seen.set(key, (seen.get(key) ?? new Set()).add(result));
    }
  }
  const entries = results[0]?.entries ?? [];
  return entries.flatMap((entry) => {
    if (!reached.has(entry.index)) return [{ what: entry.id, gap: 'no case reached it' } as const];
    return rulesOf(entry).flatMap(([stage, rules]) =>
      rules.flatMap((_, index) =>
        gapsOfRule(seen.get(`${entry.index} ${stage} ${index}`)).map((gap) => ({
          what: `${entry.id} ${stage} rule ${index}`,
          gap,
        })),
      ),
    );
  });
}

function rulesOf({
  requestRules,
  certificateRules,
  userRules,
}: Entry): readonly (readonly [Step['stage'], readonly Rule[]])[] {
  return [
    ['request', requestRules],
    ['certificate', certificateRules],
    ['user', userRules],
  ];
}

function gapsOfRule(results: ReadonlySet<Step['result']> | undefined): readonly Gap['gap'][] {
  if (results === undefined || ![true, false, 'error' as const].some((result) => results.has(result))) {
    return ['no case reached it'];
  }
  return [
    ...(results.has(true) ? [] : (['never seen true'] as const)),
    ...(results.has(false) ? [] : (['never seen false'] as const)),
  ];
}
