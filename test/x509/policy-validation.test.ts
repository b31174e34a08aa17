import { describe, expect, it } from 'vitest';
import type { Certificate } from '../../src/x509/certificate.ts';
import { arePoliciesValid } from '../../src/x509/policy-validation.ts';
import { element, extension, integer, objectIdentifier, sequence } from './der-writer.ts';
import { entity, issue, parsed } from './raw-certificate.ts';

const ANY = '2.5.29.32.0';
const GOLD = '1.2.3.1';
const SILVER = '1.2.3.2';

const root = entity('root');
const middle = entity('middle');
const leaf = entity('leaf');

function policies(...ids: readonly string[]): Buffer {
  return extension('2.5.29.32', sequence(...ids.map((id) => sequence(objectIdentifier(id)))));
}

function mapping(issuer: string, subject: string): Buffer {
  return sequence(objectIdentifier(issuer), objectIdentifier(subject));
}

function mappings(...pairs: readonly Buffer[]): Buffer {
  return extension('2.5.29.33', sequence(...pairs));
}

/** PolicyConstraints: requireExplicitPolicy and inhibitPolicyMapping. */
function constraints(explicitPolicy?: number, inhibitMapping?: number): Buffer {
  const counts = [explicitPolicy, inhibitMapping].flatMap((count, tag) =>
    count === undefined ? [] : element(0x80 | tag, Buffer.of(count)),
  );
  return extension('2.5.29.36', sequence(...counts));
}

function inhibitAny(count: bigint): Buffer {
  return extension('2.5.29.54', integer(count));
}

/** A path of these extensions, leaf first, under an anchor without policies. */
function pathOf(...certificates: readonly (readonly Buffer[])[]): readonly Certificate[] {
  const path = certificates.map((extensions, index) =>
    parsed(issue(index === 0 ? leaf : entity(`middle${index}`), middle, { extensions })),
  );
  return [...path, parsed(issue(root, root))];
}

const EXPLICIT = constraints(0);

describe('certificate policies', () => {
  it.each([
    ['nobody demands any', [[], []]],
    ['nobody demands any, and those there are do not agree', [[policies(GOLD)], [policies(SILVER)]]],
    ['one goes from end to end', [[policies(GOLD)], [policies(GOLD), EXPLICIT]]],
    ['any is named above', [[policies(GOLD)], [policies(ANY), EXPLICIT]]],
    ['any is named below', [[policies(ANY)], [policies(GOLD), EXPLICIT]]],
    [
      'one is mapped to another',
      [[policies(SILVER)], [policies(GOLD), mappings(mapping(GOLD, SILVER)), EXPLICIT]],
    ],
    [
      'one is mapped to several',
      [
        [policies(SILVER)],
        [policies(GOLD), mappings(mapping(GOLD, '1.2.9'), mapping(GOLD, SILVER)), EXPLICIT],
      ],
    ],
    [
      'any stands for the one that is mapped',
      [[policies(SILVER)], [policies(ANY), mappings(mapping(GOLD, SILVER)), EXPLICIT]],
    ],
    ['the demand comes too late', [[], [policies(GOLD), constraints(2)]]],
    [
      'the demand is negative, which means nothing',
      [[], [extension('2.5.29.36', sequence(element(0x80, Buffer.of(0xff))))]],
    ],
    ['any is inhibited further down only', [[policies(ANY)], [policies(GOLD), EXPLICIT, inhibitAny(1n)]]],
  ])('are valid where %s', (_, certificates) => {
    expect(arePoliciesValid(pathOf(...certificates))).toBe(true);
  });

  it.each([
    ['one is demanded and the leaf has none', [[], [policies(GOLD), EXPLICIT]]],
    ['one is demanded and the authority has none', [[policies(GOLD)], [EXPLICIT]]],
    ['one is demanded and there is another', [[policies(SILVER)], [policies(GOLD), EXPLICIT]]],
    ['the leaf demands one itself', [[EXPLICIT]]],
    ['the demand takes effect after one more', [[], [], [policies(GOLD), constraints(1)]]],
    [
      'the one that there is was mapped to another',
      [[policies(GOLD)], [policies(GOLD), mappings(mapping(GOLD, SILVER)), EXPLICIT]],
    ],
    ['any is mapped', [[policies(GOLD)], [policies(GOLD, ANY), mappings(mapping(ANY, GOLD)), EXPLICIT]]],
    ['it is mapped to any', [[policies(GOLD)], [policies(GOLD), mappings(mapping(GOLD, ANY))]]],
    [
      'mapping is inhibited',
      [
        [policies(SILVER)],
        [policies(GOLD), mappings(mapping(GOLD, SILVER))],
        [policies(GOLD), constraints(0, 0)],
      ],
    ],
    [
      'mapping is inhibited, and so is what would have been mapped',
      [
        [policies(GOLD)],
        [policies(GOLD), mappings(mapping(GOLD, SILVER))],
        [policies(GOLD), constraints(0, 0)],
      ],
    ],
    ['any is inhibited', [[policies(ANY)], [policies(GOLD), EXPLICIT, inhibitAny(0n)]]],
    [
      'an authority between has none of them',
      [[policies(GOLD)], [policies(SILVER)], [policies(GOLD), EXPLICIT]],
    ],
  ])('are not valid where %s', (_, certificates) => {
    expect(arePoliciesValid(pathOf(...certificates))).toBe(false);
  });

  it('do not count on the anchor', () => {
    const anchor = parsed(issue(root, root, { extensions: [policies(SILVER), EXPLICIT] }));
    expect(arePoliciesValid([parsed(issue(leaf, root)), anchor])).toBe(true);
    expect(arePoliciesValid([anchor])).toBe(true);
  });

  it('count down by no self-issued authority', () => {
    const selfIssued = parsed(issue(middle, middle));
    const demanding = parsed(issue(middle, root, { extensions: [constraints(2)] }));
    const anchor = parsed(issue(root, root));
    const end = parsed(issue(leaf, middle));
    expect(arePoliciesValid([end, selfIssued, demanding, anchor])).toBe(true);
    expect(arePoliciesValid([end, parsed(issue(entity('other'), middle)), demanding, anchor])).toBe(false);
  });

  it('let a self-issued authority name any where others may not', () => {
    const demanding = parsed(issue(middle, root, { extensions: [policies(GOLD), EXPLICIT, inhibitAny(0n)] }));
    const anchor = parsed(issue(root, root));
    const end = parsed(issue(leaf, middle, { extensions: [policies(GOLD)] }));
    const selfIssued = parsed(issue(middle, middle, { extensions: [policies(ANY)] }));
    const other = parsed(issue(entity('other'), middle, { extensions: [policies(ANY)] }));
    expect(arePoliciesValid([end, selfIssued, demanding, anchor])).toBe(true);
    expect(arePoliciesValid([end, other, demanding, anchor])).toBe(false);
  });
});
