import type { CheckedExpr } from './checked.ts';
import { check } from './checker.ts';
import type { Environment } from '../environment.ts';
import { checkLiterals } from './literal-check.ts';
import { parse } from '../syntax/parser.ts';
import type { CompileIssue, Source } from '../syntax/source.ts';

/** An expression's checked tree, or everything that is wrong with its text, names, types and literals. */
export type SourceChecking =
  | { readonly ok: true; readonly checked: CheckedExpr }
  | { readonly ok: false; readonly issues: readonly CompileIssue[] };

/** Parses an expression and checks it against an environment, as far as Kubernetes does before it makes a program. */
export function checkSource(source: Source, { declarations }: Environment): SourceChecking {
  const parsing = parse(source);
  if (!parsing.ok) return parsing;
  const checking = check(parsing.expr, source, declarations);
  if (!checking.ok) return checking;
  const issues = checkLiterals(checking.checked, source, declarations);
  return issues.length === 0 ? checking : { ok: false, issues };
}
