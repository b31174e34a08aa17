import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { replaceFile } from '../../src/cli/replace-file.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'replace-file-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('a file that is replaced', () => {
  it('is not kept from it by what a killed process of the same id left, as in a container each has', () => {
    const path = join(folder, 'revoked.yaml');
    writeFileSync(path, 'old');
    writeFileSync(`${path}.${process.pid}.tmp`, 'half of it');
    replaceFile(path, 'new');
    expect(readFileSync(path, 'utf8')).toBe('new');
    expect(readdirSync(folder)).toEqual(['revoked.yaml']);
  });
});
