import type { FileResult, JudgedStep, PolicyPart } from './case-result.ts';

/** What the cases of a policy did not show; `what` names an entry or a rule, `gap` what is missing. */
export interface Gap {
  readonly config: string;
  readonly what: string;
  readonly gap: 'no case reached it' | 'never seen true' | 'never seen false';
}

/** The parts of policies that took no case, and the rules that were not seen both true and false. Files of one policy count together. */
export function findGaps(results: readonly FileResult[]): readonly Gap[] {
  const byPolicy = new Map<string, FileResult[]>();
  for (const result of results) byPolicy.set(result.policy, [...(byPolicy.get(result.policy) ?? []), result]);
  return [...byPolicy].flatMap(([config, files]) => findGapsOf(files).map((gap) => ({ config, ...gap })));
}

function findGapsOf(files: readonly FileResult[]): readonly Omit<Gap, 'config'>[] {
  const seen = new Map<string, Set<JudgedStep['result']>>();
  const reached = new Set<string>();
  for (const { answer } of files.flatMap(({ cases }) => cases)) {
    const { judgedBy, steps } = answer;
    if (judgedBy === undefined) continue;
    reached.add(judgedBy);
    for (const { stage, index, result } of steps) {
      const rule = nameRule(judgedBy, stage, index);
      seen.set(rule, (seen.get(rule) ?? new Set()).add(result));
    }
  }
  const parts = files[0]?.parts ?? [];
  return parts.flatMap((part) =>
    reached.has(part.name)
      ? rulesOf(part).flatMap((what) => gapsOfRule(seen.get(what)).map((gap) => ({ what, gap })))
      : [{ what: part.name, gap: 'no case reached it' } as const],
  );
}

function rulesOf({ name, rules }: PolicyPart): readonly string[] {
  return rules.flatMap(([stage, count]) =>
    Array.from({ length: count }, (_, index) => nameRule(name, stage, index)),
  );
}

function nameRule(part: string, stage: string, index: number | undefined): string {
  return `${part} ${stage} rule ${index}`;
}

function gapsOfRule(results: ReadonlySet<JudgedStep['result']> | undefined): readonly Gap['gap'][] {
  if (results === undefined || ![true, false, 'error' as const].some((result) => results.has(result))) {
    return ['no case reached it'];
  }
  return [
    ...(results.has(true) ? [] : (['never seen true'] as const)),
    ...(results.has(false) ? [] : (['never seen false'] as const)),
  ];
}
