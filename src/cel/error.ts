/**
 * The outcome of an operation that CEL calls an error: `1/0`, a missing key, a bad conversion. It is a value, returned and
 * never thrown, so that `&&`, `||`, `all` and `exists` can absorb it without unwinding the stack.
 */
export class CelError {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/** The error that cel-go gives when no overload takes the values found at run time. */
export function noSuchOverload(detail?: string): CelError {
  return new CelError(detail === undefined ? 'no such overload' : `no such overload: ${detail}`);
}

/**
 * Thrown where cel-go's own code panics, e.g. over bytes as the key of a map: its evaluation ends with an error that nothing
 * absorbs, and so does ours.
 */
export class EvaluationPanic extends Error {
  constructor(message: string) {
    super(`internal error: ${message}`);
  }
}

/** The panic over a key that Go cannot hash. */
export function unhashable(): EvaluationPanic {
  return new EvaluationPanic('runtime error: hash of unhashable type types.Bytes');
}
