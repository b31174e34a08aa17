import type { Anonymous } from '../config/types.ts';
import { type FieldError, invalidTyped } from './field-error.ts';

/** Where requests without credentials are let in, as kube-apiserver validates it. */
export function validateAnonymous(path: string, { enabled, conditions }: Anonymous): readonly FieldError[] {
  if (enabled || conditions.length === 0) return [];
  // kube-apiserver prints its internal type here, whose field names are Go's.
  const printed = conditions.map((condition) => ({ Path: condition.path }));
  const detail = 'enabled should be set to true when conditions are defined';
  return [invalidTyped(`${path}.conditions`, printed, detail)];
}
