import { compileExpression } from '../src/cel/compile.ts';
import { declareEnvironment } from '../src/cel/environment.ts';
import { InputMap } from '../src/cel/input-value.ts';
import { listType, mapType, STRING } from '../src/cel/type.ts';
import { type CelValue, ObjectValue } from '../src/cel/value.ts';

const TYPE_NAME = 'kubernetes.SubjectAccessReviewSpec';

// As kube-apiserver declares it (kubernetes/apiserver pkg/authorization/cel/compile.go), the attributes left out.
const environment = declareEnvironment({
  request: {
    kind: 'object',
    typeName: TYPE_NAME,
    fields: new Map([
      ['user', STRING],
      ['groups', listType(STRING)],
      ['extra', mapType(STRING, listType(STRING))],
      ['uid', STRING],
    ]),
  },
});

/** Whether a match condition of an AuthorizationConfiguration selects a user's requests. Throws where it cannot be evaluated. */
export function matches(
  expression: string,
  user: string,
  extra: Readonly<Record<string, readonly string[]>> | undefined,
): boolean {
  const compiled = compileExpression(expression, environment, 'bool');
  if (!compiled.ok) throw new Error(compiled.error);
  const request: Record<string, CelValue> = { user };
  if (extra !== undefined) request['extra'] = new InputMap(new Map(Object.entries(extra)));
  const result = compiled.program.evaluate({ request: new ObjectValue(TYPE_NAME, request) });
  if (result.kind !== 'value' || typeof result.value !== 'boolean') throw new Error(JSON.stringify(result));
  return result.value;
}
