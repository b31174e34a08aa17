import { CelError } from '../error.ts';
import { type CostRule, type Overload, overload } from '../overload.ts';
import { traversal } from '../size.ts';
import { compareAmounts, signOf, toApproximateDouble, toInt64 } from './quantity-amount.ts';
import { parseQuantity } from './quantity-parser.ts';
import { type QuantityValue, parseQuantityValue, wholeQuantity } from './quantity-value.ts';
import { withWorkLimit } from './work-limit.ts';

const walked: CostRule = withWorkLimit(([text]) => traversal(text));

const one: CostRule = withWorkLimit(() => 1);

const QUANTITY = 'kubernetes.Quantity';

/** Kubernetes' `kubernetes.Quantity`. */
export const quantityOverloads: readonly Overload[] = [
  overload('string_to_quantity', `quantity(string) -> ${QUANTITY}`, {
    evaluate: parseQuantityValue,
    cost: walked,
  }),
  overload('is_quantity_string', 'isQuantity(string) -> bool', {
    evaluate: (text: string) => !(parseQuantity(text) instanceof CelError),
    cost: walked,
  }),
  overload('quantity_sign', `sign(${QUANTITY}) -> int`, {
    evaluate: ({ amount }: QuantityValue) => BigInt(signOf(amount)),
  }),
  overload('quantity_is_greater_than', `<${QUANTITY}>.isGreaterThan(${QUANTITY}) -> bool`, {
    evaluate: (a: QuantityValue, b: QuantityValue) => compareAmounts(a.amount, b.amount) > 0,
  }),
  overload('quantity_is_less_than', `<${QUANTITY}>.isLessThan(${QUANTITY}) -> bool`, {
    evaluate: (a: QuantityValue, b: QuantityValue) => compareAmounts(a.amount, b.amount) < 0,
  }),
  overload('quantity_compare_to', `<${QUANTITY}>.compareTo(${QUANTITY}) -> int`, {
    evaluate: (a: QuantityValue, b: QuantityValue) => BigInt(compareAmounts(a.amount, b.amount)),
  }),
  overload('quantity_get_float', `<${QUANTITY}>.asApproximateFloat() -> double`, {
    evaluate: ({ amount }: QuantityValue) => toApproximateDouble(amount),
  }),
  overload('quantity_get_int', `<${QUANTITY}>.asInteger() -> int`, {
    evaluate: ({ amount }: QuantityValue) =>
      toInt64(amount) ?? new CelError('cannot convert value to integer'),
  }),
  overload('quantity_is_integer', `<${QUANTITY}>.isInteger() -> bool`, {
    evaluate: ({ amount }: QuantityValue) => toInt64(amount) !== undefined,
  }),
  overload('quantity_add', `<${QUANTITY}>.add(${QUANTITY}) -> ${QUANTITY}`, {
    evaluate: (a: QuantityValue, b: QuantityValue) => a.add(b),
    cost: one,
  }),
  overload('quantity_add_int', `<${QUANTITY}>.add(int) -> ${QUANTITY}`, {
    evaluate: (a: QuantityValue, b: bigint) => a.add(wholeQuantity(b)),
    cost: one,
  }),
  overload('quantity_sub', `<${QUANTITY}>.sub(${QUANTITY}) -> ${QUANTITY}`, {
    evaluate: (a: QuantityValue, b: QuantityValue) => a.subtract(b),
    cost: one,
  }),
  overload('quantity_sub_int', `<${QUANTITY}>.sub(int) -> ${QUANTITY}`, {
    evaluate: (a: QuantityValue, b: bigint) => a.subtract(wholeQuantity(b)),
    cost: one,
  }),
];
