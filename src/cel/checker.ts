import {
  Substitution,
  areAssignable,
  functionType,
  isAssignable,
  mostGeneral,
  substitute,
  unwrapOptional,
} from './assignability.ts';
import type { CallReference, CheckedExpr, NameReference } from './checked.ts';
import type { Declarations, NameDeclaration, Structure } from './declarations.ts';
import type { Overload } from './overload.ts';
import { Scope } from './scope.ts';
import type { CompileIssue, Source } from './source.ts';
import type {
  Call,
  Comprehension,
  Expr,
  Ident,
  ListExpr,
  MapExpr,
  Select,
  StructExpr,
  StructField,
} from './syntax.ts';
import {
  BOOL,
  BYTES,
  DOUBLE,
  DYN,
  ERROR,
  INT,
  NULL,
  STRING,
  type Type,
  UINT,
  describeCall,
  describeType,
  isDyn,
  isExactType,
  listType,
  mapType,
  objectType,
  optionalType,
  paramType,
  typeType,
} from './type.ts';
import { type CelValue, typeNameOf } from './value.ts';

/** The checked expression, or everything that is wrong with its names and types. */
export type Checking =
  | { readonly ok: true; readonly checked: CheckedExpr }
  | { readonly ok: false; readonly issues: readonly CompileIssue[] };

/** Gives every node its type and every name and call what it refers to, as cel-go's checker does. */
export function check(expr: Expr, source: Source, declarations: Declarations): Checking {
  const checker = new Checker(source, declarations);
  checker.check(expr);
  return checker.issues.length === 0
    ? { ok: true, checked: checker.finish(expr) }
    : { ok: false, issues: checker.issues };
}

const LITERALS: ReadonlyMap<string, Type> = new Map(
  [BOOL, BYTES, DOUBLE, INT, NULL, STRING, UINT].map((type) => [type.name, type]),
);

class Checker {
  readonly issues: CompileIssue[] = [];
  readonly #source: Source;
  readonly #declarations: Declarations;
  readonly #substitution = new Substitution();
  readonly #types = new Map<Expr, Type>();
  readonly #names = new Map<Ident | Select, NameReference>();
  readonly #calls = new Map<Call, CallReference>();
  readonly #messages = new Map<StructExpr, string>();
  #scope = new Scope();
  #variables = 0;

  constructor(source: Source, declarations: Declarations) {
    this.#source = source;
    this.#declarations = declarations;
  }

  finish(expr: Expr): CheckedExpr {
    const types = new Map<Expr, Type>();
    for (const [node, type] of this.#types) types.set(node, substitute(this.#substitution, type, 'dyn'));
    return { expr, types, names: this.#names, calls: this.#calls, messages: this.#messages };
  }

  /** A macro may use a node twice; it is checked once. */
  check(expr: Expr): Type {
    const known = this.#types.get(expr);
    if (known !== undefined) return known;
    const type = this.#infer(expr);
    this.#types.set(expr, type);
    return type;
  }

  #infer(expr: Expr): Type {
    switch (expr.kind) {
      case 'literal':
        return literalType(expr.value);
      case 'ident':
        return this.#ident(expr);
      case 'select':
        return this.#select(expr);
      case 'call':
        return this.#call(expr);
      case 'list':
        return this.#list(expr);
      case 'map':
        return this.#map(expr);
      case 'struct':
        return this.#struct(expr);
      case 'comprehension':
        return this.#comprehension(expr);
    }
  }

  #ident(expr: Ident): Type {
    const local = expr.name.startsWith('.') ? undefined : this.#scope.find(expr.name);
    if (local !== undefined) {
      this.#names.set(expr, { kind: 'local', name: expr.name });
      return local;
    }
    return this.#global(expr, expr.name) ?? this.#undeclared(expr, expr.name);
  }

