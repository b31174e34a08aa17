import { CelError } from '../error.ts';
import { childrenOf, type Expr } from '../syntax/expr.ts';
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
    if (expr.kind === 'call') {
      const last = expr.args.at(-1);
      const argument = last === undefined ? undefined : examined.constantOf(last);
      if (typeof argument === 'string') {
        if (expr.name === 'startsWith') prefixes.add(argument);
        if (expr.name === 'endsWith') suffixes.add(argument);
        if (PATTERN_FUNCTIONS.has(expr.name)) regexSamples(argument).forEach((text) => samples.add(text));
      }
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

function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.flatMap(textsOf) : [];
}
