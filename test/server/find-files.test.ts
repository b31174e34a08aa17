import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFiles } from '../../src/server/find-files.ts';

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'find-'));
  for (const name of [
    'a.pem',
    'b.crt',
    'c.cer',
    'notes.txt',
    '.hidden.pem',
    'sub/d.pem',
    'sub/e.pem',
    'other/f.pem',
  ]) {
    mkdirSync(join(directory, name, '..'), { recursive: true });
    writeFileSync(join(directory, name), '');
  }
  mkdirSync(join(directory, 'directory.pem'));
  mkdirSync(join(directory, '..data'));
  writeFileSync(join(directory, '..data', 'g.pem'), '');
  symlinkSync(join('..data', 'g.pem'), join(directory, 'g.pem'));
  symlinkSync('nowhere', join(directory, 'broken.pem'));
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

const find = (pattern: string): readonly string[] =>
  findFiles(join(directory, pattern)).files.map((file) => file.slice(directory.length + 1));

describe('the files of a path are', () => {
  it.each<[string, string, readonly string[]]>([
    ['a file itself, whatever its name', 'notes.txt', ['notes.txt']],
    ['the certificates in a directory', '', ['a.pem', 'b.crt', 'c.cer', 'g.pem']],
    ['those in a directory below', 'sub', ['sub/d.pem', 'sub/e.pem']],
    ['those that a star matches', '*.pem', ['a.pem', 'g.pem']],
    ['those that a question mark matches', '?.cr?', ['b.crt']],
    ['those in directories that a star matches', '*/*.pem', ['other/f.pem', 'sub/d.pem', 'sub/e.pem']],
    ['hidden ones, for a pattern with a dot', '.h*', ['.hidden.pem']],
    ['none, where nothing matches', '*.der', []],
    ['none, where the directory does not exist', 'nowhere/*.pem', []],
    ['all, for a star alone', 'sub/*', ['sub/d.pem', 'sub/e.pem']],
    ['those with several stars', '*o*/*.p*m', ['other/f.pem']],
  ])('%s', (_, pattern, expected) => {
    expect(find(pattern)).toEqual(expected);
  });
  it.each([
    ['a file', 'a.pem', 'name'],
    ['a directory', 'sub', 'search'],
    ['a pattern', 'a.*', 'search'],
  ])('found by name or by search: %s', (_, pattern, by) => {
    expect(findFiles(join(directory, pattern)).by).toBe(by);
  });
  it('an error where there is no such file', () => {
    expect(() => find('missing.pem')).toThrow(/ENOENT.*missing\.pem/);
  });
  it('matched in bounded time, however many stars there are', () => {
    expect(find(`${'*a'.repeat(2000)}b`)).toEqual([]);
  });
});
