import { Builder } from './builder.ts';
import { ACCUMULATOR, type Comprehension, type Expr, type Ident } from './expr.ts';

/** A call that may be a macro's. */
export interface MacroCall {
  readonly name: string;
  readonly target: Expr | undefined;
  readonly args: readonly Expr[];
  /** Where the call is; everything that a macro adds is there. */
  readonly offset: number;
}

/** What a macro makes of a call, or why it cannot. */
export type Expansion =
  | { readonly ok: true; readonly expr: Expr }
  | { readonly ok: false; readonly offset: number; readonly error: string };

type Expander = (build: Builder, target: Expr, args: readonly Expr[]) => Expr;

/** Expands a call that a macro of the environment matches by name, arity and form; undefined where none does. */
export function expandMacro(call: MacroCall): Expansion | undefined {
  const form = call.target === undefined ? 'global' : 'member';
  const expand = MACROS.get(`${form} ${call.name}/${call.args.length}`);
  if (expand === undefined) return undefined;
  try {
    const expr = expand(new Builder(call.offset), call.target ?? (call.args[0] as Expr), call.args);
    return { ok: true, expr };
  } catch (error) {
    if (error instanceof MacroError) return { ok: false, offset: error.offset, error: error.message };
    throw error;
  }
}

/** Thrown by an expander for arguments that the macro cannot take. */
class MacroError extends Error {
  readonly offset: number;

  constructor(at: Expr, message: string) {
    super(message);
    this.offset = at.offset;
  }
}

type Variables = Pick<Comprehension, 'variable' | 'secondVariable'>;

/** `has(operand.field)` */
const has: Expander = (build, argument) => {
  if (argument.kind !== 'select') throw new MacroError(argument, 'invalid argument to has() macro');
  return build.presenceTest(argument.operand, argument.field);
};

function all(build: Builder, range: Expr, [variables, predicate]: readonly [Variables, Expr]): Expr {
  return build.fold(range, {
    ...variables,
    accumulator: ACCUMULATOR,
    initial: build.literal(true),
    condition: build.call('@not_strictly_false', build.accumulator),
    step: build.call('_&&_', build.accumulator, predicate),
    result: build.accumulator,
  });
}

function exists(build: Builder, range: Expr, [variables, predicate]: readonly [Variables, Expr]): Expr {
  return build.fold(range, {
    ...variables,
    accumulator: ACCUMULATOR,
    initial: build.literal(false),
    condition: build.call('@not_strictly_false', build.call('!_', build.accumulator)),
    step: build.call('_||_', build.accumulator, predicate),
    result: build.accumulator,
  });
}

function existsOne(build: Builder, range: Expr, [variables, predicate]: readonly [Variables, Expr]): Expr {
  return build.fold(range, {
    ...variables,
    accumulator: ACCUMULATOR,
    initial: build.literal(0n),
    condition: build.literal(true),
    step: when(build, predicate, build.call('_+_', build.accumulator, build.literal(1n))),
    result: build.call('_==_', build.accumulator, build.literal(1n)),
  });
}

/** Takes the step where the predicate holds, and keeps the accumulator where not. */
function when(build: Builder, predicate: Expr | undefined, step: Expr): Expr {
  return predicate === undefined ? step : build.call('_?_:_', predicate, step, build.accumulator);
}

interface Transformation {
  readonly variables: Variables;
  readonly initial: Expr;
  readonly filter: Expr | undefined;
  readonly step: Expr;
}

function collect(build: Builder, range: Expr, transformation: Transformation): Comprehension {
  const { variables, initial, filter, step } = transformation;
  return build.fold(range, {
    ...variables,
    accumulator: ACCUMULATOR,
    initial,
    condition: build.literal(true),
    step: when(build, filter, step),
    result: build.accumulator,
  });
}

function append(build: Builder, element: Expr): Expr {
  return build.call('_+_', build.accumulator, build.list(element));
}

/** `range.map(x, f)` and `range.map(x, p, f)` */
const map: Expander = (build, range, args) => {
  const variables = { variable: iterationVariable(args[0], 'argument is not an identifier') };
  const filter = args.length === 3 ? args[1] : undefined;
  const step = append(build, args.at(-1) as Expr);
  return collect(build, range, { variables, initial: build.list(), filter, step });
};

const filter: Expander = (build, range, args) => {
  const [variable, predicate] = args as [Expr, Expr];
  const variables = { variable: iterationVariable(variable, 'argument is not an identifier') };
  const step = append(build, variable);
  return collect(build, range, { variables, initial: build.list(), filter: predicate, step });
};

