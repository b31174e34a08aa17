import { CelError } from '../error.ts';
import { type Call, childrenOf, type Expr } from '../syntax/expr.ts';
import type { ExaminedExpression } from './examined-expression.ts';
import { regexSamples } from './regex-samples.ts';

/** Texts that an expression compares with, and texts that its regular expressions match. */
export interface TextConstants {
  readonly literals: readonly string[];
  /** Beginnings and ends that it asks for. */
  readonly prefixes: readonly string[];
  readonly suffixes: readonly string[];
  readonly samples: readonly string[];
}

const PATTERN_FUNCTIONS: ReadonlySet<string> = new Set(['matches', 'find', 'findAll']);

/** The texts in an expression that inputs are likely to be told apart by. */
export function textConstants(examined: ExaminedExpression): TextConstants {
  const literals = new Set<string>();
  const prefixes = new Set<string>();
  const suffixes = new Set<string>();
  const samples = new Set<string>();
  const visit = (expr: Expr): void => {
    const value = examined.constantOf(expr);
    if (value !== undefined && !(value instanceof CelError)) {
      for (const text of textsOf(value)) literals.add(text);
      return;
    }
    const argument = expr.kind === 'call' ? lastText(examined, expr) : undefined;
    if (expr.kind === 'call' && argument !== undefined) {
      if (expr.name === 'startsWith') prefixes.add(argument);
      if (expr.name === 'endsWith') suffixes.add(argument);
      const matching = PATTERN_FUNCTIONS.has(expr.name) ? regexSamples(argument) : [];
      for (const text of matching) samples.add(text);
    }
    for (const child of childrenOf(expr)) visit(child);
  };
  visit(examined.root);
  return {
    literals: [...literals],
    prefixes: [...prefixes],
    suffixes: [...suffixes],
    samples: [...samples],
  };
}

/** The last argument of a call, where that is a constant text. */
function lastText(examined: ExaminedExpression, { args }: Call): string | undefined {
  const last = args.at(-1);
  const value = last === undefined ? undefined : examined.constantOf(last);
  return typeof value === 'string' ? value : undefined;
}

function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.flatMap(textsOf) : [];
}
