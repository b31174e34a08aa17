import { describe, expect, it } from 'vitest';
import { PARTIAL_FUNCTIONS } from '../../../src/cel/analysis/partial-functions.ts';
import { compileExpression } from '../../../src/cel/compile.ts';
import { environments } from '../../../src/cel/environment.ts';
import type { Overload } from '../../../src/cel/overload.ts';
import { formatType } from '../../../src/cel/type.ts';

/** Values of each type, those at its edges among them. */
const SAMPLES: Readonly<Record<string, readonly string[]>> = {
  bool: ['true', 'false'],
  int: ['0', '1', '-1', '-9223372036854775808', '9223372036854775807', '5', '253402300800'],
  uint: ['0u', '1u', '18446744073709551615u'],
  double: ['0.0', '1.5', '-1.0', '1e308'],
  string: [
    '""',
    '"a"',
    '"abc"',
    '"10"',
    '"10.0.0.1"',
    '"10.0.0.0/8"',
    '"true"',
    '"1h"',
    '"1Gi"',
    '"1.2.3"',
    '"https://a.b/c"',
    '"["',
    '"%s"',
    '"99999999999999999999"',
    '"é😀"',
  ],
  bytes: ['b""', 'b"a"', 'b"\\xff"'],
  'google.protobuf.Duration': [
    'duration("0s")',
    'duration("1h")',
    'duration("2562047h47m16.854775807s")',
    'duration("-2562047h47m16.854775807s")',
  ],
  'google.protobuf.Timestamp': [
    'timestamp("0001-01-01T00:00:00Z")',
    'timestamp("9999-12-31T23:59:59.999999999Z")',
    'timestamp("2024-01-01T00:00:00Z")',
  ],
  'net.IP': ['ip("10.0.0.1")', 'ip("::1")'],
  'net.CIDR': ['cidr("10.0.0.0/8")', 'cidr("::/0")'],
  'kubernetes.URL': ['url("https://u@a.b:80/c?d=e")', 'url("/x")'],
  'kubernetes.Quantity': ['quantity("1Gi")', 'quantity("0.5")', 'quantity("-1")'],
  'kubernetes.Semver': ['semver("1.2.3")', 'semver("0.0.1-a+b")'],
  'kubernetes.NamedFormat': ['format.dns1123Label()', 'format.byte()'],
};

function samplesOf(type: string): readonly string[] {
  const known = SAMPLES[type];
  if (known !== undefined) return known;
  if (/^<.*>$/.test(type) || type === 'dyn') return ['1', '"a"'];
  const [, container = '', inner = ''] = /^(list|optional_type|map)\((.*)\)$/.exec(type) ?? [];
  if (container === 'list') {
    const elements = samplesOf(inner);
    return ['[]', `[${elements[0]}]`, `[${elements.join(', ')}]`];
  }
  if (container === 'optional_type') return [`optional.of(${samplesOf(inner)[0]})`, 'optional.none()'];
  return container === 'map' ? ['{}', '{"a": 1}'] : [];
}

/** A call as it is written. */
function callOf({ name, isMember }: Overload, args: readonly string[]): string | undefined {
  const operator = /^_(.+)_$/.exec(name)?.[1];
  if (name === '_[_]') return `${args[0]}[${args[1]}]`;
  if (name === '_[?_]') return `${args[0]}[?${args[1]}]`;
  if (operator !== undefined && args.length === 2 && !name.includes('[') && !name.includes('?')) {
    return `(${args[0]}) ${operator} (${args[1]})`;
  }
  if (/^[!-]_$/.test(name)) return `${name[0]}(${args[0]})`;
  if (/^[@_]/.test(name) || name.startsWith('cel.@')) return undefined;
  return isMember ? `(${args[0]}).${name}(${args.slice(1).join(', ')})` : `${name}(${args.join(', ')})`;
}

function product(pools: readonly (readonly string[])[]): readonly (readonly string[])[] {
  return pools.reduce<readonly (readonly string[])[]>(
    (rows, pool) => rows.flatMap((row) => pool.map((value) => [...row, value])),
    [[]],
  );
}

function fails(call: string): boolean {
  const compilation = compileExpression(`[${call}].size() == 1`, environments.user, 'bool');
  if (!compilation.ok) return compilation.error.startsWith('program instantiation failed');
  return compilation.program.evaluate({}).kind === 'error';
}

describe('the table of functions that can fail', () => {
  it('has every one that fails for some sample of its types, but for comparisons with NaN, which nothing here makes', () => {
    const missing: string[] = [];
    let tried = 0;
    for (const overload of [...environments.user.declarations.functions.values()].flat()) {
      if (PARTIAL_FUNCTIONS.has(overload.id)) continue;
      for (const args of product(overload.parameters.map((type) => samplesOf(formatType(type))))) {
        const call = callOf(overload, args);
        // Keys of lists and maps do not load at all.
        if (call === undefined || /\[\??[[{]/.test(call)) continue;
        tried += 1;
        if (fails(call)) missing.push(`${overload.id}: ${call}`);
      }
    }
    expect(tried).toBeGreaterThan(1500);
    expect(missing).toEqual([]);
  });

  it('names functions that there are', () => {
    const ids = new Set([...environments.user.declarations.functions.values()].flat().map(({ id }) => id));
    expect([...PARTIAL_FUNCTIONS.keys()].filter((id) => !ids.has(id))).toEqual([]);
  });
});
