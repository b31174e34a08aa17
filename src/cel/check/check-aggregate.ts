import { isAssignable, mostGeneral, unwrapOptional } from './assignability.ts';
import { withoutDot } from './check-name.ts';
import type { CheckerState } from './checker-state.ts';
import type { Structure } from './declarations.ts';
import type { Expr, ListExpr, MapExpr, StructExpr, StructField } from '../syntax/expr.ts';
import {
  DYN,
  ERROR,
  type Type,
  describeType,
  isDyn,
  listType,
  mapType,
  objectType,
  optionalType,
} from '../type.ts';

/** The type of a list literal; an empty one's elements may become anything. */
export function checkList(state: CheckerState, expr: ListExpr): Type {
  let joined: Type | undefined;
  for (const [index, element] of expr.elements.entries()) {
    const type = state.check(element);
    joined = join(state, joined, expr.optionals.has(index) ? optionalValue(state, element, type) : type);
  }
  return listType(joined ?? state.freshVariable());
}

export function checkMap(state: CheckerState, expr: MapExpr): Type {
  let keys: Type | undefined;
  let values: Type | undefined;
  for (const { key, value, isOptional } of expr.entries) {
    keys = join(state, keys, state.check(key));
    const type = state.check(value);
    values = join(state, values, isOptional ? optionalValue(state, value, type) : type);
  }
  return mapType(keys ?? state.freshVariable(), values ?? state.freshVariable());
}

/** The type of a message literal, its fields held against the message's. */
export function checkStruct(state: CheckerState, expr: StructExpr): Type {
  const name = withoutDot(expr.typeName);
  const message = messageType(state, name);
  if (message !== undefined) {
    state.messages.set(expr, name);
    for (const field of expr.fields) checkField(state, field, message.fields.get(field.name));
    return message.type;
  }
  const declared = state.declarations.names.get(name);
  if (declared === undefined || declared.kind === 'variable') return state.undeclared(expr, expr.typeName);
  state.report(expr, `'${declared.type.name}' is not a message type`);
  return ERROR;
}

/** Objects such as `user` can be written, though nothing can make one. */
function messageType(
  state: CheckerState,
  name: string,
): { readonly type: Type; readonly fields: Structure } | undefined {
  const { messages, structures } = state.declarations;
  const fields = structures.get(name);
  return messages.get(name) ?? (fields === undefined ? undefined : { type: objectType(name), fields });
}

function checkField(state: CheckerState, field: StructField, declared: Type | undefined): void {
  const type = state.check(field.value);
  if (declared === undefined) state.report(field, `undefined field '${field.name}'`);
  const own = field.isOptional ? optionalValue(state, field.value, type) : type;
  const wanted = declared ?? ERROR;
  if (isAssignable(state.substitution, wanted, own)) return;
  const provided = `provided type is '${describeType(own)}'`;
  state.report(field, `expected type of field '${field.name}' is '${describeType(wanted)}' but ${provided}`);
}

/** The type of what `?x` adds. */
function optionalValue(state: CheckerState, expr: Expr, type: Type): Type {
  const unwrapped = unwrapOptional(type);
  if (!unwrapped.isOptional && !isDyn(type)) state.mismatch(expr, optionalType(type), type);
  return unwrapped.type;
}

/** The common type of a literal's parts so far. That there must be one is checked later (literal-check.ts). */
function join(state: CheckerState, previous: Type | undefined, current: Type): Type {
  if (previous === undefined) return current;
  return isAssignable(state.substitution, previous, current) ? mostGeneral(previous, current) : DYN;
}
