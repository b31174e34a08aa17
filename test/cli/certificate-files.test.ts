import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findCertificateFiles } from '../../src/cli/certificate-files.ts';

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'files-'));
  for (const name of ['a/b', '.git', 'c*']) mkdirSync(join(directory, name), { recursive: true });
  for (const name of [
    'one.pem',
    'two.crt',
    'three.DER',
    'notes.txt',
    'a/four.cer',
    'a/b/five.pem',
    '.six.pem',
    'c*/x.pem',
    '.git/y.pem',
  ])
    writeFileSync(join(directory, name), '');
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('the files that an argument stands for', () => {
  const find = (name: string): string[] =>
    findCertificateFiles([`${directory}/${name}`]).map(({ path }) => path.slice(directory.length + 1));
  it.each<[string, string, string[]]>([
    ['a file, whatever its name', 'notes.txt', ['notes.txt']],
    ['a directory, and what is below it', 'a', ['a/b/five.pem', 'a/four.cer']],
    ['a pattern', '*.pem', ['one.pem']],
    ['a pattern in the middle', 'a/*/*.pem', ['a/b/five.pem']],
    ['one character', 't?o.crt', ['two.crt']],
    ['several stars', '*o*.*', ['notes.txt', 'one.pem', 'two.crt']],
    ['a hidden file, by a pattern that is hidden, too', '.*.pem', ['.six.pem']],
    ['a directory with a star in its name', 'c*', ['c*/x.pem']],
    ['no regular expression', 'one.p*m', ['one.pem']],
  ])('%s', (_, name, expected) => {
    expect(find(name)).toEqual(expected);
  });
  it.each([
    ['a pattern that nothing fits', 'o(n|e)*.pem'],
    ['a dot that is a dot', 'one?pe.*'],
    ['a directory without certificates', 'a/b/../../nowhere'],
  ])('refuses %s', (_, name) => {
    expect(() => find(name)).toThrow(/no certificate files there|cannot read/);
  });
  it('is found in an instant, however many stars there are', () => {
    writeFileSync(join(directory, `${'a'.repeat(200)}.pem`), '');
    expect(() => find(`${'*a'.repeat(100)}*b.crt`)).toThrow('no certificate files there');
  });
});
