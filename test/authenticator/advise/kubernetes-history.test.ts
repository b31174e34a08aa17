import { describe, expect, it } from 'vitest';
import { laterLibraryOf } from '../../../src/authenticator/advise/kubernetes-history.ts';
import { isBefore, parseKubernetesVersion } from '../../../src/authenticator/advise/kubernetes-version.ts';
import { environments } from '../../../src/cel/environment.ts';

const overloads = [...environments.claims.declarations.functions.values()].flat();

/** The functions of each release's new libraries, by name. */
function functionsSince(version: string): readonly string[] {
  const names = overloads.filter(({ id }) => laterLibraryOf(id)?.since === version).map(({ name }) => name);
  return [...new Set(names)].toSorted((a, b) => (a < b ? -1 : 1));
}

describe('the history of CEL in Kubernetes', () => {
  it('has the functions of every library that came after 1.30', () => {
    expect(functionsSince('1.31')).toEqual(
      expect.arrayContaining([
        'format.named',
        'validate',
        'format.dns1123Label',
        'format.uuid',
        'fieldSelector',
      ]),
    );
    expect(functionsSince('1.32')).toEqual(['cel.@mapInsert']);
    expect(functionsSince('1.33')).toEqual([
      'compareTo',
      'first',
      'isGreaterThan',
      'isLessThan',
      'isSemver',
      'last',
      'major',
      'minor',
      'optional.unwrap',
      'patch',
      'semver',
      'unwrapOpt',
    ]);
    expect(functionsSince('1.34')).toEqual([
      '@sortByAssociatedKeys',
      'distinct',
      'flatten',
      'lists.range',
      'reverse',
      'slice',
      'sort',
    ]);
  });

  it.each([
    'size',
    'matches',
    'indexOf',
    'join',
    'format',
    'isIP',
    'containsIP',
    'quantity',
    'url',
    'sum',
    'min',
    'sets.contains',
    'optional.of',
    'orValue',
    'substring',
    'isSorted',
  ])('has %s from the beginning', (name) => {
    const ids = overloads.filter((overload) => overload.name === name).map(({ id }) => id);
    expect(ids.length).toBeGreaterThan(0);
    expect(ids.map(laterLibraryOf)).toEqual(ids.map(() => undefined));
  });
});

describe('a version of Kubernetes', () => {
  it.each([
    ['1.30', '1.30'],
    ['v1.36.2', '1.36'],
    ['1.37', '1.37'],
    ['1.29', undefined],
    ['1.38', undefined],
    ['1.3', undefined],
    ['1.30-beta', undefined],
  ])('%s is %s', (text, version) => expect(parseKubernetesVersion(text)).toBe(version));

  it('is before another by its number', () => {
    expect([isBefore('1.30', '1.34'), isBefore('1.34', '1.34'), isBefore('1.36', '1.34')]).toEqual([
      true,
      false,
      false,
    ]);
  });
});
