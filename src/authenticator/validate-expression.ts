import { type FieldError, required, tooLong } from './field-error.ts';

/** Our limit; kube-apiserver has none. */
const MAX_EXPRESSION_BYTES = 10 * 1024;

/** What is wrong with an expression before it is compiled. */
export function validateExpression(path: string, expression: string): FieldError | undefined {
  if (expression === '') return required(path);
  return Buffer.byteLength(expression) > MAX_EXPRESSION_BYTES
    ? tooLong(path, MAX_EXPRESSION_BYTES)
    : undefined;
}
