import { describe, expect, it } from 'vitest';
import { environments } from '../../src/cel/environment.ts';
import { CelError } from '../../src/cel/error.ts';
import type { CelResult } from '../../src/cel/value.ts';

const overloads = [...environments.user.declarations.functions.values()].flat();
const ODD: readonly CelResult[] = [new CelError('x'), null, '', 'a', 0n, -1n, [], [1n], true, Number.NaN];

describe('every overload', () => {
  it('has an id of its own within its function', () => {
    const ids = overloads.map(({ id, name }) => `${name} ${id}`);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('charges a number that is not negative, whatever it got and gave, errors included', () => {
    for (const { cost, id, parameters } of overloads) {
      for (const odd of ODD) {
        for (const index of parameters.keys()) {
          const args = parameters.map((_, at) => (at === index ? odd : 'abc'));
          const charged = cost?.(args, odd) ?? 1;
          expect(charged >= 0, `${id}, argument ${index}: ${charged}`).toBe(true);
        }
      }
    }
  });
});
