import type { Call, Expr } from './syntax/expr.ts';
import { formatValue } from './value-text.ts';

/** An expression as text; undefined where it holds a macro, which is gone from the tree. */
export function unparse(expr: Expr): string | undefined {
  switch (expr.kind) {
    case 'literal':
      return formatValue(expr.value);
    case 'ident':
      return expr.name;
    case 'select':
      return unparseSelect(expr.operand, { field: expr.field, isTest: expr.isTest });
    case 'call':
      return unparseCall(expr);
    case 'list':
      return enclose('[', expr.elements.map(unparse), ']');
    case 'map':
    case 'struct':
    case 'comprehension':
      return undefined;
  }
}

function unparseSelect(
  operand: Expr,
  { field, isTest }: { field: string; isTest: boolean },
): string | undefined {
  const inner = unparse(operand);
  if (inner === undefined) return undefined;
  return isTest ? `has(${inner}.${field})` : `${inner}.${field}`;
}

/** Operators that stand between their operands, by the name of their function. */
const INFIX = /^_(?<operator>&&|\|\||==|!=|<=|>=|<|>|\+|-|\*|\/|%)_$/;

function unparseCall({ name, target, args }: Call): string | undefined {
  const operator = name === '@in' ? 'in' : INFIX.exec(name)?.groups?.['operator'];
  const parts = args.map(unparse);
  const [first, second, third] = parts;
  if (parts.includes(undefined)) return undefined;
  if (operator !== undefined) return `(${first} ${operator} ${second})`;
  switch (name) {
    case '!_':
      return `!${first}`;
    case '-_':
      return `-${first}`;
    case '_[_]':
      return `${first}[${second}]`;
    case '_[?_]':
      return `${first}[?${second}]`;
    case '_?._':
      return `${first}.?${second === undefined ? '' : second.slice(1, -1)}`;
    case '_?_:_':
      return `(${first} ? ${second} : ${third})`;
    default: {
      if (name.startsWith('@')) return undefined;
      const receiver = target === undefined ? '' : unparse(target);
      if (receiver === undefined) return undefined;
      return enclose(receiver === '' ? `${name}(` : `${receiver}.${name}(`, parts, ')');
    }
  }
}

function enclose(open: string, parts: readonly (string | undefined)[], close: string): string | undefined {
  return parts.includes(undefined) ? undefined : `${open}${parts.join(', ')}${close}`;
}
