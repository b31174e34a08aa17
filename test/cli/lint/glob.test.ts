import { describe, expect, it } from 'vitest';
import { parseGlobs } from '../../../src/cli/lint/glob.ts';

function matches(glob: string, path: string): boolean {
  return parseGlobs(glob).some((one) => one.matches(path));
}

describe('a glob', () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ['*.yaml', ['a.yaml', '*.yaml'], ['a/b.yaml', 'a.yml', '.hidden.yaml', 'a.yaml.bak']],
    ['.*.yaml', ['.hidden.yaml'], ['a.yaml']],
    ['a?.yaml', ['ab.yaml'], ['a.yaml', 'abc.yaml', 'a/.yaml']],
    ['**', ['a', 'a/b/c'], []],
    ['**/*.yaml', ['a.yaml', 'a/b.yaml', 'a/b/c.yaml'], ['a/b']],
    ['a/**/b/**/c', ['a/b/c', 'a/x/b/c', 'a/b/y/z/c', 'a/b/b/b/c'], ['a/c', 'a/x/c', 'b/c', 'a/b/c/d']],
    ['a**b', ['ab', 'axb'], ['a/b']],
    ['./a/../*.yaml', ['b.yaml'], ['a/b.yaml']],
    ['../*.yaml', ['../a.yaml'], ['a.yaml']],
    ['/etc/*.yaml', ['/etc/a.yaml'], ['etc/a.yaml', '/etc/x/a.yaml']],
    ['{a,b/*}.{yaml,yml}', ['a.yaml', 'a.yml', 'b/x.yaml'], ['b.yaml', '{a,b/*}.yaml']],
    ['{$&,a}*', ['$&x', 'a'], ['b']],
    ['{a,{b,c}}', ['a', 'b', 'c'], ['d']],
    // What means something in a regular expression means nothing here.
    ['a.[b]+(c|d)$*', ['a.[b]+(c|d)$x'], ['a.bcx', 'axb']],
    ['\\d*', ['\\d1'], ['1']],
  ])('%s', (glob, fitting, others) => {
    expect(fitting.filter((path) => !matches(glob, path))).toEqual([]);
    expect(others.filter((path) => matches(glob, path))).toEqual([]);
  });

  it('is below a folder', () => {
    const folders = ['*.yaml', 'a/b/*.yaml', '/*', '/etc/**/x', 'a/{b,c*}/d', '../*'].map((text) =>
      parseGlobs(text).map(({ folder }) => folder),
    );
    expect(folders).toEqual([['.'], ['a/b/'], ['/'], ['/etc/'], ['a/b/', 'a/'], ['../']]);
  });

  it.each(['a.yaml', 'a{b}', 'a{}', '[ab]', '{a,b}'.repeat(9)])('is not %s', (text) => {
    expect(parseGlobs(text)).toEqual([]);
  });

  it('is matched in bounded steps', () => {
    const name = 'a'.repeat(2000);
    expect(matches(`${'*a'.repeat(500)}b`, name)).toBe(false);
    expect(matches(`${'**/'.repeat(100)}b`, 'a/'.repeat(100))).toBe(false);
  });
});
