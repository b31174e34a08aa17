import { TypeTooLarge } from './assignability.ts';
import { checkList, checkMap, checkStruct } from './check-aggregate.ts';
import { checkCall } from './check-call.ts';
import { checkComprehension } from './check-comprehension.ts';
import { checkIdent, checkSelect } from './check-name.ts';
import type { CheckedExpr } from './checked.ts';
import { CheckerState, type Infer } from './checker-state.ts';
import type { Declarations } from './declarations.ts';
import { type CompileIssue, NO_LOCATION, type Source } from '../syntax/source.ts';
import type { Expr } from '../syntax/expr.ts';
import { BOOL, BYTES, DOUBLE, DYN, INT, NULL, STRING, type Type, UINT } from '../type.ts';
import { type CelValue, typeNameOf } from '../value.ts';

/** The checked expression, or everything that is wrong with its names and types. */
export type Checking =
  | { readonly ok: true; readonly checked: CheckedExpr }
  | { readonly ok: false; readonly issues: readonly CompileIssue[] };

/** Gives every node its type and every name and call what it refers to, as cel-go's checker does. */
export function check(expr: Expr, source: Source, declarations: Declarations): Checking {
  const state = new CheckerState(source, declarations, infer);
  try {
    state.check(expr);
    const { issues } = state;
    return issues.length === 0 ? { ok: true, checked: state.finish(expr) } : { ok: false, issues };
  } catch (error) {
    if (!(error instanceof TypeTooLarge)) throw error;
    return { ok: false, issues: [...state.issues, { ...NO_LOCATION, message: 'type is too large' }] };
  }
}

const infer: Infer = (state, expr) => {
  switch (expr.kind) {
    case 'literal':
      return literalType(expr.value);
    case 'ident':
      return checkIdent(state, expr);
    case 'select':
      return checkSelect(state, expr);
    case 'call':
      return checkCall(state, expr);
    case 'list':
      return checkList(state, expr);
    case 'map':
      return checkMap(state, expr);
    case 'struct':
      return checkStruct(state, expr);
    case 'comprehension':
      break;
  }
  return checkComprehension(state, expr);
};

const LITERALS: ReadonlyMap<string, Type> = new Map(
  [BOOL, BYTES, DOUBLE, INT, NULL, STRING, UINT].map((type) => [type.name, type]),
);

function literalType(value: CelValue): Type {
  return LITERALS.get(typeNameOf(value)) ?? DYN;
}
