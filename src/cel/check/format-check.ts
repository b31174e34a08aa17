import type { CheckedExpr } from './checked.ts';
import { CelError } from '../error.ts';
import { type FormatArguments, type FormatVerb, clauseError, readFormat } from '../library/format-clause.ts';
import type { Call, Expr } from '../syntax/expr.ts';
import type { Type, TypeKind } from '../type.ts';

/** Takes note of an issue at a node. */
export type Report = (node: Expr, message: string) => void;

/** What each clause takes; every one takes dyn, which is told while evaluating. */
const ACCEPTED: Readonly<Record<FormatVerb, readonly TypeKind[]>> = {
  s: [
    'list',
    'map',
    'int',
    'uint',
    'double',
    'bool',
    'string',
    'timestamp',
    'bytes',
    'duration',
    'type',
    'null',
  ],
  d: ['int', 'uint'],
  f: ['double', 'string'],
  e: ['double', 'string'],
  b: ['int', 'uint', 'bool'],
  o: ['int', 'uint'],
  x: ['int', 'uint', 'string', 'bytes'],
  X: ['int', 'uint', 'string', 'bytes'],
};

/** Holds a format string that is written out against arguments that are, as cel-go's validator does. */
export function checkFormat(call: Call, { calls, types }: CheckedExpr, report: Report): void {
  const [list] = call.args;
  const format = formatString(call);
  if (calls.get(call)?.overloads[0]?.id !== 'string_format' || format === undefined) return;
  if (list?.kind !== 'list') return;
  let offending: Expr = call;
  const { elements } = list;
  const values: FormatArguments = {
    size: elements.length,
    isCheckedFirst: false,
    format({ verb }, index) {
      const wrong = findWrong(elements[index] as Expr, verb, types);
      if (wrong === undefined) return '';
      offending = wrong;
      return clauseError(verb, (types.get(wrong) as Type).name);
    },
  };
  const read = readFormat(format, values);
  if (read instanceof CelError) report(offending, read.message);
  else if (elements.length > read.argumentsRead) {
    const counts = `expected ${read.argumentsRead}, got ${elements.length}`;
    report(call, `too many arguments supplied to string.format (${counts})`);
  }
}

function formatString({ target }: Call): string | undefined {
  return target?.kind === 'literal' && typeof target.value === 'string' ? target.value : undefined;
}

/** The argument, or the part of it, that the clause does not take. */
function findWrong(expr: Expr, verb: FormatVerb, types: ReadonlyMap<Expr, Type>): Expr | undefined {
  const { kind } = types.get(expr) as Type;
  if (kind !== 'dyn' && !ACCEPTED[verb].includes(kind)) return expr;
  if (verb !== 's') return undefined;
  const parts =
    expr.kind === 'list'
      ? expr.elements
      : expr.kind === 'map'
        ? expr.entries.flatMap(({ key, value }) => [key, value])
        : [];
  for (const part of parts) {
    const wrong = findWrong(part, verb, types);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}