  /** The declaration of a name outside all comprehensions, noted as what the node refers to. */
  #global(expr: Ident | Select, name: string): Type | undefined {
    const plain = name.startsWith('.') ? name.slice(1) : name;
    const declared = this.#declarations.names.get(plain);
    if (declared === undefined) return undefined;
    this.#names.set(expr, referenceTo(plain, declared));
    return declared.kind === 'variable' ? declared.type : typeType(declared.type);
  }

  #select(expr: Select): Type {
    const path = qualifiedName(expr);
    if (path !== undefined && (path.startsWith('.') || this.#scope.find(firstName(path)) === undefined)) {
      const type = this.#global(expr, path);
      if (type !== undefined) return type;
    }
    const type = this.#field(expr, { operand: expr.operand, field: expr.field, form: 'plain' });
    return expr.isTest ? BOOL : substitute(this.#substitution, type, 'keep');
  }

  /** The type of an operand's field, optional where the selection or the operand is. */
  #field(
    expr: Expr,
    { operand, field, form }: { operand: Expr; field: string; form: 'plain' | 'optional' },
  ): Type {
    const operandType = substitute(this.#substitution, this.check(operand), 'keep');
    const { type, isOptional } = unwrapOptional(operandType);
    const result = this.#fieldOf(expr, type, field);
    return isOptional || form === 'optional' ? optionalType(result) : result;
  }

  #fieldOf(expr: Expr, type: Type, field: string): Type {
    if (type.kind === 'map') return type.parameters[1] as Type;
    if (type.kind === 'param') {
      isAssignable(this.#substitution, DYN, type);
      return DYN;
    }
    if (type.kind !== 'object') {
      if (isDyn(type) || type.kind === 'error') return DYN;
      this.#report(expr, `type '${describeType(type)}' does not support field selection`);
      return DYN;
    }
    const structure = this.#declarations.structures.get(type.name);
    const found = structure?.get(field);
    if (found !== undefined) return found;
    const problem =
      structure === undefined
        ? `unexpected failed resolution of '${type.name}'`
        : `undefined field '${field}'`;
    this.#report(expr, problem);
    return ERROR;
  }

  #call(expr: Call): Type {
    if (expr.name === '_?._') return this.#optionalSelect(expr);
    for (const arg of expr.args) this.check(arg);
    const { target } = expr;
    if (target === undefined) {
      const name = expr.name.startsWith('.') ? expr.name.slice(1) : expr.name;
      return this.#resolve(expr, { name, hasTarget: false }) ?? this.#undeclared(expr, expr.name);
    }
    const path = target.kind === 'ident' || target.kind === 'select' ? qualifiedName(target) : undefined;
    if (path !== undefined) {
      const name = `${path.startsWith('.') ? path.slice(1) : path}.${expr.name}`;
      const type = this.#resolve(expr, { name, hasTarget: false });
      if (type !== undefined) return type;
    }
    this.check(target);
    return this.#resolve(expr, { name: expr.name, hasTarget: true }) ?? this.#undeclared(expr, expr.name);
  }

  #optionalSelect(expr: Call): Type {
    const [operand, field] = expr.args as [Expr, Expr];
    const name = field.kind === 'literal' ? String(field.value) : '';
    this.#types.set(field, STRING);
    this.#calls.set(expr, { name: expr.name, overloads: [], hasTarget: false });
    const type = this.#field(expr, { operand, field: name, form: 'optional' });
    return substitute(this.#substitution, type, 'keep');
  }

  /** The type of a call of a declared function; undefined where there is no such function. */
  #resolve(expr: Call, callee: { readonly name: string; readonly hasTarget: boolean }): Type | undefined {
    const overloads = this.#declarations.functions.get(callee.name);
    if (overloads === undefined) return undefined;
    const { args, target } = expr;
    const values = callee.hasTarget && target !== undefined ? [target, ...args] : args;
    if (callee.name === '_&&_' || callee.name === '_||_') return this.#logical(expr, overloads);
    const types = values.map((arg) => this.check(arg));
    const fitting: Overload[] = [];
    let result: Type | undefined;
    for (const overload of overloads) {
      if (overload.isMember !== callee.hasTarget) continue;
      const type = this.#apply(overload, types);
      if (type === undefined) continue;
      fitting.push(overload);
      if (result === undefined) result = type;
      else if (!isDyn(result) && !isExactType(type, result)) result = DYN;
    }
    if (result === undefined) {
      const known = types.map((type) => substitute(this.#substitution, type, 'dyn'));
      const applied = describeCall(known, callee.hasTarget);
      this.#report(expr, `found no matching overload for '${callee.name}' applied to '${applied}'`);
      return ERROR;
    }
    this.#calls.set(expr, { ...callee, overloads: fitting });
    return result;
  }

  /** `&&` and `||` say which of their sides is no bool. */
  #logical(expr: Call, overloads: readonly Overload[]): Type {
    let result = BOOL;
    for (const arg of expr.args) {
      const type = this.check(arg);
      if (isAssignable(this.#substitution, type, BOOL)) continue;
      this.#mismatch(arg, BOOL, type);
      result = ERROR;
    }
    this.#calls.set(expr, { name: expr.name, overloads, hasTarget: false });
    return result;
  }

  /** The result of an overload where it takes these types, its own parameters fresh for this call. */
  #apply(overload: Overload, types: readonly Type[]): Type | undefined {
    if (overload.parameters.length !== types.length) return undefined;
    const fresh = new Substitution();
    const declared = functionType(overload.result, overload.parameters);
    for (const name of parameterNames(declared)) fresh.bind(paramType(name), this.#freshVariable());
    const [result, ...parameters] = substitute(fresh, declared, 'keep').parameters as [Type, ...Type[]];
    if (!areAssignable(this.#substitution, types, parameters)) return undefined;
    return substitute(this.#substitution, result, 'keep');
  }

  #list(expr: ListExpr): Type {
    let joined: Type | undefined;
    expr.elements.forEach((element, index) => {
      const type = this.check(element);
      const own = expr.optionals.has(index) ? this.#optionalValue(element, type) : type;
      joined = this.#join(joined, own);
    });
    return listType(joined ?? this.#freshVariable());
  }

  #map(expr: MapExpr): Type {
    let keys: Type | undefined;
    let values: Type | undefined;
    for (const { key, value, isOptional } of expr.entries) {
      keys = this.#join(keys, this.check(key));
      const type = this.check(value);
      values = this.#join(values, isOptional ? this.#optionalValue(value, type) : type);
    }
    return mapType(keys ?? this.#freshVariable(), values ?? this.#freshVariable());
  }

  /** The type of what `?x` adds. */
  #optionalValue(expr: Expr, type: Type): Type {
    const unwrapped = unwrapOptional(type);
    if (!unwrapped.isOptional && !isDyn(type)) this.#mismatch(expr, optionalType(type), type);
    return unwrapped.type;
  }

  /** The common type of a literal's parts so far. That there must be one is checked later. */
  #join(previous: Type | undefined, current: Type): Type {
    if (previous === undefined) return current;
    return isAssignable(this.#substitution, previous, current) ? mostGeneral(previous, current) : DYN;
  }

  #struct(expr: StructExpr): Type {
    const name = expr.typeName.startsWith('.') ? expr.typeName.slice(1) : expr.typeName;
    const message = this.#messageType(name);
    if (message === undefined) {
      const declared = this.#declarations.names.get(name);
      if (declared === undefined) return this.#undeclared(expr, expr.typeName);
      this.#report(expr, `'${declared.type.name}' is not a message type`);
      return ERROR;
    }
    this.#messages.set(expr, name);
    for (const field of expr.fields) this.#structField(field, message.fields.get(field.name));
    return message.type;
  }

  /** Objects such as `user` can be written, though nothing can make one. */
  #messageType(name: string): { readonly type: Type; readonly fields: Structure } | undefined {
    const message = this.#declarations.messages.get(name);
    const fields = this.#declarations.structures.get(name);
    return message ?? (fields === undefined ? undefined : { type: objectType(name), fields });
  }

  #structField(field: StructField, declared: Type | undefined): void {
    const type = this.check(field.value);
    if (declared === undefined) this.#report(field, `undefined field '${field.name}'`);
    const own = field.isOptional ? this.#optionalValue(field.value, type) : type;
    const wanted = declared ?? ERROR;
    if (isAssignable(this.#substitution, wanted, own)) return;
    const provided = `provided type is '${describeType(own)}'`;
    this.#report(
      field,
      `expected type of field '${field.name}' is '${describeType(wanted)}' but ${provided}`,
    );
  }

  #comprehension(expr: Comprehension): Type {
    const range = substitute(this.#substitution, this.check(expr.range), 'keep');
    const accumulator = this.check(expr.initial);
    const outer = this.#scope;
    const around = new Scope(outer);
    around.declare(expr.accumulator, accumulator);
    const loop = new Scope(around);
    const { first, second } = this.#iterationTypes(expr, range);
    loop.declare(expr.variable, expr.secondVariable === undefined ? first : (second?.key ?? first));
    if (expr.secondVariable !== undefined) loop.declare(expr.secondVariable, second?.value ?? first);
    this.#scope = loop;
    this.#assertType(expr.condition, BOOL);
    this.#assertType(expr.step, accumulator);
    this.#scope = around;
    const result = substitute(this.#substitution, this.check(expr.result), 'keep');
    this.#scope = outer;
    return result;
  }

  /** What one variable gets; and what two get. */
  #iterationTypes(
    expr: Comprehension,
    range: Type,
  ): { readonly first: Type; readonly second?: { readonly key: Type; readonly value: Type } } {
    const [first, value] = range.parameters as [Type, Type];
    if (range.kind === 'list') return { first, second: { key: INT, value: first } };
    if (range.kind === 'map') return { first, second: { key: first, value } };
    if (range.kind === 'dyn' || range.kind === 'error' || range.kind === 'param') {
      isAssignable(this.#substitution, DYN, range);
      return { first: DYN };
    }
    const described = describeType(range);
    this.#report(
      expr.range,
      `expression of type '${described}' cannot be range of a comprehension (must be list, map, or dynamic)`,
    );
    return { first: ERROR };
  }

  #assertType(expr: Expr, expected: Type): void {
    const type = this.check(expr);
    if (!isAssignable(this.#substitution, expected, type)) this.#mismatch(expr, expected, type);
  }

  #freshVariable(): Type {
    return paramType(`_var${this.#variables++}`);
  }

  #undeclared(expr: Expr, name: string): Type {
    this.#report(expr, `undeclared reference to '${name}' (in container '')`);
    return ERROR;
  }

  #mismatch(expr: Expr, expected: Type, found: Type): void {
    this.#report(expr, `expected type '${describeType(expected)}' but found '${describeType(found)}'`);
  }

  #report(node: { readonly offset: number }, message: string): void {
    this.issues.push({ ...this.#source.location(node.offset), message });
  }
}

function literalType(value: CelValue): Type {
  return LITERALS.get(typeNameOf(value)) ?? DYN;
}

function referenceTo(name: string, declared: NameDeclaration): NameReference {
  if (declared.kind === 'type') return { kind: 'type', type: declared.type };
  return { kind: declared.kind, name };
}

/** `a.b.c` as one name, where the node is nothing but selections from an identifier. */
function qualifiedName(expr: Ident | Select): string | undefined {
  const fields: string[] = [];
  let at: Expr = expr;
  while (at.kind === 'select' && !at.isTest) {
    fields.push(at.field);
    at = at.operand;
  }
  return at.kind === 'ident' ? [at.name, ...fields.toReversed()].join('.') : undefined;
}

function firstName(path: string): string {
  return path.split('.', 1)[0] as string;
}

function parameterNames(type: Type): Set<string> {
  if (type.kind === 'param') return new Set([type.name]);
  return new Set(type.parameters.flatMap((parameter) => [...parameterNames(parameter)]));
}
