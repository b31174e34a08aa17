import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { applyChange } from './mutant.ts';
import { mutants } from './mutants.ts';

const SOURCE = new URL('../../src/', import.meta.url);

describe('every fault', () => {
  it.each(mutants)('has its place in the source: $name', ({ changes }) => {
    for (const change of changes) {
      const source = readFileSync(new URL(change.file, SOURCE), 'utf8');
      expect(applyChange(source, change)).not.toBe(source);
    }
  });

  it('has a name of its own', () => {
    expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
  });
});

describe('a change', () => {
  it('is made where its place is', () => {
    expect(applyChange('a b c', { file: 'x.ts', find: 'b', replace: '$&' })).toBe('a $& c');
  });

  it.each(['nowhere', 'twice twice'])('is refused where its place is %s', (source) => {
    expect(() => applyChange(source, { file: 'x.ts', find: 'twice', replace: '' })).toThrow(/exactly one/);
  });
});
