import { isAssignable, unwrapOptional } from './assignability.ts';
import type { NameReference } from './checked.ts';
import type { CheckerState } from './checker-state.ts';
import type { NameDeclaration } from './declarations.ts';
import type { Expr, Ident, Select } from '../syntax/expr.ts';
import { BOOL, DYN, ERROR, type Type, describeType, isDyn, optionalType, typeType } from '../type.ts';

/** The type of an identifier: a comprehension's variable, else what the environment declares. */
export function checkIdent(state: CheckerState, expr: Ident): Type {
  const local = isOutermost(expr.name) ? undefined : state.scope.find(expr.name);
  if (local !== undefined) {
    state.names.set(expr, { kind: 'local', name: expr.name });
    return local;
  }
  return declaredType(state, expr, expr.name) ?? state.undeclared(expr, expr.name);
}

/** The type of `a.b`: of the declared name `a.b` where there is one, else of the field `b`. */
export function checkSelect(state: CheckerState, expr: Select): Type {
  const path = qualifiedName(expr);
  if (path !== undefined && (isOutermost(path) || state.scope.find(firstName(path)) === undefined)) {
    const type = declaredType(state, expr, path);
    if (type !== undefined) return type;
  }
  const type = fieldType(state, expr, expr);
  return expr.isTest ? BOOL : state.settle(type);
}

/** The type of an operand's field; it is optional where the operand is. */
export function fieldType(
  state: CheckerState,
  expr: Expr,
  { operand, field }: { readonly operand: Expr; readonly field: string },
): Type {
  const { type, isOptional } = unwrapOptional(state.resolved(operand));
  const result = fieldOf(state, expr, { type, field });
  return isOptional ? optionalType(result) : result;
}

/** `a.b.c` as one name, where the node is nothing but selections from an identifier. */
export function qualifiedName(expr: Expr): string | undefined {
  const fields: string[] = [];
  let at: Expr = expr;
  while (at.kind === 'select' && !at.isTest) {
    fields.push(at.field);
    at = at.operand;
  }
  return at.kind === 'ident' ? [at.name, ...fields.toReversed()].join('.') : undefined;
}

/** The name without the dot that insists on the outermost scope. */
export function withoutDot(name: string): string {
  return isOutermost(name) ? name.slice(1) : name;
}

function isOutermost(name: string): boolean {
  return name.startsWith('.');
}

function firstName(path: string): string {
  return path.split('.', 1)[0] as string;
}

/** The declaration of a name outside all comprehensions, noted as what the node refers to. */
function declaredType(state: CheckerState, expr: Ident | Select, name: string): Type | undefined {
  const plain = withoutDot(name);
  const declared = state.declarations.names.get(plain);
  if (declared === undefined) return undefined;
  state.names.set(expr, referenceTo(plain, declared));
  return declared.kind === 'variable' ? declared.type : typeType(declared.type);
}

function referenceTo(name: string, declared: NameDeclaration): NameReference {
  return declared.kind === 'type' ? { kind: 'type', type: declared.type } : { kind: declared.kind, name };
}

function fieldOf(
  state: CheckerState,
  expr: Expr,
  { type, field }: { readonly type: Type; readonly field: string },
): Type {
  if (type.kind === 'map') return type.parameters[1] as Type;
  if (type.kind === 'param') {
    isAssignable(state.substitution, DYN, type);
    return DYN;
  }
  if (type.kind !== 'object') {
    const isKnown = !isDyn(type) && type.kind !== 'error';
    if (isKnown) state.report(expr, `type '${describeType(type)}' does not support field selection`);
    return DYN;
  }
  const structure = state.declarations.structures.get(type.name);
  const found = structure?.get(field);
  if (found !== undefined) return found;
  const isUnknown = structure === undefined;
  state.report(
    expr,
    isUnknown ? `unexpected failed resolution of '${type.name}'` : `undefined field '${field}'`,
  );
  return ERROR;
}
