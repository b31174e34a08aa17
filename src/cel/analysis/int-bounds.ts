import { ACCUMULATOR, type Expr } from '../syntax/expr.ts';
import type { ExaminedExpression } from './examined-expression.ts';

/** The least and the greatest that a whole number can be. */
export interface Bounds {
  readonly least: bigint;
  readonly most: bigint;
}

const INT: Bounds = { least: -(2n ** 63n), most: 2n ** 63n - 1n };

/** No list, map, text or position in one is larger: a certificate is read up to a megabyte at most. */
const SIZE = 2n ** 32n;

/** Functions whose results are sizes, positions or parts of a time. */
const SMALL: ReadonlySet<string> = new Set([
  'size',
  'indexOf',
  'lastIndexOf',
  'family',
  'prefixLength',
  'sign',
  'compareTo',
  'getFullYear',
  'getMonth',
  'getDayOfYear',
  'getDayOfMonth',
  'getDate',
  'getDayOfWeek',
  'getHours',
  'getMinutes',
  'getSeconds',
  'getMilliseconds',
]);

/** What is known of the value of an int, before it is looked at whether it fits. */
export function boundsOf(examined: ExaminedExpression, expr: Expr): Bounds {
  const constant = examined.constantOf(expr);
  if (typeof constant === 'bigint') return { least: constant, most: constant };
  // exists_one counts elements; no other macro's result so far is an int.
  if (expr.kind === 'ident' && expr.name === ACCUMULATOR) return { least: 0n, most: SIZE };
  if (expr.kind !== 'call' || examined.typeOf(expr).kind !== 'int') return INT;
  if (expr.name === 'size') return { least: 0n, most: SIZE };
  if (SMALL.has(expr.name)) return { least: -SIZE, most: SIZE };
  const [left, right] = expr.args.map((arg) => boundsOf(examined, arg));
  if (left === undefined) return INT;
  if (expr.name === '-_') return { least: -left.most, most: -left.least };
  return right === undefined ? INT : combine(expr.name, left, right);
}

/** Whether every value within the bounds is an int. */
export function fits({ least, most }: Bounds): boolean {
  return least >= INT.least && most <= INT.most;
}

function combine(operator: string, a: Bounds, b: Bounds): Bounds {
  if (operator === '_+_') return { least: a.least + b.least, most: a.most + b.most };
  if (operator === '_-_') return { least: a.least - b.most, most: a.most - b.least };
  if (operator === '_*_') {
    const products = [a.least * b.least, a.least * b.most, a.most * b.least, a.most * b.most];
    return {
      least: products.reduce((x, y) => (x < y ? x : y)),
      most: products.reduce((x, y) => (x > y ? x : y)),
    };
  }
  return INT;
}