/** The last argument is the transformation, one between the variables and it a filter. */
function transform(initial: 'list' | 'map', step: (build: Builder, args: readonly Expr[]) => Expr): Expander {
  return (build, range, args) =>
    collect(build, range, {
      variables: twoVariables(args),
      initial: initial === 'list' ? build.list() : build.emptyMap(),
      filter: args.length === 4 ? args[2] : undefined,
      step: step(build, args),
    });
}

const transformList = transform('list', (build, args) => append(build, args.at(-1) as Expr));

const transformMap = transform('map', (build, args) =>
  build.call('cel.@mapInsert', build.accumulator, build.ident((args[0] as Ident).name), args.at(-1) as Expr),
);

const transformMapEntry = transform('map', (build, args) =>
  build.call('cel.@mapInsert', build.accumulator, args.at(-1) as Expr),
);

/** Binds a name to a value that is evaluated once, when the name is first read. */
function bind(build: Builder, name: string, [value, result]: readonly [Expr, Expr]): Expr {
  return build.fold(build.list(), {
    variable: '#unused',
    accumulator: name,
    initial: value,
    condition: build.literal(false),
    step: build.ident(name),
    result,
  });
}

function optionalBind(build: Builder, target: Expr, args: readonly Expr[]): Expr {
  const [variable, result] = args as [Ident, Expr];
  return bind(build, variable.name, [build.memberCall(target, 'value'), result]);
}

const optMap: Expander = (build, target, args) => {
  simpleName(args[0], 'optMap() variable name must be a simple identifier');
  return build.call(
    '_?_:_',
    build.memberCall(target, 'hasValue'),
    build.call('optional.of', optionalBind(build, target, args)),
    build.call('optional.none'),
  );
};

const optFlatMap: Expander = (build, target, args) => {
  simpleName(args[0], 'optFlatMap() variable name must be a simple identifier');
  return build.call(
    '_?_:_',
    build.memberCall(target, 'hasValue'),
    optionalBind(build, target, args),
    build.call('optional.none'),
  );
};

const SORT_INPUT = '@__sortBy_input__';

const sortBy: Expander = (build, target, args) => {
  if (!['list', 'select', 'ident', 'comprehension', 'call'].includes(target.kind)) {
    throw new MacroError(
      target,
      'sortBy can only be applied to a list, identifier, comprehension, call or select expression',
    );
  }
  const keys = map(build, build.ident(SORT_INPUT), args);
  const sorted = build.memberCall(build.ident(SORT_INPUT), '@sortByAssociatedKeys', keys);
  return bind(build, SORT_INPUT, [target, sorted]);
};

type Quantifier = typeof all;

function oneVariable(quantifier: Quantifier): Expander {
  return (build, range, args) => {
    const variable = iterationVariable(args[0], 'argument must be a simple name');
    return quantifier(build, range, [{ variable }, args[1] as Expr]);
  };
}

function overPairs(quantifier: Quantifier): Expander {
  return (build, range, args) => quantifier(build, range, [twoVariables(args), args[2] as Expr]);
}

const MACROS: ReadonlyMap<string, Expander> = new Map([
  ['global has/1', has],
  ['member all/2', oneVariable(all)],
  ['member all/3', overPairs(all)],
  ['member exists/2', oneVariable(exists)],
  ['member exists/3', overPairs(exists)],
  ['member exists_one/2', oneVariable(existsOne)],
  ['member exists_one/3', overPairs(existsOne)],
  ['member existsOne/3', overPairs(existsOne)],
  ['member map/2', map],
  ['member map/3', map],
  ['member filter/2', filter],
  ['member transformList/3', transformList],
  ['member transformList/4', transformList],
  ['member transformMap/3', transformMap],
  ['member transformMap/4', transformMap],
  ['member transformMapEntry/3', transformMapEntry],
  ['member transformMapEntry/4', transformMapEntry],
  ['member optMap/2', optMap],
  ['member optFlatMap/2', optFlatMap],
  ['member sortBy/2', sortBy],
]);

function simpleName(expr: Expr | undefined, error: string): string {
  if (expr?.kind === 'ident') return expr.name;
  throw new MacroError(expr as Expr, error);
}

function iterationVariable(expr: Expr | undefined, error: string): string {
  const name = simpleName(expr, error);
  if (name === '__result__') {
    throw new MacroError(expr as Expr, 'iteration variable overwrites accumulator variable');
  }
  return name;
}

function twoVariables(args: readonly Expr[]): Variables {
  const [first, second] = args as [Expr, Expr];
  const variable = simpleName(first, 'argument must be a simple name');
  const secondVariable = simpleName(second, 'argument must be a simple name');
  if (variable === secondVariable) throw new MacroError(second, `duplicate variable name: ${variable}`);
  iterationVariable(first, '');
  iterationVariable(second, '');
  return { variable, secondVariable };
}
