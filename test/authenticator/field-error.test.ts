import { describe, expect, it } from 'vitest';
import {
  duplicate,
  type FieldError,
  forbidden,
  formatFieldError,
  formatFieldErrors,
  internal,
  invalid,
  invalidTyped,
  required,
  tooLong,
  tooMany,
  toIssue,
  unsupported,
} from '../../src/authenticator/field-error.ts';
import { loadConfig } from '../../src/config/decode.ts';

describe('a field error is worded as Kubernetes words it', () => {
  const cases: readonly (readonly [string, FieldError, string])[] = [
    ['required', required('a.b'), 'a.b: Required value'],
    ['required, with a reason', required('a', 'set it'), 'a: Required value: set it'],
    ['invalid', invalid('a', 'x', 'too short'), 'a: Invalid value: "x": too short'],
    ['invalid and empty', invalid('a', '', 'too short'), 'a: Invalid value: "": too short'],
    [
      'a list',
      invalidTyped('a', [{ Path: '/<b>' }], 'no'),
      'a: Invalid value: [{"Path":"/\\u003cb\\u003e"}]: no',
    ],
    ['duplicate', duplicate('a', 'x'), 'a: Duplicate value: "x"'],
    ['forbidden', forbidden('a', 'not here'), 'a: Forbidden: not here'],
    ['too many', tooMany('a', 3, 2), 'a: Too many: 3: must have at most 2 items'],
    ['too many of one', tooMany('a', 2, 1), 'a: Too many: 2: must have at most 1 item'],
    ['too long', tooLong('a', 10), 'a: Too long: may not be more than 10 bytes'],
    [
      'unsupported',
      unsupported('a', 'x', ['y', 'z']),
      'a: Unsupported value: "x": supported values: "y", "z"',
    ],
    ['internal', internal('a', 'why'), 'a: Internal error: why'],
  ];
  it.each(cases)('%s', (_name, error, text) => {
    expect(formatFieldError(error)).toBe(text);
  });

  it.each([
    ['quotes and backslashes', 'a"\\', '"a\\"\\\\"'],
    ['control characters', '\n\t\0\u007f\u0085', '"\\n\\t\\x00\\x7f\\u0085"'],
    ['letters beyond ASCII as they are', 'bücher 😀', '"bücher 😀"'],
    ['spaces and marks that cannot be seen', '\u00a0\u200b\u{e0001}', '"\\u00a0\\u200b\\U000e0001"'],
    ['half a surrogate pair', '\ud800', '"\ufffd"'],
  ])('and quotes values as Go does: %s', (_name, value, quoted) => {
    expect(formatFieldError(duplicate('a', value))).toBe(`a: Duplicate value: ${quoted}`);
  });
});

describe('several field errors', () => {
  it('are one bare, and more in brackets, each once and in order', () => {
    expect(formatFieldErrors([required('a')])).toBe('a: Required value');
    expect(formatFieldErrors([required('b'), required('a'), required('b')])).toBe(
      '[b: Required value, a: Required value]',
    );
  });
});

describe('a field error in a file', () => {
  const text = `apiVersion: apiserver.config.k8s.io/v1
kind: AuthenticationConfiguration
x509:
- issuer: {name: a}
  userValidationRules:
  - expression: |
      user.username == "a" &&
      usr.uid == "b"
`;
  const result = loadConfig(text);
  const source = result.kind === 'config' ? result.config.source : undefined;
  const path = 'x509[0].userValidationRules[0].expression';

  it('stands where the field does', () => {
    expect(source && toIssue(invalid('x509[0].issuer.name', 'a', 'no'), source)).toMatchObject({
      id: 'field/invalid',
      path: 'x509[0].issuer.name',
      severity: 'error',
      message: 'x509[0].issuer.name: Invalid value: "a": no',
      line: 4,
      column: 18,
      endLine: 4,
      endColumn: 19,
    });
  });
  it('or inside it, where the fault of an expression is', () => {
    const error = { ...invalid(path, 'x', 'no'), position: { line: 2, column: 0 } };
    expect(source && toIssue(error, source)).toMatchObject({ line: 8, column: 7, endLine: 8, endColumn: 8 });
  });
});
