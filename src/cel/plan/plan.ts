import { qualify } from './attribute.ts';
import { calleeOf, planCall } from './call-plan.ts';
import type { CheckedExpr, NameReference } from '../check/checked.ts';
import { planList, planMap, planStruct } from './construct-plan.ts';
import type { Declarations } from '../check/declarations.ts';
import { CelError } from '../error.ts';
import { planAppend, planFold, readAccumulator } from './fold-plan.ts';
import type { Step } from '../frame.ts';
import { GrowingMap, planInsertAll, planInsertEntry } from './map-insert.ts';
import { hasKnownPattern, planOperation } from './operation-plan.ts';
import { type Plan, PlanError, attributeOf, attributePlan, constantPlan, presencePlan } from './plan-part.ts';
import { rememberSearches } from './search-memory.ts';
import {
  ACCUMULATOR,
  type Call,
  type Comprehension,
  type Expr,
  type ListExpr,
  type MapExpr,
  type Select,
  type StructExpr,
} from '../syntax/expr.ts';
import { type CelResult, TypeValue } from '../value.ts';

/**
 * Plans a checked expression: constants are folded as cel-go's optimizer does. Throws `PlanError` for what Kubernetes
 * refuses when it instantiates the program, e.g. `int('abc')`.
 */
export function planExpression(checked: CheckedExpr, declarations: Declarations): Step {
  return new Planner(checked, declarations).plan(checked.expr).step;
}

/** A comprehension's variable: how to read it. */
interface Local {
  readonly name: string;
  readonly read: Step;
}

class Planner {
  readonly #checked: CheckedExpr;
  readonly #declarations: Declarations;
  readonly #plans = new Map<Expr, Plan>();
  #locals: readonly Local[] = [];
  #slots = 0;

  constructor(checked: CheckedExpr, declarations: Declarations) {
    this.#checked = checked;
    this.#declarations = declarations;
  }

  /** A macro may use a node twice; it is planned once. */
  plan(expr: Expr): Plan {
    const known = this.#plans.get(expr);
    if (known !== undefined) return known;
    const plan = this.#make(expr);
    this.#plans.set(expr, plan);
    return plan;
  }

  #make(expr: Expr): Plan {
    switch (expr.kind) {
      case 'literal':
        return constantPlan(expr.value);
      case 'ident':
        return this.#name(this.#checked.names.get(expr));
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
        break;
    }
    return this.#comprehension(expr);
  }

  #name(reference: NameReference | undefined): Plan {
    if (reference === undefined) throw new Error('an unchecked name');
    switch (reference.kind) {
      case 'local':
        return attributePlan({ kind: 'path', root: this.#local(reference.name), qualifiers: [] });
      case 'variable':
        return attributePlan({ kind: 'path', root: readVariable(reference.name), qualifiers: [] });
      case 'type':
        return constantPlan(new TypeValue(reference.type.name));
      case 'structure':
        break;
    }
    throw new PlanError(`reference to undefined type: ${reference.name}`);
  }

  #local(name: string): Step {
    const local = this.#locals.findLast((candidate) => candidate.name === name);
    if (local === undefined) throw new Error(`no such local: ${name}`);
    return local.read;
  }

  #select(expr: Select): Plan {
    const reference = this.#checked.names.get(expr);
    if (reference !== undefined) return this.#name(reference);
    const form = expr.isTest ? 'test' : 'plain';
    const key = { kind: 'constant', value: expr.field } as const;
    const attribute = qualify(attributeOf(this.plan(expr.operand)), { key, form });
    return expr.isTest ? presencePlan(attribute) : attributePlan(attribute);
  }

  #call(expr: Call): Plan {
    const reference = this.#checked.calls.get(expr);
    if (reference === undefined) throw new Error('an unchecked call');
    const grown = this.#growth(expr);
    if (grown !== undefined) return grown;
    const values = reference.hasTarget && expr.target !== undefined ? [expr.target, ...expr.args] : expr.args;
    const args = values.map((value) => this.plan(value));
    const only = reference.overloads.length === 1 ? reference.overloads[0] : undefined;
    const operation = planOperation(reference.name, args, only?.id);
    if (operation !== undefined) return operation;
    const declared = this.#declarations.functions.get(reference.name) ?? [];
    const callee = calleeOf(reference, declared);
    if (!hasKnownPattern(only, args)) return planCall(callee, args);
    return planCall(rememberSearches({ ...callee, order: 'stepwise' }), args);
  }

  /** A step of a comprehension that adds to the list or map it makes. */
  #growth({ name, args }: Call): Plan | undefined {
    const [accumulator, first, second] = args;
    const isGrowth = accumulator?.kind === 'ident' && accumulator.name === ACCUMULATOR;
    if (!isGrowth || first === undefined) return undefined;
    const read = this.#local(ACCUMULATOR);
    if (name === '_+_' && first.kind === 'list') return { step: planAppend(read, this.plan(first)) };
    if (name !== 'cel.@mapInsert') return undefined;
    const added = this.plan(first).step;
    if (second === undefined) return { step: planInsertAll(read, added) };
    return { step: planInsertEntry(read, added, this.plan(second).step) };
  }

  #list(expr: ListExpr): Plan {
    return planList(
      expr.elements.map((element, index) => {
        return { plan: this.plan(element), isOptional: expr.optionals.has(index) };
      }),
    );
  }

  #map({ entries }: MapExpr): Plan {
    const parts = entries.map(({ key, value, isOptional }) => {
      return { key: this.plan(key), value: this.plan(value), isOptional };
    });
    return planMap(parts);
  }

  /** Of the structures only messages can be made; to write another is an error when it is evaluated. */
  #struct(expr: StructExpr): Plan {
    const name = this.#checked.messages.get(expr) ?? '';
    const message = this.#declarations.messages.get(name);
    const fields = expr.fields.map((field) => ({ ...field, value: this.plan(field.value) }));
    return planStruct(fields, message?.make ?? (() => new CelError(`unknown type '${name}'`)));
  }

  #comprehension(expr: Comprehension): Plan {
    const initial = this.#initial(expr);
    const range = this.plan(expr.range).step;
    const second = expr.secondVariable === undefined ? undefined : this.#slots++;
    const slots = { accumulator: this.#slots++, variable: this.#slots++, second };
    const outer = this.#locals;
    const around = [...outer, { name: expr.accumulator, read: readAccumulator(slots.accumulator, initial) }];
    this.#locals = [...around, { name: expr.variable, read: readSlot(slots.variable) }];
    if (expr.secondVariable !== undefined && second !== undefined) {
      this.#locals = [...this.#locals, { name: expr.secondVariable, read: readSlot(second) }];
    }
    const condition = this.plan(expr.condition).step;
    const step = this.plan(expr.step).step;
    this.#locals = around;
    const result = this.plan(expr.result).step;
    this.#locals = outer;
    return { step: planFold({ range, condition, step, result }, slots) };
  }

  /** An empty list or map to begin with is made anew each time, since it grows. */
  #initial({ accumulator, initial }: Comprehension): Step {
    if (accumulator !== ACCUMULATOR) return this.plan(initial).step;
    if (initial.kind === 'list') return () => [];
    if (initial.kind === 'map') return () => new GrowingMap();
    return this.plan(initial).step;
  }
}

function readVariable(name: string): Step {
  return (frame) => {
    const value = Object.hasOwn(frame.input, name) ? frame.input[name] : undefined;
    return value === undefined ? new CelError(`no such attribute(s): ${name}`) : value;
  };
}

function readSlot(slot: number): Step {
  return (frame) => frame.slots[slot] as CelResult;
}
