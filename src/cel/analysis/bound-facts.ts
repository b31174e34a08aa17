import type { Expr } from '../syntax/expr.ts';
import type { ExaminedExpression } from './examined-expression.ts';
import { callKey } from './expression-keys.ts';
import { type Facts, hasElements, hasValue } from './guard-facts.ts';

const EXTRA = callKey('_._', ['user', '"extra"']);
const USERNAME = callKey('_._', ['user', '"username"']);
const REMOTE_ADDRESS = callKey('_._', ['request', '"remoteaddr"']);

/** What holds of every input: a rule that reads `request.remoteaddr` is evaluated on an address, and no user is without a name. */
export const BOUND_FACTS: Facts = new Set([
  hasValue(callKey('ip', [REMOTE_ADDRESS])),
  hasElements(REMOTE_ADDRESS, 1),
  hasElements(USERNAME, 1),
]);

/** Functions whose result has as many elements as their list, or none fewer than one of it. */
const KEEPS_ELEMENTS: ReadonlySet<string> = new Set(['sort', 'reverse', 'distinct']);

/** Whether a list has an element on every input. A key of `user.extra` has a value, else it would not be there. */
export function isNeverEmpty(examined: ExaminedExpression, list: Expr): boolean {
  if (list.kind === 'list') return list.elements.length > list.optionals.size;
  if (list.kind === 'select') return examined.keyOf(list.operand) === EXTRA;
  if (list.kind !== 'call') return false;
  const [first, second] = examined.argumentsOf(list);
  if (first === undefined) return false;
  switch (list.name) {
    case '_[_]':
    case '_[?_]':
    case '_?._':
      return examined.keyOf(first) === EXTRA;
    case 'orValue':
      return second !== undefined && isNeverEmpty(examined, first) && isNeverEmpty(examined, second);
    case 'value':
      return isNeverEmpty(examined, first);
    case 'split':
      return list.args.length === 1;
    case '_+_':
      return isNeverEmpty(examined, first) || (second !== undefined && isNeverEmpty(examined, second));
    default:
      return KEEPS_ELEMENTS.has(list.name) && isNeverEmpty(examined, first);
  }
}
