import { DYN, type Type, isDyn, isExactType } from '../type.ts';

/** Parts of types that may be looked at for one expression; the longest ones of ordinary types need a tenth. */
const MAX_STEPS = 4_000_000;

/** Thrown for an expression whose types are larger than can be handled; cel-go would not come to an end. */
export class TypeTooLarge extends Error {}

/**
 * What the checker has found its type parameters to stand for. Changes are kept in a journal, so that an attempt that fails
 * can be taken back.
 */
export class Substitution {
  #steps = 0;
  readonly #types = new Map<string, Type>();
  readonly #journal: (readonly [string, Type | undefined])[] = [];

  /** What the type stands for, one step on; undefined for all but bound parameters. */
  find(type: Type): Type | undefined {
    return type.kind === 'param' ? this.#types.get(type.name) : undefined;
  }

  /** Counts a part of a type that is looked at; gives up over types that double with each level of nesting. */
  step(): void {
    if (++this.#steps > MAX_STEPS) throw new TypeTooLarge();
  }

  bind(parameter: Type, type: Type): void {
    this.#journal.push([parameter.name, this.#types.get(parameter.name)]);
    this.#types.set(parameter.name, type);
  }

  /** Keeps what the attempt has bound only where it succeeds. */
  attempt(succeeds: () => boolean): boolean {
    const mark = this.#journal.length;
    if (succeeds()) return true;
    while (this.#journal.length > mark) {
      const [name, previous] = this.#journal.pop() as readonly [string, Type | undefined];
      if (previous === undefined) this.#types.delete(name);
      else this.#types.set(name, previous);
    }
    return false;
  }
}

/** Whether a value of one type may stand where the other is wanted, in either direction; binds parameters as it goes. */
export function isAssignable(substitution: Substitution, a: Type, b: Type): boolean {
  return substitution.attempt(() => assign(substitution, a, b));
}

/** The same for each pair of two lists of equal length, all or none. */
export function areAssignable(substitution: Substitution, a: readonly Type[], b: readonly Type[]): boolean {
  return substitution.attempt(() => assignEach(substitution, a, b));
}

/** Replaces parameters by what they stand for; with `unbound` 'dyn', those that stand for nothing become dyn. */
export function substitute(substitution: Substitution, type: Type, unbound: 'keep' | 'dyn'): Type {
  substitution.step();
  const found = substitution.find(type);
  if (found !== undefined) return substitute(substitution, found, unbound);
  if (type.kind === 'param') return unbound === 'dyn' ? DYN : type;
  if (type.parameters.length === 0) return type;
  return {
    ...type,
    parameters: type.parameters.map((parameter) => substitute(substitution, parameter, unbound)),
  };
}

/** The less specific of two types. */
export function mostGeneral(a: Type, b: Type): Type {
  return isEqualOrLessSpecific(a, b) ? a : b;
}

/** An optional's own type, and whether it was one. */
export function unwrapOptional(type: Type): { readonly type: Type; readonly isOptional: boolean } {
  const isOptional = type.kind === 'opaque' && type.name === 'optional_type';
  return { type: isOptional ? (type.parameters[0] as Type) : type, isOptional };
}

/** Whether the types agree, the names of parameters aside. */
export function isEquivalentType(a: Type, b: Type): boolean {
  return (
    a.kind === b.kind &&
    a.parameters.length === b.parameters.length &&
    (a.kind === 'param' || a.name === b.name) &&
    a.parameters.every((parameter, index) => isEquivalentType(parameter, b.parameters[index] as Type))
  );
}

function assign(substitution: Substitution, a: Type, b: Type): boolean {
  if (b.kind === 'param') {
    const verdict = tryBinding(substitution, a, b);
    if (verdict === 'bound') return true;
    if (verdict === 'conflicts') return false;
  }
  if (a.kind === 'param') return tryBinding(substitution, b, a) === 'bound';
  if (isDyn(a) || a.kind === 'error' || isDyn(b) || b.kind === 'error') return true;
  if (a.kind === 'null') return acceptsNull(b);
  if (b.kind === 'null') return acceptsNull(a);
  if (a.kind === 'type') return b.kind === 'type';
  return a.kind === b.kind && a.name === b.name && assignEach(substitution, a.parameters, b.parameters);
}

function assignEach(substitution: Substitution, a: readonly Type[], b: readonly Type[]): boolean {
  return a.length === b.length && a.every((type, index) => assign(substitution, type, b[index] as Type));
}

/** Whether the parameter can stand for the type; `cyclic` where the parameter occurs in what it would stand for. */
function tryBinding(
  substitution: Substitution,
  type: Type,
  parameter: Type,
): 'bound' | 'conflicts' | 'cyclic' {
  if (isExactType(type, parameter)) return 'bound';
  const current = substitution.find(parameter);
  if (current === undefined) {
    if (!isFreeOf(substitution, type, parameter)) return 'cyclic';
    substitution.bind(parameter, type);
    return 'bound';
  }
  if (isExactType(type, current)) return 'bound';
  if (!assign(substitution, type, current)) return 'conflicts';
  const general = mostGeneral(type, current);
  if (isFreeOf(substitution, general, parameter)) substitution.bind(parameter, general);
  return 'bound';
}

/** Whether the parameter does not occur in the type. */
function isFreeOf(substitution: Substitution, type: Type, parameter: Type): boolean {
  if (isExactType(parameter, type)) return false;
  if (type.kind === 'param') {
    const found = substitution.find(type);
    return found === undefined || isFreeOf(substitution, found, parameter);
  }
  return type.parameters.every((part) => isFreeOf(substitution, part, parameter));
}

/** Objects, opaque types and the times take null, as in cel-go's older checker; so do wrappers. */
function acceptsNull(type: Type): boolean {
  return type.nullable === true || ['null', 'opaque', 'object', 'duration', 'timestamp'].includes(type.kind);
}

function isEqualOrLessSpecific(a: Type, b: Type): boolean {
  if (isDyn(a) || a.kind === 'param') return true;
  if (isDyn(b) || b.kind === 'param' || a.kind !== b.kind) return false;
  if (a.kind === 'type') return true;
  return (
    a.name === b.name &&
    a.parameters.length === b.parameters.length &&
    a.parameters.every((parameter, index) => isEqualOrLessSpecific(parameter, b.parameters[index] as Type))
  );
}
